// SPDX-License-Identifier: Apache-2.0
// Convolutions and pools: kernels, strides, dilations and paddings.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "network/check.h"
#include "network/limits.h"
#include "onnx/lower.h"

namespace cimcycle::onnx_model {

int bounded(std::int64_t value, std::string_view what, int least) {
  if (value < least || value > limits::side) {
    Lowering::unsupported(fmt::format("{} of {} to {}, not {}", what, least, limits::side, value));
  }
  return static_cast<int>(value);
}

namespace {

std::vector<std::int64_t> two(const Node& node, const std::string& name) {
  std::vector<std::int64_t> values = integers_of(node, name, {1, 1});
  if (values.size() != 2) Lowering::unsupported(fmt::format("{} in two directions, not {}", name, values.size()));
  return values;
}

Directions directions_of(const Node& node, const std::string& name) {
  const std::vector<std::int64_t> values = two(node, name);
  return {bounded(values[0], name, 1), bounded(values[1], name, 1)};
}

/// Padding of one direction that makes ceil(size / stride) outputs, the larger half behind (SAME_UPPER) or in front.
std::pair<int, int> same_padding(int size, std::int64_t window, int stride, bool upper) {
  const std::int64_t outputs = (size + stride - 1) / stride;
  const std::int64_t all = std::max<std::int64_t>(0, (outputs - 1) * stride + window - size);
  const int less = bounded(all / 2, "padding", 0), more = bounded(all - all / 2, "padding", 0);
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
    step.padding = {bounded(pads[0], "padding", 0), bounded(pads[1], "padding", 0), bounded(pads[2], "padding", 0),
                    bounded(pads[3], "padding", 0)};
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
  if (flow.form != Form::planes) Lowering::unsupported("an input with rows and columns");
  Lowering::need_no_selection(flow);
  Step step = lowering.plain_step({flow.step, flow.shape});
  step.kind = kind;
  const std::vector<std::int64_t> kernel = integers_of(node, "kernel_shape", {});
  if (kernel.size() != 2) Lowering::unsupported("a kernel_shape of two directions");
  step.kernel_h = bounded(kernel[0], "kernel_shape", 1);
  step.kernel_w = bounded(kernel[1], "kernel_shape", 1);
  step.stride = directions_of(node, "strides");
  if (two(node, "dilations") != std::vector<std::int64_t>{1, 1}) Lowering::unsupported("a pool without dilation");
  finish_window(node, flow, step);
  return step;
}

}  // namespace

void lower_conv(Lowering& lowering, const Node& node) {
  const Flow flow = lowering.flow(node, 0);
  const Tensor& weights = lowering.need_constant(node, 1, "weight");
  Lowering::need_no_selection(flow);
  if (flow.form != Form::planes || weights.shape.size() != 4) Lowering::unsupported("a convolution in two directions");
  if (weights.size() == 0) Lowering::unsupported("weights");
  Step step;
  step.kind = LayerKind::conv;
  step.inputs = {flow.step};
  step.in = flow.shape;
  step.groups = bounded(integer_of(node, "group", 1), "group", 1);
  step.out.channels = bounded(weights.shape[0], "outputs", 1);
  step.kernel_h = bounded(weights.shape[2], "kernel", 1);
  step.kernel_w = bounded(weights.shape[3], "kernel", 1);
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
  lowering.set(node, {lowering.add_step(node, std::move(step)), out});
}

void add_pool(Lowering& lowering, const Node& node, Step step, Form form) {
  const bool is_max = step.kind == LayerKind::max_pool;
  const ImageValues& image = lowering.image();
  const bool is_uniform =
      image.quantization || (std::ranges::count(image.scale, image.scale.front()) == image.shape.channels &&
                             std::ranges::count(image.offset, image.offset.front()) == image.shape.channels);
  // The bytes of an image stand for other values in each channel, and its padding has a code for each. A pool hands
  // both on, for which the format has no room: one layer before gives all channels the same codes.
  const bool needs_codes = is_max ? !is_uniform : step.counts_padding && step.padding != Border(0);
  if (step.inputs.front() == image_input && needs_codes) {
    Node before = node;
    before.name += "_codes";
    step.inputs = {lowering.add_step(before, lowering.plain_step({image_input, image.shape}))};
    lowering.note(
        fmt::format("{}: a layer before it gives all channels of the image the same codes", printable(node.name)));
  }
  if (is_max) {
    step.factor.clear();
    step.offset.clear();
  } else {
    std::ranges::fill(step.factor, 1.0 / (step.kernel_h * step.kernel_w));
  }
  const Shape out = step.out;
  lowering.set(node, {lowering.add_step(node, std::move(step)), out, form});
}

void lower_max_pool(Lowering& lowering, const Node& node) {
  Lowering::need_no_padding(lowering.flow(node, 0));
  add_pool(lowering, node, pool_step(lowering, node, LayerKind::max_pool), Form::planes);
}

void lower_average_pool(Lowering& lowering, const Node& node) {
  Step step = pool_step(lowering, node, LayerKind::average_pool);
  const Border& pad = lowering.flow(node, 0).padding;
  if (step.padding != pad) {
    // With ceil_mode the last window may reach beyond the padding that counts, so that it has a divisor of its own.
    const bool counts = integer_of(node, "count_include_pad", 0) != 0;
    if (pad != Border(0) || (counts && integer_of(node, "ceil_mode", 0) != 0)) {
      Lowering::unsupported("padding of which all counts or none: no ceil_mode, and no Pad before it");
    }
    step.counts_padding = counts;
  }
  add_pool(lowering, node, std::move(step), Form::planes);
}

}  // namespace cimcycle::onnx_model
