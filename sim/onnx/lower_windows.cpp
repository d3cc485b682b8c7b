// SPDX-License-Identifier: Apache-2.0
// Convolutions and pools: kernels, strides, dilations and paddings.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "network/check.h"
#include "network/limits.h"
#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

int side_of(std::int64_t value, std::string_view what, int least) {
  if (value < least || value > limits::side) {
    Lowering::unsupported(fmt::format("{} of {} to {}, not {}", what, least, limits::side, value));
  }
  return static_cast<int>(value);
}

std::vector<std::int64_t> two(const Node& node, const std::string& name) {
  std::vector<std::int64_t> values = integers_of(node, name, {1, 1});
  if (values.size() != 2) Lowering::unsupported(fmt::format("{} in two directions, not {}", name, values.size()));
  return values;
}

Directions directions_of(const Node& node, const std::string& name) {
  const std::vector<std::int64_t> values = two(node, name);
  return {side_of(values[0], name, 1), side_of(values[1], name, 1)};
}

/// Padding of one direction that makes ceil(size / stride) outputs, the larger half behind (SAME_UPPER) or in front.
std::pair<int, int> same_padding(int size, std::int64_t window, int stride, bool upper) {
  const std::int64_t outputs = (size + stride - 1) / stride;
  const std::int64_t all = std::max<std::int64_t>(0, (outputs - 1) * stride + window - size);
  const int less = side_of(all / 2, "padding", 0), more = side_of(all - all / 2, "padding", 0);
  return upper ? std::pair(less, more) : std::pair(more, less);
}

/// With kernel, stride and dilation set: padding and the shape of the results.
void finish_window(const Node& node, const Flow& flow, Step& step) {
  const std::int64_t high = std::int64_t{step.kernel_h - 1} * step.dilation.height + 1;
  const std::int64_t wide = std::int64_t{step.kernel_w - 1} * step.dilation.width + 1;
  const std::string mode = text_of(node, "auto_pad", "NOTSET");
  if (mode == "NOTSET") {
    const std::vector<std::int64_t> pads = integers_of(node, "pads", {0, 0, 0, 0});
    if (pads.size() != 4) Lowering::unsupported(fmt::format("pads of 4 sides, not {}", pads.size()));
    step.padding = {side_of(pads[0], "padding", 0), side_of(pads[1], "padding", 0), side_of(pads[2], "padding", 0),
                    side_of(pads[3], "padding", 0)};
  } else if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    const auto [top, bottom] = same_padding(flow.shape.height, high, step.stride.height, mode == "SAME_UPPER");
    const auto [left, right] = same_padding(flow.shape.width, wide, step.stride.width, mode == "SAME_UPPER");
    step.padding = {top, left, bottom, right};
  } else if (mode != "VALID") {
    Lowering::unsupported("auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
  Border& padding = step.padding;
  padding.top += flow.padding.top;
  padding.left += flow.padding.left;
  padding.bottom += flow.padding.bottom;
  padding.right += flow.padding.right;
  if (integer_of(node, "ceil_mode", 0) != 0) {
    // The last window may reach beyond the padding, but must begin on the input or in the padding before it.
    const auto extend = [](int size, std::int64_t window, int stride, int before, int& after) {
      const std::int64_t room = std::int64_t{size} + before + after - window;
      if (room < 0) return;
      const std::int64_t outputs = (room + stride - 1) / stride + 1;
      const std::int64_t start = (outputs - 1) * stride;
      if (start < size + before)
        after = static_cast<int>(std::max<std::int64_t>(after, start + window - size - before));
    };
    extend(step.in.height, high, step.stride.height, padding.top, padding.bottom);
    extend(step.in.width, wide, step.stride.width, padding.left, padding.right);
  }
  const std::int64_t height = positions(step.in.height, high, step.stride.height, padding.top + padding.bottom);
  const std::int64_t width = positions(step.in.width, wide, step.stride.width, padding.left + padding.right);
  if (height < 1 || width < 1) Lowering::unsupported("a kernel that fits its input");
  if (std::max(padding.top, padding.bottom) >= high || std::max(padding.left, padding.right) >= wide) {
    Lowering::unsupported("padding that is smaller than the kernel");
  }
  step.out.height = static_cast<int>(height);
  step.out.width = static_cast<int>(width);
}

Step pool_step(Lowering& lowering, const Node& node, LayerKind kind) {
  const Flow& flow = lowering.flow(node, 0);
  if (flow.is_vector) Lowering::unsupported("an input with rows and columns");
  Step step = lowering.plain_step({flow.step, flow.shape, false, 0});
  step.kind = kind;
  const std::vector<std::int64_t> kernel = integers_of(node, "kernel_shape", {});
  if (kernel.size() != 2) Lowering::unsupported("a kernel_shape of two directions");
  step.kernel_h = side_of(kernel[0], "kernel_shape", 1);
  step.kernel_w = side_of(kernel[1], "kernel_shape", 1);
  step.stride = directions_of(node, "strides");
  if (two(node, "dilations") != std::vector<std::int64_t>{1, 1}) Lowering::unsupported("a pool without dilation");
  finish_window(node, flow, step);
  return step;
}

}  // namespace

void lower_conv(Lowering& lowering, const Node& node) {
  const Flow flow = lowering.flow(node, 0);
  const Tensor& weights = lowering.need_constant(node, 1, "weight");
  if (flow.is_vector || weights.shape.size() != 4) Lowering::unsupported("a convolution in two directions");
  if (weights.size() == 0) Lowering::unsupported("weights");
  Step step;
  step.kind = LayerKind::conv;
  step.inputs = {flow.step};
  step.in = flow.shape;
  step.groups = side_of(integer_of(node, "group", 1), "group", 1);
  step.out.channels = side_of(weights.shape[0], "outputs", 1);
  step.kernel_h = side_of(weights.shape[2], "kernel", 1);
  step.kernel_w = side_of(weights.shape[3], "kernel", 1);
  if (weights.shape[1] * step.groups != flow.shape.channels || step.out.channels % step.groups != 0) {
    Lowering::unsupported(fmt::format("weights for {} channels in {} groups; they are [{}, {}, ...]",
                                      flow.shape.channels, step.groups, weights.shape[0], weights.shape[1]));
  }
  step.stride = directions_of(node, "strides");
  step.dilation = directions_of(node, "dilations");
  finish_window(node, flow, step);
  // Its input vectors lie side by side when the float network runs: at most 1 GiB of them.
  if (std::int64_t{step.rows()} * step.out.height * step.out.width > std::int64_t{1} << 28) {
    Lowering::unsupported("fewer output positions or a smaller kernel");
  }
  for (std::int64_t i = 0; i < weights.size(); ++i) {
    step.weights.push_back(static_cast<float>(weights.at(static_cast<std::size_t>(i))));
  }
  const auto outputs = static_cast<std::size_t>(step.out.channels);
  step.factor.assign(outputs, 1);
  step.offset.assign(outputs, 0);
  if (lowering.has(node, 2)) {
    const Tensor& bias = lowering.need_constant(node, 2, "bias");
    if (bias.size() != step.out.channels) Lowering::unsupported("one bias for each output");
    for (std::size_t o = 0; o < outputs; ++o) step.offset[o] = bias.at(o);
  }
  if (const QuantizedConstant* codes = lowering.quantized_constant(node, 1)) {
    if (codes->scale.size() > 1 && codes->axis != 0) Lowering::unsupported("weight scales per output (axis 0)");
    WeightCodes own;
    for (const std::int64_t code : codes->codes) own.codes.push_back(static_cast<std::int16_t>(code));
    own.scale = codes->scale;
    own.scale.resize(outputs, codes->scale.front());
    step.weight_codes = std::move(own);
  }
  const Shape out = step.out;
  lowering.set(node, {lowering.add_step(node, std::move(step)), out, false, 0});
}

void lower_max_pool(Lowering& lowering, const Node& node) {
  if (lowering.flow(node, 0).padding != Border(0)) Lowering::unsupported("a Pad that is followed by a convolution");
  Step step = pool_step(lowering, node, LayerKind::max_pool);
  if (step.inputs.front() == image_input) Lowering::unsupported("a convolution between the image and a maximum");
  step.factor.clear();
  step.offset.clear();
  const Shape out = step.out;
  lowering.set(node, {lowering.add_step(node, std::move(step)), out, false, 0});
}

void lower_average_pool(Lowering& lowering, const Node& node) {
  Step step = pool_step(lowering, node, LayerKind::average_pool);
  const bool has_padding = step.padding != lowering.flow(node, 0).padding;
  if (has_padding && step.inputs.front() == image_input) Lowering::unsupported("no padding of the image");
  if (has_padding && integer_of(node, "count_include_pad", 0) == 0) {
    Lowering::unsupported("no padding, or count_include_pad = 1: a divisor that is the same at every position");
  }
  if (has_padding && integer_of(node, "ceil_mode", 0) != 0) {
    Lowering::unsupported("ceil_mode = 0: a divisor that is the same at every position");
  }
  std::ranges::fill(step.factor, 1.0 / (step.kernel_h * step.kernel_w));
  const Shape out = step.out;
  lowering.set(node, {lowering.add_step(node, std::move(step)), out, false, 0});
}

namespace {

void average_everything(Lowering& lowering, const Node& node, bool keeps_sides) {
  const Flow& flow = lowering.flow(node, 0);
  if (flow.is_vector) Lowering::unsupported("an input with rows and columns");
  Step step = lowering.plain_step(flow);
  step.kernel_h = flow.shape.height;
  step.kernel_w = flow.shape.width;
  step.out = {flow.shape.channels, 1, 1};
  std::ranges::fill(step.factor, 1.0 / (step.kernel_h * step.kernel_w));
  const Shape out = step.out;
  lowering.set(node, {lowering.add_step(node, std::move(step)), out, !keeps_sides, 0});
}

}  // namespace

void lower_global_average_pool(Lowering& lowering, const Node& node) { average_everything(lowering, node, true); }

void lower_reduce_mean(Lowering& lowering, const Node& node) {
  std::vector<std::int64_t> axes = integers_of(node, "axes", {});
  if (axes.empty() && lowering.has(node, 1)) axes = lowering.need_constant(node, 1, "axes").integers;
  for (std::int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
  std::ranges::sort(axes);
  if (axes != std::vector<std::int64_t>{2, 3}) Lowering::unsupported("a mean over rows and columns (axes 2 and 3)");
  average_everything(lowering, node, integer_of(node, "keepdims", 1) != 0);
}

void lower_pad(Lowering& lowering, const Node& node) {
  Flow flow = lowering.flow(node, 0);
  if (text_of(node, "mode", "constant") != "constant") Lowering::unsupported("padding with a constant");
  std::vector<std::int64_t> pads = integers_of(node, "pads", {});
  if (pads.empty() && lowering.has(node, 1)) pads = lowering.need_constant(node, 1, "pads").integers;
  double value = real_of(node, "value", 0);
  if (lowering.has(node, 2)) {
    const Tensor& given = lowering.need_constant(node, 2, "value");
    value = given.size() == 1 ? given.at(0) : NAN;
  }
  if (pads.size() != 8 || pads[0] != 0 || pads[1] != 0 || pads[4] != 0 || pads[5] != 0 || value != 0) {
    Lowering::unsupported("padding of rows and columns with 0");
  }
  flow.padding.top += side_of(pads[2], "padding", 0);
  flow.padding.left += side_of(pads[3], "padding", 0);
  flow.padding.bottom += side_of(pads[6], "padding", 0);
  flow.padding.right += side_of(pads[7], "padding", 0);
  lowering.set(node, flow);
}

}  // namespace cimcycle::onnx_model
