// SPDX-License-Identifier: Apache-2.0
// The walk over the nodes, and the table of operators.
#include "onnx/lower.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "network/limits.h"

namespace cimcycle::onnx_model {
namespace {

struct Operator {
  std::string_view name;
  LowerNode lower;
};

// The one place that lists the operators.
constexpr Operator operators[] = {
    {"Conv", lower_conv},
    {"Gemm", lower_gemm},
    {"MatMul", lower_matmul},
    {"BatchNormalization", lower_batch_norm},
    {"Add", lower_add},
    {"Sub", lower_sub},
    {"Mul", lower_mul},
    {"Div", lower_div},
    {"Relu", lower_relu},
    {"Clip", lower_clip},
    {"MaxPool", lower_max_pool},
    {"AveragePool", lower_average_pool},
    {"GlobalAveragePool", lower_global_average_pool},
    {"GlobalMaxPool", lower_global_max_pool},
    {"ReduceMean", lower_reduce_mean},
    {"ReduceMax", lower_reduce_max},
    {"Pad", lower_pad},
    {"Slice", lower_slice},
    {"Gather", lower_gather},
    {"Flatten", lower_flatten},
    {"Reshape", lower_reshape},
    {"Squeeze", lower_squeeze},
    {"Unsqueeze", lower_unsqueeze},
    {"Concat", lower_concat},
    {"Identity", lower_identity},
    {"Dropout", lower_identity},
    {"Cast", lower_identity},
    {"Softmax", lower_softmax},
    {"LogSoftmax", lower_softmax},
    {"QuantizeLinear", lower_quantize},
    {"DequantizeLinear", lower_dequantize},
    {"Quant", lower_quant},
};

std::vector<double> per_channel(const std::vector<double>& values, double fallback, int channels,
                                std::string_view what) {
  if (values.empty()) return std::vector<double>(static_cast<std::size_t>(channels), fallback);
  if (values.size() == 1) return std::vector<double>(static_cast<std::size_t>(channels), values.front());
  if (values.size() != static_cast<std::size_t>(channels)) {
    fail_input("--{}: {} values, but the model's input has {} channels; give one, or one for each", what, values.size(),
               channels);
  }
  return values;
}

/// Characters that the name of a layer may hold, at most 90 of them.
std::string layer_name(const std::string& name) {
  std::string result;
  for (const char c : name) result += c > ' ' && c <= '~' ? c : '_';
  while (result.starts_with('/')) result.erase(0, 1);
  if (result.size() > 90) result.resize(90);
  return result.empty() || result == "image" || result == "recorded" ? result + "_" : result;
}

}  // namespace

Lowering::Lowering(const Model& model, const Preprocessing& preprocessing) : model_(model) {
  const std::vector<std::int64_t>& shape = model.input_shape;
  const auto side = [&](std::size_t i) { return static_cast<int>(shape[i]); };
  ImageValues& image = steps_.image;
  image.shape = shape.size() == 3 ? Shape{side(0), side(1), side(2)} : Shape{side(0), 1, 1};
  image.scale = per_channel(preprocessing.std, 1, image.shape.channels, "std");
  image.offset = per_channel(preprocessing.mean, 0, image.shape.channels, "mean");
  for (std::size_t c = 0; c < image.scale.size(); ++c) {
    image.offset[c] = -image.offset[c] / image.scale[c];
    image.scale[c] = 1 / (255 * image.scale[c]);
  }
  flows_[model.input] = {image_input, image.shape, shape.size() == 1 ? Form::vector : Form::planes};
}

void Lowering::count_readers() {
  for (const Node& node : model_.nodes) {
    for (const std::string& input : node.inputs) ++readers_[input];
  }
  ++readers_[model_.output];
}

Steps Lowering::run() {
  count_readers();
  for (const Node& node : model_.nodes) {
    const bool is_unknown =
        std::ranges::any_of(node.inputs, [&](const std::string& input) { return unknown_.contains(input); });
    if (!is_unknown) {
      try {
        lower_node(node);
        continue;
      } catch (const Unsupported& problem) {
        add_problem(node, problem);
      }
    }
    if (is_unknown) note_operator(node);
    for (const std::string& output : node.outputs) unknown_[output] = true;
  }
  if (!problems_.empty()) {
    std::string list;
    for (const std::string& problem : problems_) list += "; " + problem;
    fail_input("{}: {} of {} nodes cannot be imported{}", model_.file, problems_.size(), model_.nodes.size(), list);
  }
  try {
    finish();
  } catch (const Unsupported& problem) {
    fail_input("{}: the output \"{}\" needs {}", model_.file, printable(model_.output), problem.needs);
  }
  return std::move(steps_);
}

void Lowering::add_problem(const Node& node, const Unsupported& problem) {
  problems_.push_back(fmt::format("{} ({}): {}", printable(node.name), printable(node.op), problem.needs));
}

/// Of a node behind one that cannot be had only the operator can be judged.
void Lowering::note_operator(const Node& node) {
  try {
    if (!is_shape_arithmetic(node.op)) operator_of(node);
  } catch (const Unsupported& problem) {
    add_problem(node, problem);
  }
}

void Lowering::lower_node(const Node& node) {
  if (fold_constant(*this, node)) return;
  operator_of(node)(*this, node);
}

LowerNode Lowering::operator_of(const Node& node) {
  const auto* found = std::ranges::find(operators, node.op, &Operator::name);
  if (found == std::end(operators)) {
    if (node.op == "Sigmoid" || node.op == "HardSwish" || node.op == "HardSigmoid" || node.op == "Tanh" ||
        node.op == "LeakyRelu" || node.op == "Elu" || node.op == "PRelu" || node.op == "Erf") {
      unsupported("an activation function other than Relu and Clip; train the model with one of these");
    }
    unsupported("an operator that the network format has no layer for");
  }
  return found->lower;
}

bool Lowering::has(const Node& node, std::size_t input) const {
  return input < node.inputs.size() && !node.inputs[input].empty();
}

bool Lowering::is_flow(const Node& node, std::size_t input) const {
  return has(node, input) && flows_.contains(node.inputs[input]);
}

const Flow& Lowering::flow(const Node& node, std::size_t input) const {
  if (!has(node, input)) unsupported(fmt::format("an input {}", input));
  const auto found = flows_.find(node.inputs[input]);
  if (found == flows_.end()) unsupported(fmt::format("activations as input {}, not a constant", input));
  return found->second;
}

void Lowering::need_no_padding(const Flow& flow) {
  if (flow.padding != Border(0)) unsupported("a Pad that is followed by a convolution");
}

void Lowering::need_no_selection(const Flow& flow) {
  if (flow.selection != Selection{}) unsupported("a Slice or a Pad of channels that is followed by an addition");
}

const Flow& Lowering::whole_flow(const Node& node, std::size_t input) const {
  const Flow& found = flow(node, input);
  need_no_padding(found);
  need_no_selection(found);
  return found;
}

std::vector<std::int64_t> Flow::sides() const {
  if (form == Form::vector) return {shape.channels};
  if (form == Form::lines) return {shape.channels, std::int64_t{shape.height} * shape.width};
  return {shape.channels, shape.height, shape.width};
}

const Tensor* Lowering::constant(const Node& node, std::size_t input) const {
  if (!has(node, input)) return nullptr;
  const auto given = model_.constants.find(node.inputs[input]);
  if (given != model_.constants.end()) return &given->second;
  const auto made = made_.find(node.inputs[input]);
  return made == made_.end() ? nullptr : &made->second;
}

const Tensor& Lowering::need_constant(const Node& node, std::size_t input, std::string_view what) const {
  const Tensor* tensor = constant(node, input);
  if (tensor == nullptr) unsupported(fmt::format("a constant {} (input {})", what, input));
  return *tensor;
}

const QuantizedConstant* Lowering::quantized_constant(const Node& node, std::size_t input) const {
  const auto found = has(node, input) ? codes_.find(node.inputs[input]) : codes_.end();
  return found == codes_.end() ? nullptr : &found->second;
}

bool Lowering::is_shared(const std::string& tensor) const {
  const std::string* name = &tensor;
  for (;;) {
    if (readers_.at(*name) > 1) return true;
    const auto same = same_as_.find(*name);
    if (same == same_as_.end()) return false;
    name = &same->second;
  }
}

bool Lowering::is_only_reader(const Node& node, std::size_t input) const { return !is_shared(node.inputs[input]); }

void Lowering::set(const Node& node, Flow flow) {
  if (node.outputs.empty() || node.outputs.front().empty()) unsupported("an output");
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    const auto readers = readers_.find(node.outputs[i]);
    if (readers != readers_.end() && readers->second > 0 && !node.outputs[i].empty()) {
      unsupported(fmt::format("its output {}, which this program does not make", i));
    }
  }
  for (const std::string& input : node.inputs) {
    const auto from = flows_.find(input);
    if (from != flows_.end() && from->second.step == flow.step) same_as_[node.outputs.front()] = input;
  }
  flows_[node.outputs.front()] = flow;
}

void Lowering::set_constant(const Node& node, Tensor tensor) {
  if (node.outputs.empty()) unsupported("an output");
  made_[node.outputs.front()] = std::move(tensor);
}

void Lowering::set_quantized_constant(const Node& node, Tensor values, QuantizedConstant codes) {
  set_constant(node, std::move(values));
  codes_[node.outputs.front()] = std::move(codes);
}

int Lowering::add_step(const Node& node, Step step) {
  if (steps_.steps.size() >= limits::layers) {
    fail_input("{}: more than {} layers, which is all that a network may have", model_.file, limits::layers);
  }
  if (step.out.size() > limits::results) {
    unsupported(fmt::format("at most {} results, not {} x {} x {}", limits::results, step.out.channels, step.out.height,
                            step.out.width));
  }
  step.name = layer_name(node.name);
  steps_.steps.push_back(std::move(step));
  return static_cast<int>(steps_.steps.size()) - 1;
}

Step* Lowering::open_step(const Node& node, std::size_t input) {
  const Flow& from = flow(node, input);
  if (from.step == image_input || !is_only_reader(node, input)) return nullptr;
  if (from.padding != Border(0) || from.selection != Selection{}) return nullptr;
  Step& step = this->step(from.step);
  const bool is_open = step.kind != LayerKind::max_pool && !step.is_clamped() && !step.quantization;
  return is_open ? &step : nullptr;
}

bool Lowering::has_one_reader(int index) const {
  int readers = 0;
  for (const Step& step : steps_.steps) {
    readers += static_cast<int>(std::ranges::count(step.inputs, index)) + (step.added == index ? 1 : 0);
  }
  // A flow that nothing has taken up yet is a reader to come.
  int flows = 0;
  for (const auto& [name, flow] : flows_) {
    const auto found = readers_.find(name);
    if (flow.step == index && found != readers_.end()) flows = std::max(flows, found->second);
  }
  return readers == 1 && flows <= 1;
}

Step Lowering::plain_step(const Flow& flow) const {
  need_no_padding(flow);
  need_no_selection(flow);
  if (shape_of(flow.step) != flow.shape)
    unsupported("rows and columns: it stands behind a Flatten, where only Gemm and MatMul can");
  Step step;
  step.kind = LayerKind::average_pool;
  step.inputs = {flow.step};
  step.in = step.out = flow.shape;
  step.factor.assign(static_cast<std::size_t>(flow.shape.channels), 1);
  step.offset.assign(static_cast<std::size_t>(flow.shape.channels), 0);
  return step;
}

std::optional<Quantization> Lowering::quantization_of(int index) const {
  while (index != image_input && step_at(index).kind == LayerKind::max_pool) index = step_at(index).inputs.front();
  return index == image_input ? steps_.image.quantization : step_at(index).quantization;
}

Steps lower(const Model& model, const Preprocessing& preprocessing) { return Lowering(model, preprocessing).run(); }

}  // namespace cimcycle::onnx_model
