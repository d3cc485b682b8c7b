// SPDX-License-Identifier: Apache-2.0
// Operators that move values without changing them.
#include <fmt/format.h>

#include <algorithm>

#include "network/limits.h"
#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

Flow as_vector(const Flow& flow) { return {flow.step, {static_cast<int>(flow.shape.size()), 1, 1}, true, 0}; }

Flow unpadded(Lowering& lowering, const Node& node) {
  const Flow& flow = lowering.flow(node, 0);
  if (flow.padding != Border(0)) Lowering::unsupported("a Pad that is followed by a convolution");
  if (flow.shape.size() > limits::results) Lowering::unsupported("fewer values");
  return flow;
}

}  // namespace

void lower_identity(Lowering& lowering, const Node& node) {
  constexpr std::int64_t float_type = 1, half_type = 10, double_type = 11;  // of TensorProto
  const std::int64_t to = integer_of(node, "to", float_type);
  if (to != float_type && to != half_type && to != double_type) Lowering::unsupported("a Cast to a real type");
  lowering.set(node, lowering.flow(node, 0));
}

void lower_flatten(Lowering& lowering, const Node& node) {
  const Flow flow = unpadded(lowering, node);
  const std::int64_t axis = integer_of(node, "axis", 1);
  const bool fits = axis == 1 || (flow.is_vector && axis == -1) || (!flow.is_vector && axis == -3);
  if (!fits) Lowering::unsupported("axis 1: a vector for each image");
  lowering.set(node, as_vector(flow));
}

void lower_reshape(Lowering& lowering, const Node& node) {
  const Flow flow = unpadded(lowering, node);
  const Tensor& shape = lowering.need_constant(node, 1, "shape");
  const std::vector<std::int64_t>& sides = shape.integers;
  const std::int64_t size = flow.shape.size();
  const auto is = [](std::int64_t side, std::int64_t wanted) { return side == wanted || side == -1; };
  // A fixed batch is what the model was exported with; images are independent of each other.
  if (sides.size() == 2 && is(sides[1], size)) return lowering.set(node, as_vector(flow));
  const Shape& in = flow.shape;
  const bool same = sides.size() == 4 && (is(sides[1], in.channels) || sides[1] == 0) &&
                    (is(sides[2], in.height) || sides[2] == 0) && (is(sides[3], in.width) || sides[3] == 0);
  if (same) return lowering.set(node, {flow.step, flow.shape, false, 0});
  Lowering::unsupported(fmt::format("a shape of [batch, {}]: a vector for each image", size));
}

void lower_squeeze(Lowering& lowering, const Node& node) {
  const Flow flow = unpadded(lowering, node);
  if (flow.shape.height != 1 || flow.shape.width != 1) Lowering::unsupported("one row and one column");
  lowering.set(node, as_vector(flow));
}

void lower_concat(Lowering& lowering, const Node& node) {
  const std::int64_t axis = integer_of(node, "axis", 1);
  Step step;
  step.kind = LayerKind::concat;
  std::int64_t channels = 0;
  bool is_vector = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Flow& flow = lowering.flow(node, i);
    if (i == 0) is_vector = flow.is_vector;
    const bool fits = flow.padding == Border(0) && flow.is_vector == is_vector &&
                      (i == 0 || flow.shape.height == step.in.height) &&
                      (i == 0 || flow.shape.width == step.in.width) && flow.step != image_input;
    const bool whole = flow.step == image_input || lowering.step(flow.step).out == flow.shape;
    if (!fits || !whole) Lowering::unsupported("inputs that are results of layers with the same rows and columns");
    if (i == 0) step.in = flow.shape;
    channels += flow.shape.channels;
    step.inputs.push_back(flow.step);
  }
  if (axis != 1 && axis != (is_vector ? -1 : -3)) Lowering::unsupported("axis 1: channels one behind the other");
  if (channels > limits::side) Lowering::unsupported(fmt::format("at most {} channels", limits::side));
  if (node.inputs.size() == 1) return lowering.set(node, lowering.flow(node, 0));
  step.in.channels = static_cast<int>(channels);
  step.out = step.in;
  step.factor.assign(static_cast<std::size_t>(channels), 1);
  step.offset.assign(static_cast<std::size_t>(channels), 0);
  const Shape out = step.out;
  lowering.set(node, {lowering.add_step(node, std::move(step)), out, is_vector, 0});
}

void lower_softmax(Lowering& lowering, const Node& node) {
  const Flow flow = unpadded(lowering, node);
  const bool is_end = flow.shape.height == 1 && flow.shape.width == 1 && lowering.is_output(node);
  if (!is_end) Lowering::unsupported("the end of the network, where it changes no order of classes");
  lowering.note(fmt::format("{}: left out, the order of the classes does not change", node.op));
  lowering.set(node, flow);
}

}  // namespace cimcycle::onnx_model
