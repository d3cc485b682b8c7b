// SPDX-License-Identifier: Apache-2.0
// Products with weights, affine maps per channel, additions, clamps. What can be done in the layer before is done
// there.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "network/limits.h"
#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

using Values = std::vector<double>;

/// A constant as one value per channel of a flow it is broadcast to.
Values channel_values(const Tensor& tensor, const Flow& flow) {
  const auto channels = static_cast<std::size_t>(flow.shape.channels);
  if (tensor.size() == 1) return Values(channels, tensor.at(0));
  // Behind the batch: [C, 1, 1], or [C] for a vector; the batch itself may stand before it.
  const std::size_t rank = tensor.shape.size(), behind = flow.sides().size() - 1;
  const bool fits = rank >= behind + 1 && tensor.size() == flow.shape.channels &&
                    tensor.shape[rank - behind - 1] == flow.shape.channels;
  if (!fits) Lowering::unsupported("a constant that is one value, or one for each channel");
  Values values;
  for (std::size_t c = 0; c < channels; ++c) values.push_back(tensor.at(c));
  return values;
}

/// value * factor + offset, per channel.
void lower_affine(Lowering& lowering, const Node& node, std::size_t input, const Values& factor, const Values& offset) {
  const Flow flow = lowering.whole_flow(node, input);
  const std::size_t channels = factor.size();
  if (flow.step == image_input && lowering.is_only_reader(node, input) && !lowering.image().quantization) {
    ImageValues& image = lowering.image();
    for (std::size_t c = 0; c < channels; ++c) {
      image.scale[c] *= factor[c];
      image.offset[c] = image.offset[c] * factor[c] + offset[c];
    }
    if (std::ranges::any_of(image.scale, [](double scale) { return scale == 0 || !std::isfinite(scale); })) {
      Lowering::unsupported("factors of the image that are not 0");
    }
    return lowering.set(node, flow);
  }
  if (Step* step = lowering.open_step(node, input); step != nullptr && step->out.channels == flow.shape.channels) {
    if (step->added && step->added_channel_factor.empty()) step->added_channel_factor.assign(channels, 1);
    for (std::size_t c = 0; c < channels; ++c) {
      step->factor[c] *= factor[c];
      step->offset[c] = step->offset[c] * factor[c] + offset[c];
      if (step->added) step->added_channel_factor[c] *= factor[c];
    }
    return lowering.set(node, flow);
  }
  Step step = lowering.plain_step(flow);
  step.factor = factor;
  step.offset = offset;
  lowering.set(node, {lowering.add_step(node, std::move(step)), flow.shape, flow.form});
}

/// A linear layer; weight(k, n) reads the product's matrix.
template <class Weight, class Code>
void lower_product(Lowering& lowering, const Node& node, std::int64_t rows, std::int64_t outputs, int output_axis,
                   const Values& bias, Weight weight, Code code) {
  const Flow flow = lowering.whole_flow(node, 0);
  if (!flow.is_vector() && (flow.shape.height != 1 || flow.shape.width != 1)) {
    Lowering::unsupported("a vector for each image; put a Flatten before it");
  }
  if (rows != flow.shape.size() || outputs < 1 || outputs > limits::side) {
    Lowering::unsupported(fmt::format("weights for {} inputs and at most {} outputs, not {} x {}", flow.shape.size(),
                                      limits::side, rows, outputs));
  }
  Step step;
  step.kind = LayerKind::linear;
  step.inputs = {flow.step};
  step.in = {static_cast<int>(rows), 1, 1};
  step.out = {static_cast<int>(outputs), 1, 1};
  step.factor.assign(static_cast<std::size_t>(outputs), 1);
  step.offset = bias.empty() ? Values(static_cast<std::size_t>(outputs), 0) : bias;
  const QuantizedConstant* codes = lowering.quantized_constant(node, 1);
  if (codes != nullptr) {
    if (codes->scale.size() > 1 && codes->axis != output_axis) Lowering::unsupported("weight scales per output");
    step.weight_codes.emplace();
    step.weight_codes->scale = codes->scale;
    step.weight_codes->scale.resize(static_cast<std::size_t>(outputs), codes->scale.front());
  }
  for (std::int64_t n = 0; n < outputs; ++n) {
    for (std::int64_t k = 0; k < rows; ++k) {
      step.weights.push_back(static_cast<float>(weight(k, n)));
      if (codes != nullptr) step.weight_codes->codes.push_back(static_cast<std::int16_t>(code(*codes, k, n)));
    }
  }
  const Shape out = step.out;
  lowering.set(node, {lowering.add_step(node, std::move(step)), out, Form::vector});
}

/// a + sign * b of two tensors of activations.
void add_flows(Lowering& lowering, const Node& node, double sign) {
  const Flow flows[] = {lowering.flow(node, 0), lowering.flow(node, 1)};
  const bool fits = flows[0].shape == flows[1].shape && flows[0].form == flows[1].form &&
                    flows[0].padding == Border(0) && flows[1].padding == Border(0);
  if (!fits) Lowering::unsupported("two inputs of the same shape");
  const bool selected[] = {flows[0].selection != Selection{}, flows[1].selection != Selection{}};
  for (const Flow& flow : flows) {
    if (flow.selection.stride.height != flow.selection.stride.width) {
      Lowering::unsupported("a Slice with the same step for rows and columns");
    }
  }
  if (selected[0] && selected[1]) Lowering::unsupported("one input that is a layer's results as they are");
  const double signs[] = {1, sign};
  Step* open[] = {lowering.open_step(node, 0), lowering.open_step(node, 1)};
  for (Step*& step : open) {
    if (step != nullptr && (step->added || step->out != flows[0].shape)) step = nullptr;
  }
  // The later one of two takes the sum of the other, which is a projection if it is a convolution.
  int main = open[1] != nullptr && (open[0] == nullptr || flows[1].step > flows[0].step) ? 1 : 0;
  if (open[main] == nullptr) main = selected[0] ? 1 : 0;
  const int other = 1 - main;
  if (!selected[other] && lowering.shape_of(flows[other].step) != flows[other].shape) {
    Lowering::unsupported("inputs that are results of layers");
  }
  Step own = open[main] == nullptr ? lowering.plain_step(flows[main]) : Step();
  Step& step = open[main] == nullptr ? own : *open[main];
  for (double& factor : step.factor) factor *= signs[main];
  for (double& offset : step.offset) offset *= signs[main];
  step.added = flows[other].step;
  step.added_selection = flows[other].selection;
  step.added_factor = signs[other];
  if (open[main] == nullptr) {
    return lowering.set(node, {lowering.add_step(node, std::move(own)), flows[main].shape, flows[main].form});
  }
  if (open[other] != nullptr && open[other]->kind == LayerKind::conv) open[other]->feeds_sum = true;
  lowering.set(node, flows[main]);
}

void clamp(Lowering& lowering, const Node& node, double low, double high) {
  const Flow flow = lowering.flow(node, 0);
  Lowering::need_no_selection(flow);
  if (!(low < high)) Lowering::unsupported("a lower end below the upper one");
  const std::optional<Quantization> codes = lowering.quantization_of(flow.step);
  if (codes && codes->scale * (codes->least - codes->zero_point) >= low &&
      codes->scale * (codes->most - codes->zero_point) <= high) {
    return lowering.set(node, flow);  // the codes reach no further
  }
  if (flow.step != image_input && lowering.is_only_reader(node, 0) && flow.padding == Border(0)) {
    Step& step = lowering.step(flow.step);
    if (step.kind != LayerKind::max_pool && !step.quantization && low < step.high && high > step.low) {
      step.low = std::max(step.low, low);
      step.high = std::min(step.high, high);
      return lowering.set(node, flow);
    }
  }
  Step step = lowering.plain_step(flow);
  step.low = low;
  step.high = high;
  lowering.set(node, {lowering.add_step(node, std::move(step)), flow.shape, flow.form});
}

Values bias_of(const Tensor& tensor, std::int64_t outputs, double factor) {
  if (tensor.size() != outputs && tensor.size() != 1) Lowering::unsupported("one bias for each output");
  Values bias;
  for (std::int64_t n = 0; n < outputs; ++n) {
    bias.push_back(factor * tensor.at(tensor.size() == 1 ? 0 : static_cast<std::size_t>(n)));
  }
  return bias;
}

const Tensor& matrix(Lowering& lowering, const Node& node) {
  const Tensor& weights = lowering.need_constant(node, 1, "weight");
  if (weights.shape.size() != 2 || weights.size() == 0) Lowering::unsupported("a weight matrix");
  return weights;
}

}  // namespace

void lower_gemm(Lowering& lowering, const Node& node) {
  const Tensor& weights = matrix(lowering, node);
  if (integer_of(node, "transA", 0) != 0) Lowering::unsupported("transA = 0");
  const bool transposed = integer_of(node, "transB", 0) != 0;
  const double alpha = real_of(node, "alpha", 1);
  if (alpha != 1 && lowering.quantized_constant(node, 1) != nullptr) Lowering::unsupported("alpha = 1");
  const std::int64_t rows = weights.shape[transposed ? 1 : 0], outputs = weights.shape[transposed ? 0 : 1];
  Values bias;
  if (lowering.has(node, 2)) {
    bias = bias_of(lowering.need_constant(node, 2, "bias"), outputs, real_of(node, "beta", 1));
  }
  const auto at = [&](std::int64_t k, std::int64_t n) {
    return static_cast<std::size_t>(transposed ? n * rows + k : k * outputs + n);
  };
  lower_product(
      lowering, node, rows, outputs, transposed ? 0 : 1, bias,
      [&](std::int64_t k, std::int64_t n) { return alpha * weights.at(at(k, n)); },
      [&](const QuantizedConstant& codes, std::int64_t k, std::int64_t n) { return codes.codes[at(k, n)]; });
}

void lower_matmul(Lowering& lowering, const Node& node) {
  const Tensor& weights = matrix(lowering, node);
  const std::int64_t outputs = weights.shape[1];
  const auto at = [&](std::int64_t k, std::int64_t n) { return static_cast<std::size_t>(k * outputs + n); };
  lower_product(
      lowering, node, weights.shape[0], outputs, 1, {},
      [&](std::int64_t k, std::int64_t n) { return weights.at(at(k, n)); },
      [&](const QuantizedConstant& codes, std::int64_t k, std::int64_t n) { return codes.codes[at(k, n)]; });
}

void lower_batch_norm(Lowering& lowering, const Node& node) {
  const Flow& flow = lowering.flow(node, 0);
  constexpr std::string_view names[] = {"scale", "bias", "mean", "variance"};
  const Tensor* tensors[4];
  for (std::size_t i = 0; i < 4; ++i) {
    tensors[i] = &lowering.need_constant(node, i + 1, names[i]);
    if (tensors[i]->size() != flow.shape.channels) Lowering::unsupported("one constant for each channel");
  }
  if (integer_of(node, "training_mode", 0) != 0) Lowering::unsupported("an export for inference");
  const double epsilon = real_of(node, "epsilon", 1e-5);
  Values factor, offset;
  for (std::size_t c = 0; c < static_cast<std::size_t>(flow.shape.channels); ++c) {
    const double variance = tensors[3]->at(c) + epsilon;
    if (!(variance > 0)) Lowering::unsupported(fmt::format("a positive variance; channel {} has {}", c, variance));
    factor.push_back(tensors[0]->at(c) / std::sqrt(variance));
    offset.push_back(tensors[1]->at(c) - tensors[2]->at(c) * factor.back());
  }
  lower_affine(lowering, node, 0, factor, offset);
}

void lower_add(Lowering& lowering, const Node& node) {
  if (lowering.is_flow(node, 0) && lowering.is_flow(node, 1)) return add_flows(lowering, node, 1);
  const std::size_t input = lowering.is_flow(node, 0) ? 0 : 1;
  const Flow& flow = lowering.flow(node, input);
  const Values offset = channel_values(lowering.need_constant(node, 1 - input, "summand"), flow);
  lower_affine(lowering, node, input, Values(offset.size(), 1), offset);
}

void lower_sub(Lowering& lowering, const Node& node) {
  if (lowering.is_flow(node, 0) && lowering.is_flow(node, 1)) return add_flows(lowering, node, -1);
  Values offset = channel_values(lowering.need_constant(node, 1, "subtrahend"), lowering.flow(node, 0));
  for (double& value : offset) value = -value;
  lower_affine(lowering, node, 0, Values(offset.size(), 1), offset);
}

void lower_mul(Lowering& lowering, const Node& node) {
  const std::size_t input = lowering.is_flow(node, 0) ? 0 : 1;
  const Flow& flow = lowering.flow(node, input);
  const Values factor = channel_values(lowering.need_constant(node, 1 - input, "factor"), flow);
  lower_affine(lowering, node, input, factor, Values(factor.size(), 0));
}

void lower_div(Lowering& lowering, const Node& node) {
  Values factor = channel_values(lowering.need_constant(node, 1, "divisor"), lowering.flow(node, 0));
  for (double& value : factor) {
    if (value == 0) Lowering::unsupported("a divisor that is not 0");
    value = 1 / value;
  }
  lower_affine(lowering, node, 0, factor, Values(factor.size(), 0));
}

void lower_relu(Lowering& lowering, const Node& node) {
  clamp(lowering, node, 0, std::numeric_limits<double>::infinity());
}

void lower_clip(Lowering& lowering, const Node& node) {
  const auto end_of = [&](std::size_t input, const std::string& name, double fallback) {
    if (!lowering.has(node, input)) return node.attributes.contains(name) ? real_of(node, name, 0) : fallback;
    const Tensor& end = lowering.need_constant(node, input, name);
    if (end.size() != 1) Lowering::unsupported("one value for each end");
    return end.at(0);
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double low = end_of(1, "min", -infinity), high = end_of(2, "max", infinity);
  // Writers spell an open end as the largest float.
  clamp(lowering, node, low < -1e30 ? -infinity : low, high > 1e30 ? infinity : high);
}

}  // namespace cimcycle::onnx_model
