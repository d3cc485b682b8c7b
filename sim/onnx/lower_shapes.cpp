// SPDX-License-Identifier: Apache-2.0
// Operators that move values without changing them.
#include <fmt/format.h>

#include <algorithm>

#include "network/limits.h"
#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

Flow as_vector(const Flow& flow) { return {flow.step, {static_cast<int>(flow.shape.size()), 1, 1}, Form::vector}; }

/// What takes its values as one vector must be small enough for one.
Flow unpadded(Lowering& lowering, const Node& node) {
  const Flow& flow = lowering.whole_flow(node, 0);
  if (flow.shape.size() > limits::results) Lowering::unsupported("fewer values");
  return flow;
}

/// The results of the flow's step in another form, which has the sides of that form.
Flow as_results(Lowering& lowering, const Flow& flow, Form form) {
  return {flow.step, lowering.shape_of(flow.step), form};
}

Flow with_side(Lowering& lowering, const Flow& flow, std::size_t axis) {
  const Shape& own = lowering.shape_of(flow.step);
  if (own.height == 1 && own.width == 1) {
    if (flow.is_vector() && axis == 2) return as_results(lowering, flow, Form::lines);
    if (flow.form == Form::lines && axis >= 2) return as_results(lowering, flow, Form::planes);
  }
  Lowering::unsupported("one value for each channel, to which rows and columns are added");
}

/// Sides of a Reshape's input as its shape may repeat them.
bool is_shape(const std::vector<std::int64_t>& given, const std::vector<std::int64_t>& before,
              const std::vector<std::int64_t>& wanted) {
  if (given.size() != wanted.size() + 1) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::int64_t side = given[i + 1];
    const bool is_kept = side == 0 && i < before.size() && before[i] == wanted[i];
    if (side != wanted[i] && side != -1 && !is_kept) return false;
  }
  return true;
}

}  // namespace

Flow without_side(const Flow& flow, std::size_t axis) {
  const bool is_one = axis >= 2 && axis <= flow.sides().size() && flow.sides()[axis - 1] == 1;
  if (!is_one) Lowering::unsupported("one row and one column");
  return {flow.step, flow.shape, flow.form == Form::planes ? Form::lines : Form::vector};
}

void lower_identity(Lowering& lowering, const Node& node) {
  constexpr std::int64_t float_type = 1, half_type = 10, double_type = 11;  // of TensorProto
  const std::int64_t to = integer_of(node, "to", float_type);
  if (to != float_type && to != half_type && to != double_type) Lowering::unsupported("a Cast to a real type");
  lowering.set(node, lowering.flow(node, 0));
}

void lower_flatten(Lowering& lowering, const Node& node) {
  const Flow flow = unpadded(lowering, node);
  const std::int64_t axis = integer_of(node, "axis", 1);
  if (axis != 1 && axis != -static_cast<std::int64_t>(flow.sides().size())) {
    Lowering::unsupported("axis 1: a vector for each image");
  }
  lowering.set(node, as_vector(flow));
}

void lower_reshape(Lowering& lowering, const Node& node) {
  const Flow flow = unpadded(lowering, node);
  // A fixed batch is what the model was exported with; images are independent of each other.
  const std::vector<std::int64_t>& given = lowering.need_constant(node, 1, "shape").integers;
  const std::int64_t size = flow.shape.size();
  if (is_shape(given, flow.sides(), {size})) return lowering.set(node, as_vector(flow));
  for (const Form form : {Form::lines, Form::planes}) {
    const Flow results = as_results(lowering, flow, form);
    if (is_shape(given, flow.sides(), results.sides())) return lowering.set(node, results);
  }
  Lowering::unsupported(fmt::format("a shape of [batch, {}]: a vector for each image", size));
}

void lower_squeeze(Lowering& lowering, const Node& node) {
  Flow flow = unpadded(lowering, node);
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : list_of(lowering, node, "axes", 1)) {
    axes.push_back(axis_of(axis, flow.sides().size() + 1));
  }
  if (axes.empty()) {
    for (std::size_t axis = 2; axis <= flow.sides().size(); ++axis) axes.push_back(axis);
  }
  std::ranges::sort(axes, std::greater());
  for (const std::size_t axis : axes) flow = without_side(flow, axis);
  lowering.set(node, flow);
}

void lower_unsqueeze(Lowering& lowering, const Node& node) {
  Flow flow = unpadded(lowering, node);
  const std::vector<std::int64_t> given = list_of(lowering, node, "axes", 1);
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : given) axes.push_back(axis_of(axis, flow.sides().size() + 1 + given.size()));
  std::ranges::sort(axes);
  for (const std::size_t axis : axes) flow = with_side(lowering, flow, axis);
  lowering.set(node, flow);
}

void lower_concat(Lowering& lowering, const Node& node) {
  const std::int64_t axis = integer_of(node, "axis", 1);
  Step step;
  step.kind = LayerKind::concat;
  std::int64_t channels = 0;
  Form form = Form::planes;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Flow& flow = lowering.whole_flow(node, i);
    if (i == 0) form = flow.form;
    const bool fits = flow.form == form && (i == 0 || flow.shape.height == step.in.height) &&
                      (i == 0 || flow.shape.width == step.in.width) && flow.step != image_input;
    if (!fits || lowering.shape_of(flow.step) != flow.shape)
      Lowering::unsupported("inputs that are results of layers with the same rows and columns");
    if (i == 0) step.in = flow.shape;
    channels += flow.shape.channels;
    step.inputs.push_back(flow.step);
  }
  if (node.inputs.empty() || axis_of(axis, lowering.flow(node, 0).sides().size() + 1) != 1) {
    Lowering::unsupported("axis 1: channels one behind the other");
  }
  if (channels > limits::side) Lowering::unsupported(fmt::format("at most {} channels", limits::side));
  if (node.inputs.size() == 1) return lowering.set(node, lowering.flow(node, 0));
  step.in.channels = static_cast<int>(channels);
  step.out = step.in;
  step.factor.assign(static_cast<std::size_t>(channels), 1);
  step.offset.assign(static_cast<std::size_t>(channels), 0);
  const Shape out = step.out;
  lowering.set(node, {lowering.add_step(node, std::move(step)), out, form});
}

void lower_softmax(Lowering& lowering, const Node& node) {
  const Flow flow = unpadded(lowering, node);
  const bool is_end = flow.shape.height == 1 && flow.shape.width == 1 && lowering.is_output(node);
  if (!is_end) Lowering::unsupported("the end of the network, where it changes no order of classes");
  lowering.note(fmt::format("{}: left out, the order of the classes does not change", node.op));
  lowering.set(node, flow);
}

}  // namespace cimcycle::onnx_model
