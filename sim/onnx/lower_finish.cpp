// SPDX-License-Identifier: Apache-2.0
// The end of a lowering: logits, the order of the steps, their names.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "onnx/lower.h"

namespace cimcycle::onnx_model {

void Lowering::finish() {
  const auto found = flows_.find(model_.output);
  if (found == flows_.end()) fail_input("{}: the output \"{}\" is a constant", model_.file, printable(model_.output));
  const Flow last = found->second;
  need_no_padding(last);
  need_no_selection(last);
  if (last.shape.height != 1 || last.shape.width != 1) {
    fail_input("{}: the output \"{}\" is {} x {} x {}, expected one value per class", model_.file,
               printable(model_.output), last.shape.channels, last.shape.height, last.shape.width);
  }
  const bool is_read =
      last.step != image_input && std::ranges::any_of(steps_.steps, [&](const Step& step) {
        return step.added == last.step || std::ranges::find(step.inputs, last.step) != step.inputs.end();
      });
  const bool fits = last.step != image_input && !is_read && step(last.step).kind != LayerKind::max_pool &&
                    !step(last.step).is_clamped();
  if (!fits) {
    Step logits = plain_step(last);
    logits.name = "logits";
    steps_.steps.push_back(std::move(logits));
  }
  Step& end = fits ? step(last.step) : steps_.steps.back();
  end.is_logits = true;
  if (end.quantization) note("the quantization of the output is left out: logits are exact");
  end.quantization.reset();
  sort_steps();
  std::set<std::string> names;
  for (Step& step : steps_.steps) {
    const std::string name = step.name;
    for (int i = 2; !names.insert(step.name).second; ++i) step.name = fmt::format("{}_{}", name, i);
  }
}

/// Only steps that the output needs, in an order in which inputs come first. A branch of an addition may come later in
/// the file than the convolution that adds it.
void Lowering::sort_steps() {
  std::vector<Step>& steps = steps_.steps;
  const auto end = std::ranges::find_if(steps, &Step::is_logits) - steps.begin();
  std::vector<int> place(steps.size(), -1);
  std::vector<int> order;
  // Depth first, without recursion: a model may be deep.
  std::vector<std::pair<int, bool>> stack = {{static_cast<int>(end), false}};
  while (!stack.empty()) {
    const auto [index, inputs_done] = stack.back();
    stack.pop_back();
    if (place[static_cast<std::size_t>(index)] >= 0) continue;
    if (inputs_done) {
      place[static_cast<std::size_t>(index)] = static_cast<int>(order.size());
      order.push_back(index);
      continue;
    }
    stack.emplace_back(index, true);
    const Step& step = steps[static_cast<std::size_t>(index)];
    if (step.added && *step.added != image_input) stack.emplace_back(*step.added, false);
    for (const int input : step.inputs) {
      if (input != image_input) stack.emplace_back(input, false);
    }
  }
  std::vector<Step> sorted;
  for (const int index : order) {
    Step step = std::move(steps[static_cast<std::size_t>(index)]);
    for (int& input : step.inputs) input = input == image_input ? input : place[static_cast<std::size_t>(input)];
    if (step.added && *step.added != image_input) step.added = place[static_cast<std::size_t>(*step.added)];
    sorted.push_back(std::move(step));
  }
  steps = std::move(sorted);
}

}  // namespace cimcycle::onnx_model
