// SPDX-License-Identifier: Apache-2.0
// Recorded layer inputs as tensors.
#include "data/recorded_inputs.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "network/limits.h"
#include "network/safetensors.h"

namespace cimcycle {
namespace {

constexpr std::string_view suffix = ".input";
constexpr int least = -128, most = 255;

Shape shape_of(const TensorFile& tensors, const std::string& name, const std::string& file) {
  const std::vector<std::int64_t>& sides = tensors.shape(name);
  const auto is_side = [](std::int64_t side) { return side >= 1 && side <= limits::side; };
  if (sides.size() != 3 || !std::ranges::all_of(sides, is_side)) {
    fail_input("{}: tensor {}: expected three sides of 1 to {}: channels, height, width", file, printable(name),
               limits::side);
  }
  return {static_cast<int>(sides[0]), static_cast<int>(sides[1]), static_cast<int>(sides[2])};
}

}  // namespace

std::string recorded_inputs_file(const RecordedInputs& inputs) {
  std::map<std::string, Tensor> tensors;
  for (const auto& [layer, input] : inputs) {
    const std::vector<std::int64_t> shape = {input.shape.channels, input.shape.height, input.shape.width};
    tensors[layer + std::string(suffix)] = make_tensor(shape, std::span<const std::int16_t>(input.values));
  }
  return write_safetensors(tensors);
}

RecordedInputs parse_recorded_inputs(std::string bytes, const std::string& file) {
  TensorFile tensors(std::move(bytes), file);
  RecordedInputs inputs;
  for (const std::string& name : tensors.names()) {
    if (!name.ends_with(suffix)) {
      fail_input("{}: tensor {}: expected a name LAYER{}", file, printable(name), suffix);
    }
    const Shape shape = shape_of(tensors, name, file);
    RecordedInput input{shape, tensors.take<std::int16_t>(name, {shape.channels, shape.height, shape.width})};
    for (std::size_t i = 0; i < input.values.size(); ++i) {
      if (input.values[i] >= least && input.values[i] <= most) continue;
      fail_input("{}: tensor {}: value {} is {}, expected {} to {}", file, printable(name), i, input.values[i], least,
                 most);
    }
    inputs.emplace(name.substr(0, name.size() - suffix.size()), std::move(input));
  }
  if (inputs.empty()) fail_input("{}: holds no tensors, expected one LAYER{} per layer", file, suffix);
  return inputs;
}

}  // namespace cimcycle
