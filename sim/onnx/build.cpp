// SPDX-License-Identifier: Apache-2.0
#include "onnx/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "onnx/scales.h"

namespace cimcycle::onnx_model {
namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// Codes as the format has them: from 0 to 2^bits - 1, which is where clamp and type end.
TensorCodes format_codes(const Quantization& stated, double low, double high, int channels, const std::string& name) {
  const auto end = [&](double value, int fallback) {
    if (!std::isfinite(value)) return fallback;
    const double code = std::nearbyint(value / stated.scale) + stated.zero_point;
    return static_cast<int>(std::clamp(code, static_cast<double>(stated.least), static_cast<double>(stated.most)));
  };
  const int least = end(low, stated.least), most = end(high, stated.most);
  int bits = 1;
  while (bits < 8 && (1 << bits) <= most - least) ++bits;
  if (most - least != (1 << bits) - 1) {
    fail_input(
        "layer {}: its codes reach from {} to {}, which is no whole number of bits; expected a range of 2^bits - 1, as "
        "without "
        "a Clip or with a scale at which its upper end is the top code",
        printable(name), least, most);
  }
  TensorCodes codes;
  codes.scale.assign(at(channels), stated.scale);
  codes.shift.assign(at(channels), least - stated.zero_point);
  codes.bits = bits;
  return codes;
}

/// The code of 0, which padding holds.
int zero_code(double shift, int bits) {
  return static_cast<int>(std::clamp(std::nearbyint(-shift), 0.0, static_cast<double>((1 << bits) - 1)));
}

}  // namespace

TensorCodes image_codes(const ImageValues& image) {
  if (image.quantization) {
    TensorCodes stated = format_codes(*image.quantization, -HUGE_VAL, HUGE_VAL, image.shape.channels, "image");
    stated.bits = 8;  // what the format says of an image, however few its codes are
    return stated;
  }
  TensorCodes codes;
  codes.scale = image.scale;
  for (std::size_t c = 0; c < image.scale.size(); ++c) codes.shift.push_back(image.offset[c] / image.scale[c]);
  return codes;
}

bool TensorCodes::is_uniform() const {
  return std::ranges::all_of(scale, [&](double one) { return one == scale.front(); });
}

Builder::Builder(const Steps& steps, const Choices& choices)
    : steps_(steps), choices_(choices), image_(image_codes(steps.image)) {
  for (std::size_t i = 0; i < steps.steps.size(); ++i) {
    const Step& step = steps.steps[i];
    if (step.kind == LayerKind::max_pool) {
      codes_.push_back(codes(step.inputs.front()));
    } else if (step.feeds_sum || step.is_logits) {
      codes_.emplace_back();
    } else {
      codes_.push_back(format_codes(choices.results[i], step.low, step.high, step.out.channels, step.name));
    }
  }
}

const TensorCodes& Builder::codes(int step) const { return step == image_input ? image_ : codes_[at(step)]; }

TensorCodes Builder::joined_codes(const Step& step) const {
  TensorCodes joined = codes(step.inputs.front());
  for (std::size_t i = 1; i < step.inputs.size(); ++i) {
    const TensorCodes& next = codes(step.inputs[i]);
    joined.scale.insert(joined.scale.end(), next.scale.begin(), next.scale.end());
    joined.shift.insert(joined.shift.end(), next.shift.begin(), next.shift.end());
    if (next.bits != joined.bits) {
      fail_input("layer {}: its inputs have {} and {} bits; a concat reads tensors of the same bits",
                 printable(step.name), joined.bits, next.bits);
    }
  }
  return joined;
}

std::vector<float> weights_on(const Step& step, const TensorCodes& input) {
  if (input.is_uniform()) return step.weights;
  std::vector<float> weights = step.weights;
  const std::int64_t rows = step.rows(), kernel = std::int64_t{step.kernel_h} * step.kernel_w;
  const std::int64_t outputs_per_group = step.out.channels / step.groups;
  // A linear layer reads the channels' positions one behind the other.
  const std::int64_t per_channel =
      step.kind == LayerKind::linear ? rows / static_cast<std::int64_t>(input.scale.size()) : kernel;
  for (std::int64_t o = 0; o < step.out.channels; ++o) {
    const std::int64_t first = o / outputs_per_group * (rows / per_channel) * (step.groups > 1 ? 1 : 0);
    for (std::int64_t r = 0; r < rows; ++r) {
      float& weight = weights[at(o * rows + r)];
      weight = static_cast<float>(weight * input.scale[at(first + r / per_channel)]);
    }
  }
  return weights;
}

/// Returns the real value of one, for logits.
double Builder::add_digital(const Step& step, int index, Layer& layer) const {
  const TensorCodes input = joined_codes(step);
  const auto outputs = at(step.out.channels);
  const bool has_weights = step.has_weights();
  const double input_scale = has_weights && !input.is_uniform() ? 1 : input.scale.front();
  DigitalProblem problem;
  problem.logits = step.is_logits;
  const TensorCodes* own = step.is_logits ? nullptr : &codes(index);
  const double result_scale = own == nullptr ? 1 : own->scale.front();
  const auto sum_factor = [&](const Step& of, int of_index, double scale, std::size_t o) {
    return of.factor[o] * (of.has_weights() ? choices_.weights[at(of_index)].scale[o] * scale : scale);
  };
  // What an accumulator lacks because its inputs' codes are shifted: sum over weights (or the window) of code * shift.
  const auto sum_shift = [&](const Step& of, int of_index, const TensorCodes& from, std::size_t o) {
    if (!of.has_weights()) return from.shift[o] * of.kernel_h * of.kernel_w;
    const std::int64_t rows = of.rows(), group = static_cast<std::int64_t>(o) / (of.out.channels / of.groups);
    const std::int64_t channels =
        of.kind == LayerKind::linear ? static_cast<std::int64_t>(from.shift.size()) : of.in.channels / of.groups;
    double sum = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t channel = (of.kind == LayerKind::linear ? 0 : group * channels) + r / (rows / channels);
      sum += choices_.weights[at(of_index)].codes[o * at(rows) + at(r)] * from.shift[at(channel)];
    }
    return sum;
  };
  for (std::size_t o = 0; o < outputs; ++o) {
    const double scale = has_weights ? input_scale : input.scale[o];
    problem.m.push_back(sum_factor(step, index, scale, o) / result_scale);
    problem.m_shift.push_back(sum_shift(step, index, input, o));
    // c holds the results' zero point: code = value / scale - shift.
    problem.offset.push_back(step.offset[o] / result_scale - (own == nullptr ? 0 : own->shift[o]));
  }
  if (step.added) {
    const int source = *step.added;
    const Step* from = source == image_input ? nullptr : &steps_.steps[at(source)];
    const bool is_projection = from != nullptr && from->feeds_sum;
    const Selection& selection = step.added_selection;
    Residual& residual = layer.residual.emplace();
    residual.source = source;
    if (is_projection) residual.kind = Residual::Kind::projection;
    if (selection != Selection{}) residual.kind = Residual::Kind::option_a;
    residual.stride = selection.stride.height;
    residual.pad_front = selection.pad_front;
    residual.pad_back = selection.pad_back;
    const TensorCodes added = is_projection ? joined_codes(*from) : codes(source);
    for (std::size_t o = 0; o < outputs; ++o) {
      const double own_factor = step.added_channel_factor.empty() ? 1 : step.added_channel_factor[o];
      const double factor = step.added_factor * own_factor / result_scale;
      if (is_projection) {
        const double scale = added.is_uniform() ? added.scale.front() : 1;
        problem.r.push_back(factor * sum_factor(*from, source, scale, o));
        problem.r_shift.push_back(sum_shift(*from, source, added, o));
        problem.offset[o] += factor * from->offset[o];
      } else {
        // Channels of zeros add 0 as a code and as a value, whatever the zero point.
        const std::size_t front = at(selection.pad_front);
        const bool is_zero = o < front || o - front >= added.scale.size();
        problem.r.push_back(factor * (is_zero ? added.scale.front() : added.scale[o - front]));
        problem.r_shift.push_back(is_zero ? 0 : added.shift[o - front]);
      }
    }
  }
  DigitalConstants constants = digital_constants(problem, step.name);
  layer.digital = std::move(constants.digital);
  if (!layer.residual) return constants.unit;
  layer.residual->multiplier = std::move(constants.r);
  const auto& r = layer.residual->multiplier;
  if (std::ranges::all_of(r, [&](std::int32_t one) { return one == r.front(); })) layer.residual->multiplier.resize(1);
  return constants.unit;
}

double Builder::logit_unit() const {
  const auto last = static_cast<int>(steps_.steps.size()) - 1;
  Layer layer;
  return add_digital(steps_.steps.back(), last, layer);
}

Layer Builder::layer(int index) const {
  const Step& step = steps_.steps[at(index)];
  const TensorCodes& input = codes(step.inputs.front());
  Layer layer;
  layer.name = step.name;
  layer.kind = step.kind;
  layer.input = step.inputs.front();
  layer.more_inputs.assign(step.inputs.begin() + 1, step.inputs.end());
  layer.in = step.in;
  layer.out = step.out;
  layer.kernel_h = step.kernel_h;
  layer.kernel_w = step.kernel_w;
  layer.stride = step.stride;
  layer.dilation = step.dilation;
  layer.padding = step.padding;
  layer.groups = step.groups;
  layer.counts_padding = step.counts_padding;
  layer.input_bits = input.bits;
  const bool pads = step.kind == LayerKind::conv || step.kind == LayerKind::average_pool;
  if (pads && step.counts_padding && layer.input != image_input && step.padding != Border(0)) {
    layer.pad_value = zero_code(input.shift.front(), input.bits);
  }
  if (step.has_weights()) {
    layer.weights = choices_.weights[at(index)].codes;
    layer.dec3 = choices_.dec3[at(index)];
  }
  if (step.kind == LayerKind::max_pool) {
    layer.output_bits = input.bits;
  } else if (step.feeds_sum) {
    layer.output = OutputKind::accumulator;
  } else {
    layer.output = step.is_logits ? OutputKind::logits : OutputKind::unsigned_activation;
    if (!step.is_logits) layer.output_bits = codes(index).bits;
    add_digital(step, index, layer);
  }
  return layer;
}

Network Builder::frame() const {
  Network network;
  const ImageValues& image = steps_.image;
  network.image = image.shape;
  for (const double shift : image_.shift) network.pad_value.push_back(zero_code(shift, 8));
  if (!image.quantization) return network;
  const Quantization& codes = *image.quantization;
  for (std::size_t c = 0; c < at(image.shape.channels); ++c) {
    for (int byte = 0; byte < 256; ++byte) {
      const double value = image.scale[c] * byte + image.offset[c];
      const double code = std::nearbyint(value / codes.scale) + codes.zero_point;
      network.image_codes.push_back(static_cast<std::uint8_t>(
          std::clamp(code, static_cast<double>(codes.least), static_cast<double>(codes.most)) - codes.least));
    }
  }
  return network;
}

Network Builder::network() const {
  Network network = frame();
  for (std::size_t i = 0; i < steps_.steps.size(); ++i) network.layers.push_back(layer(static_cast<int>(i)));
  return network;
}

Choices stated_choices(const Steps& steps, const std::string& file) {
  std::string lacking;
  Choices choices;
  const auto lacks = [&](const Step& step, std::string_view what) {
    lacking += fmt::format("; {}: no {}", printable(step.name), what);
  };
  for (const Step& step : steps.steps) {
    const bool gives = step.kind != LayerKind::max_pool && !step.feeds_sum && !step.is_logits;
    if (gives && !step.quantization) lacks(step, "QuantizeLinear behind it");
    if (step.has_weights() && !step.weight_codes) lacks(step, "quantized weights");
    choices.results.push_back(step.quantization.value_or(Quantization{}));
    choices.weights.push_back(step.weight_codes.value_or(WeightCodes{}));
    Dec3 dec3;
    if (step.has_weights() && step.weight_codes) {
      dec3.hb = 2;
      const auto [least, most] = std::ranges::minmax(step.weight_codes->codes);
      while (dec3.hb < 8 && (least < -(1 << (dec3.hb - 1)) || most >= 1 << (dec3.hb - 1))) ++dec3.hb;
    }
    choices.dec3.push_back(dec3);
  }
  if (!lacking.empty()) {
    fail_input("{}: some tensors state their quantization, others do not{}", file, lacking);
  }
  return choices;
}

}  // namespace cimcycle::onnx_model
