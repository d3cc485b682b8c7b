// SPDX-License-Identifier: Apache-2.0
// QuantizeLinear and DequantizeLinear: they state the codes of a tensor; and QONNX's Quant, which is both at once.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

/// Scales and zero points of a node: one, or one per slice along `axis`.
struct Codes {
  std::vector<double> scale;
  std::vector<std::int64_t> zero_point;
  int least = 0, most = 255;
  int axis = 0;
};

Codes codes_of(Lowering& lowering, const Node& node) {
  Codes codes;
  const Tensor& scale = lowering.need_constant(node, 1, "scale");
  for (std::int64_t i = 0; i < scale.size(); ++i) {
    codes.scale.push_back(scale.at(static_cast<std::size_t>(i)));
    if (!(codes.scale.back() > 0)) Lowering::unsupported("a scale above 0");
  }
  if (codes.scale.empty()) Lowering::unsupported("a scale");
  codes.zero_point.assign(codes.scale.size(), 0);
  if (lowering.has(node, 2)) {
    const Tensor& zero = lowering.need_constant(node, 2, "zero point");
    if (zero.size() != 1 && zero.size() != scale.size()) Lowering::unsupported("as many zero points as scales");
    for (std::size_t i = 0; i < codes.zero_point.size(); ++i) {
      codes.zero_point[i] = static_cast<std::int64_t>(std::llround(zero.at(zero.size() == 1 ? 0 : i)));
    }
    if (zero.is_integer && zero.most > 0) {
      codes.least = zero.least;
      codes.most = zero.most;
    }
  }
  codes.axis = static_cast<int>(integer_of(node, "axis", 1));
  return codes;
}

/// Index of the scale that element `i` of a tensor has.
std::size_t scale_index(const Tensor& tensor, const Codes& codes, std::size_t i) {
  if (codes.scale.size() == 1) return 0;
  const auto rank = static_cast<int>(tensor.shape.size());
  const int axis = codes.axis < 0 ? codes.axis + rank : codes.axis;
  if (axis < 0 || axis >= rank ||
      tensor.shape[static_cast<std::size_t>(axis)] != static_cast<std::int64_t>(codes.scale.size())) {
    Lowering::unsupported("as many scales as the axis is long");
  }
  std::size_t behind = 1;
  for (int a = axis + 1; a < rank; ++a) behind *= static_cast<std::size_t>(tensor.shape[static_cast<std::size_t>(a)]);
  return i / behind % codes.scale.size();
}

std::int64_t code_of(double value, const Codes& codes, std::size_t which) {
  // std::nearbyint rounds halves to even, as ONNX does.
  const double code = std::nearbyint(value / codes.scale[which]) + static_cast<double>(codes.zero_point[which]);
  return static_cast<std::int64_t>(std::clamp(code, static_cast<double>(codes.least), static_cast<double>(codes.most)));
}

/// Makes real values of integer codes, and keeps the codes for the layer that reads them.
void dequantize_constant(Lowering& lowering, const Node& node, const Tensor& tensor, const Codes& codes) {
  Tensor values;
  values.shape = tensor.shape;
  QuantizedConstant kept{{}, codes.scale, codes.axis};
  for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.size()); ++i) {
    const std::size_t which = scale_index(tensor, codes, i);
    const std::int64_t code = tensor.integers[i] - codes.zero_point[which];
    kept.codes.push_back(code);
    values.reals.push_back(static_cast<float>(static_cast<double>(code) * codes.scale[which]));
  }
  const bool are_weights = tensor.most > 0;
  if (!are_weights) return lowering.set_constant(node, std::move(values));
  if (std::ranges::any_of(kept.codes, [](std::int64_t code) { return code < -128 || code > 127; })) {
    Lowering::unsupported("weights within -128 to 127 of their zero point");
  }
  lowering.set_quantized_constant(node, std::move(values), std::move(kept));
}

Tensor quantize_constant(const Tensor& tensor, const Codes& codes) {
  Tensor result;
  result.shape = tensor.shape;
  result.is_integer = true;
  result.least = codes.least;
  result.most = codes.most;
  for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.size()); ++i) {
    result.integers.push_back(code_of(tensor.at(i), codes, scale_index(tensor, codes, i)));
  }
  return result;
}

Quantization of_tensor(const Codes& codes) {
  if (codes.scale.size() != 1) Lowering::unsupported("one scale for a tensor of activations");
  const std::int64_t zero = codes.zero_point.front();
  if (zero < codes.least || zero > codes.most) {
    Lowering::unsupported(fmt::format("a zero point from {} to {}, not {}", codes.least, codes.most, zero));
  }
  return {codes.scale.front(), static_cast<int>(zero), codes.least, codes.most};
}

void quantize_flow(Lowering& lowering, const Node& node, const Quantization& wanted) {
  const Flow flow = lowering.flow(node, 0);
  const std::optional<Quantization> there = lowering.quantization_of(flow.step);
  // Zeros that a Pad adds have the code of 0 as well.
  if (there && *there == wanted) return lowering.set(node, flow);
  Lowering::need_no_padding(flow);
  Lowering::need_no_selection(flow);
  if (!there && flow.step == image_input) {
    lowering.image().quantization = wanted;
    return lowering.set(node, flow);
  }
  if (!there && lowering.is_only_reader(node, 0)) {
    // The largest code is the code of the largest value, so that it may be made before a maximum as well.
    int source = flow.step;
    while (source != image_input && lowering.step(source).kind == LayerKind::max_pool &&
           lowering.has_one_reader(lowering.step(source).inputs.front())) {
      source = lowering.step(source).inputs.front();
    }
    if (source == image_input) {
      lowering.image().quantization = wanted;
      return lowering.set(node, flow);
    }
    if (lowering.step(source).kind != LayerKind::max_pool) {
      lowering.step(source).quantization = wanted;
      return lowering.set(node, flow);
    }
  }
  Step step = lowering.plain_step(flow);
  step.quantization = wanted;
  lowering.set(node, {lowering.add_step(node, std::move(step)), flow.shape, flow.form});
}

}  // namespace

void lower_quantize(Lowering& lowering, const Node& node) {
  const Codes codes = codes_of(lowering, node);
  if (const Tensor* tensor = lowering.constant(node, 0)) {
    return lowering.set_constant(node, quantize_constant(*tensor, codes));
  }
  quantize_flow(lowering, node, of_tensor(codes));
}

void lower_dequantize(Lowering& lowering, const Node& node) {
  const Codes codes = codes_of(lowering, node);
  if (const Tensor* tensor = lowering.constant(node, 0)) {
    if (!tensor->is_integer) Lowering::unsupported("integers");
    return dequantize_constant(lowering, node, *tensor, codes);
  }
  const Flow flow = lowering.flow(node, 0);
  const Quantization stated = of_tensor(codes);
  const std::optional<Quantization> there = lowering.quantization_of(flow.step);
  if (!there && flow.step == image_input && codes.least == 0) {
    // The model reads the bytes themselves.
    ImageValues& image = lowering.image();
    std::ranges::fill(image.scale, stated.scale);
    std::ranges::fill(image.offset, -stated.scale * stated.zero_point);
    return lowering.set(node, flow);
  }
  if (!there || there->scale != stated.scale || there->zero_point != stated.zero_point) {
    Lowering::unsupported("the scale and the zero point of the QuantizeLinear before it");
  }
  lowering.set(node, flow);
}

void lower_quant(Lowering& lowering, const Node& node) {
  Codes codes = codes_of(lowering, node);
  codes.axis = 0;
  const Tensor& bits = lowering.need_constant(node, 3, "bit width");
  const double width = bits.size() == 1 ? bits.at(0) : 0;
  if (!(width >= 1 && width <= 8) || width != std::floor(width)) Lowering::unsupported("a bit width of 1 to 8");
  if (text_of(node, "rounding_mode", "ROUND") != "ROUND") Lowering::unsupported("rounding_mode ROUND");
  const int half = 1 << (static_cast<int>(width) - 1);
  const int narrow = integer_of(node, "narrow", 0) != 0 ? 1 : 0;
  const bool is_signed = integer_of(node, "signed", 1) != 0;
  codes.least = is_signed ? -half + narrow : 0;
  codes.most = is_signed ? half - 1 : 2 * half - 1 - narrow;
  if (const Tensor* tensor = lowering.constant(node, 0)) {
    return dequantize_constant(lowering, node, quantize_constant(*tensor, codes), codes);
  }
  quantize_flow(lowering, node, of_tensor(codes));
}

}  // namespace cimcycle::onnx_model
