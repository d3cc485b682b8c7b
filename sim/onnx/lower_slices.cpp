// SPDX-License-Identifier: Apache-2.0
// Operators that add zeros around a tensor or take a part of it. Only the next window or addition can do that: a flow
// remembers it until then.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "network/limits.h"
#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

/// What a Slice says of one side; numbers as in its definition: negative ones count from the end, and ends lie
/// anywhere.
Taken taken_of(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (step == 0 || std::abs(static_cast<double>(step)) > limits::side) {
    Lowering::unsupported(fmt::format("steps of 1 to {}", limits::side));
  }
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  const auto place = [&](std::int64_t at) { return std::clamp(at < 0 ? at + size : at, low, high); };
  const std::int64_t first = step > 0 ? place(start) : std::max<std::int64_t>(place(start), 0);
  const std::int64_t distance = step > 0 ? place(end) - first : first - place(end);
  const std::int64_t length = std::abs(step);
  return {first, step, size == 0 ? 0 : std::max<std::int64_t>(0, (distance + length - 1) / length)};
}

/// Zeros of a Pad: those of all sides in front, then those behind; `rank` sides, the batch among them.
std::vector<std::int64_t> pads_of(const Lowering& lowering, const Node& node, std::size_t rank) {
  std::vector<std::int64_t> given = list_of(lowering, node, "pads", 1);
  if (!lowering.has(node, 3)) return given;
  const std::vector<std::int64_t> axes = list_of(lowering, node, "axes", 3);
  if (given.size() != 2 * axes.size()) Lowering::unsupported("two pads for each of its axes");
  std::vector<std::int64_t> pads(2 * rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = axis_of(axes[i], rank);
    pads[axis] = given[i];
    pads[rank + axis] = given[axes.size() + i];
  }
  return pads;
}

double pad_value(const Lowering& lowering, const Node& node) {
  if (!lowering.has(node, 2)) return real_of(node, "value", 0);
  const Tensor& given = lowering.need_constant(node, 2, "value");
  return given.size() == 1 ? given.at(0) : NAN;
}

void need_layer_results(const Lowering& lowering, const Flow& flow) {
  const bool is_plain = flow.selection != Selection{} || lowering.shape_of(flow.step) == flow.shape;
  if (flow.form != Form::planes || !is_plain) Lowering::unsupported("an input with rows and columns");
}

}  // namespace

std::vector<Taken> slice_of(const Lowering& lowering, const Node& node, const std::vector<std::int64_t>& sides) {
  const std::vector<std::int64_t> starts = list_of(lowering, node, "starts", 1),
                                  ends = list_of(lowering, node, "ends", 2);
  std::vector<std::int64_t> axes = list_of(lowering, node, "axes", 3), steps = list_of(lowering, node, "steps", 4);
  if (axes.empty()) {
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (starts.empty() || ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    Lowering::unsupported("as many starts, ends, axes and steps");
  }
  std::vector<Taken> taken;
  for (const std::int64_t side : sides) taken.push_back({0, 1, side});
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = axis_of(axes[i], sides.size());
    taken[axis] = taken_of(sides[axis], starts[i], ends[i], steps[i]);
  }
  return taken;
}

void lower_pad(Lowering& lowering, const Node& node) {
  Flow flow = lowering.flow(node, 0);
  if (text_of(node, "mode", "constant") != "constant") Lowering::unsupported("padding with a constant");
  const std::vector<std::int64_t> pads = pads_of(lowering, node, 4);
  if (flow.form != Form::planes || pads.size() != 8 || pads[0] != 0 || pads[4] != 0 || pad_value(lowering, node) != 0) {
    Lowering::unsupported("padding of channels, rows and columns with 0");
  }
  if (pads[1] != 0 || pads[5] != 0) {
    need_layer_results(lowering, flow);
    Selection& selection = flow.selection;
    const std::int64_t front = bounded(pads[1], "padding", 0), back = bounded(pads[5], "padding", 0);
    flow.shape.channels = bounded(flow.shape.channels + front + back, "channels", 1);
    selection.pad_front += static_cast<int>(front);
    selection.pad_back += static_cast<int>(back);
  }
  const auto grow = [&](int& side, std::size_t at) {
    side = bounded(side + bounded(pads[at], "padding", 0), "padding", 0);
  };
  grow(flow.padding.top, 2);
  grow(flow.padding.left, 3);
  grow(flow.padding.bottom, 6);
  grow(flow.padding.right, 7);
  lowering.set(node, flow);
}

void lower_slice(Lowering& lowering, const Node& node) {
  Flow flow = lowering.flow(node, 0);
  Lowering::need_no_padding(flow);
  const std::vector<std::int64_t> sides = flow.sides();
  std::vector<std::int64_t> all = sides;
  all.insert(all.begin(), 1);  // the batch, of which a Slice must leave all
  const std::vector<Taken> taken = slice_of(lowering, node, all);
  std::vector<std::int64_t> strides;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Taken& one = taken[i];
    const bool is_stride = flow.form == Form::planes && i >= 2;
    const bool fits = one.start == 0 && one.step >= 1 && (one.step == 1 || is_stride) &&
                      one.count == (all[i] + one.step - 1) / one.step;
    if (!fits) Lowering::unsupported("everything, or every n-th row and column from the first one on, to take");
    strides.push_back(one.step);
  }
  if (std::ranges::all_of(strides, [](std::int64_t step) { return step == 1; })) return lowering.set(node, flow);
  need_layer_results(lowering, flow);
  Directions& stride = flow.selection.stride;
  stride.height = bounded(stride.height * strides[2], "stride", 1);
  stride.width = bounded(stride.width * strides[3], "stride", 1);
  flow.shape.height = static_cast<int>(taken[2].count);
  flow.shape.width = static_cast<int>(taken[3].count);
  lowering.set(node, flow);
}

void lower_gather(Lowering& lowering, const Node& node) {
  const Flow& flow = lowering.whole_flow(node, 0);
  const Tensor& index = lowering.need_constant(node, 1, "index");
  const std::vector<std::int64_t> sides = flow.sides();
  const std::size_t axis = axis_of(integer_of(node, "axis", 0), sides.size() + 1);
  const bool is_first = index.is_integer && index.size() == 1 && (index.integers[0] == 0 || index.integers[0] == -1);
  if (axis < 2 || sides[axis - 1] != 1 || !is_first) Lowering::unsupported("the only row or column to take");
  lowering.set(node, index.shape.empty() ? without_side(flow, axis) : flow);
}

}  // namespace cimcycle::onnx_model
