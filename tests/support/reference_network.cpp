// SPDX-License-Identifier: Apache-2.0
// The integer network of the slow twin.
#include "reference_network.h"

#include <algorithm>
#include <stdexcept>

namespace cimcycle_reference {

using cimcycle::Layer;
using cimcycle::LayerKind;
using cimcycle::Network;
using cimcycle::OutputKind;
using cimcycle::Residual;
using cimcycle::Shape;

namespace {

std::size_t index_of(const Shape& shape, int channel, int y, int x) {
  return static_cast<std::size_t>((channel * shape.height + y) * shape.width + x);
}

std::vector<std::int64_t> pool(const Layer& layer, const std::vector<int>& activations) {
  std::vector<std::int64_t> pooled;
  for (int channel = 0; channel < layer.out.channels; ++channel) {
    for (int out_y = 0; out_y < layer.out.height; ++out_y) {
      for (int out_x = 0; out_x < layer.out.width; ++out_x) {
        std::vector<std::int64_t> window;
        std::int64_t padding = 0;
        for (int ky = 0; ky < layer.kernel_h; ++ky) {
          for (int kx = 0; kx < layer.kernel_w; ++kx) {
            const int y = out_y * layer.stride.height + ky - layer.padding.top;
            const int x = out_x * layer.stride.width + kx - layer.padding.left;
            const bool inside = y >= 0 && y < layer.in.height && x >= 0 && x < layer.in.width;
            if (!inside) padding += layer.pad_value;
            if (inside) window.push_back(activations.at(index_of(layer.in, channel, y, x)));
          }
        }
        if (window.empty()) throw std::invalid_argument("a pooling window without a value");
        std::int64_t sum = padding;
        for (const std::int64_t value : window) sum += value;
        const std::int64_t highest = *std::max_element(window.begin(), window.end());
        pooled.push_back(layer.kind == LayerKind::max_pool ? highest : sum);
      }
    }
  }
  return pooled;
}

/// res of one output value.
std::int64_t residual_value(const Residual& residual, const std::vector<std::int64_t>& source,
                            const Shape& source_shape, const Shape& out, int channel, int y, int x) {
  if (residual.kind != Residual::Kind::option_a) return source.at(index_of(out, channel, y, x));
  const int source_channel = channel - residual.pad_front;
  if (source_channel < 0 || source_channel >= source_shape.channels) return 0;
  return source.at(index_of(source_shape, source_channel, y * residual.stride, x * residual.stride));
}

/// What acc is multiplied by at a position.
std::int64_t multiplier_at(const Layer& layer, std::int64_t m, int out_y, int out_x) {
  if (layer.counts_padding) return m;
  const auto inside = [](int out, int kernel, int stride, int before, int size) {
    std::int64_t count = 0;
    for (int k = 0; k < kernel; ++k) {
      const int at = out * stride + k - before;
      count += at >= 0 && at < size ? 1 : 0;
    }
    return count;
  };
  const std::int64_t elements = inside(out_y, layer.kernel_h, layer.stride.height, layer.padding.top, layer.in.height) *
                                inside(out_x, layer.kernel_w, layer.stride.width, layer.padding.left, layer.in.width);
  const std::int64_t product = std::abs(m) * layer.kernel_h * layer.kernel_w;
  const std::int64_t rounded = product / elements + (2 * (product % elements) >= elements ? 1 : 0);
  return m < 0 ? -rounded : rounded;
}

std::int64_t requantize(const Layer& layer, std::int64_t z) {
  if (layer.output == OutputKind::logits) return z;
  const std::int64_t y = round_half_away(z, layer.digital.n);
  const std::int64_t levels = std::int64_t{1} << layer.output_bits;
  if (layer.output == OutputKind::unsigned_activation) return std::clamp<std::int64_t>(y, 0, levels - 1);
  return std::clamp<std::int64_t>(y, -levels / 2, levels / 2 - 1);
}

}  // namespace

std::int64_t round_half_away(std::int64_t z, int n) {
  const bool negative = z < 0;
  // Unsigned, because the magnitude of the lowest int64 is no int64.
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(z) : static_cast<std::uint64_t>(z);
  const std::uint64_t divisor = std::uint64_t{1} << n;
  std::uint64_t quotient = magnitude / divisor;
  if (2 * (magnitude % divisor) >= divisor) ++quotient;
  return negative ? -static_cast<std::int64_t>(quotient) : static_cast<std::int64_t>(quotient);
}

std::vector<std::int64_t> direct_sums(const Layer& layer, const std::vector<int>& activations,
                                      const std::vector<int>& pad_value) {
  std::vector<std::int64_t> sums;
  if (layer.kind == LayerKind::linear) {
    for (int output = 0; output < layer.out.channels; ++output) {
      std::int64_t sum = 0;
      for (std::size_t row = 0; row < activations.size(); ++row) {
        const std::size_t weight = static_cast<std::size_t>(output) * activations.size() + row;
        sum += std::int64_t{layer.weights.at(weight)} * activations[row];
      }
      sums.push_back(sum);
    }
    return sums;
  }
  const int channels = layer.in.channels / layer.groups;
  for (int output = 0; output < layer.out.channels; ++output) {
    for (int out_y = 0; out_y < layer.out.height; ++out_y) {
      for (int out_x = 0; out_x < layer.out.width; ++out_x) {
        std::int64_t sum = 0;
        const int first_channel = output / (layer.out.channels / layer.groups) * channels;
        for (int channel = first_channel; channel < first_channel + channels; ++channel) {
          for (int ky = 0; ky < layer.kernel_h; ++ky) {
            for (int kx = 0; kx < layer.kernel_w; ++kx) {
              const int y = out_y * layer.stride.height + ky * layer.dilation.height - layer.padding.top;
              const int x = out_x * layer.stride.width + kx * layer.dilation.width - layer.padding.left;
              std::int64_t value = pad_value.empty() ? 0 : pad_value.at(static_cast<std::size_t>(channel));
              if (y >= 0 && y < layer.in.height && x >= 0 && x < layer.in.width) {
                value = activations.at(index_of(layer.in, channel, y, x));
              }
              const int weight =
                  ((output * channels + channel - first_channel) * layer.kernel_h + ky) * layer.kernel_w + kx;
              sum += value * layer.weights.at(static_cast<std::size_t>(weight));
            }
          }
        }
        sums.push_back(sum);
      }
    }
  }
  return sums;
}

std::vector<LayerValues> IntegerNetwork::evaluate(const std::vector<int>& pixels, const Accumulate& accumulate) const {
  const Shape& shape = network.image;
  std::vector<int> image = pixels;
  for (std::size_t i = 0; i < image.size() && !network.image_codes.empty(); ++i) {
    const std::size_t channel = i / static_cast<std::size_t>(shape.height * shape.width);
    image[i] = network.image_codes.at(256 * channel + static_cast<std::size_t>(image[i]));
  }
  if (image.size() != static_cast<std::size_t>(shape.channels * shape.height * shape.width)) {
    throw std::invalid_argument("the image has another size than the network reads");
  }
  std::vector<LayerValues> results;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    const bool reads_image = layer.input == cimcycle::image_input;
    std::vector<int> activations;
    std::vector<int> inputs = {layer.input};
    inputs.insert(inputs.end(), layer.more_inputs.begin(), layer.more_inputs.end());
    for (const int input : inputs) {
      if (input == cimcycle::image_input) {
        activations.insert(activations.end(), image.begin(), image.end());
        continue;
      }
      for (const std::int64_t value : results.at(static_cast<std::size_t>(input)).values) {
        activations.push_back(static_cast<int>(value));
      }
    }
    LayerValues result;
    const bool has_weights = layer.kind == LayerKind::conv || layer.kind == LayerKind::linear;
    if (!has_weights) {
      result.acc = pool(layer, activations);
    } else if (accumulate) {
      result.acc = accumulate(layer, static_cast<int>(i), activations);
    } else {
      const std::vector<int> own(static_cast<std::size_t>(layer.in.channels), layer.pad_value);
      result.acc = direct_sums(layer, activations, reads_image ? network.pad_value : own);
    }
    if (layer.kind == LayerKind::max_pool || layer.output == OutputKind::accumulator) {
      result.values = result.acc;
      results.push_back(result);
      continue;
    }
    for (int channel = 0; channel < layer.out.channels; ++channel) {
      const std::size_t c = static_cast<std::size_t>(channel);
      for (int y = 0; y < layer.out.height; ++y) {
        for (int x = 0; x < layer.out.width; ++x) {
          std::int64_t z = result.acc.at(index_of(layer.out, channel, y, x));
          z *= multiplier_at(layer, layer.digital.m.at(c), y, x);
          z += layer.digital.c.at(c);
          if (layer.residual) {
            const Residual& residual = *layer.residual;
            const bool from_image = residual.source == cimcycle::image_input;
            const std::size_t source = from_image ? 0 : static_cast<std::size_t>(residual.source);
            const std::vector<std::int64_t> values =
                from_image ? std::vector<std::int64_t>(image.begin(), image.end()) : results.at(source).values;
            const Shape& source_shape = from_image ? network.image : network.layers[source].out;
            const std::int64_t multiplier =
                residual.multiplier.size() == 1 ? residual.multiplier[0] : residual.multiplier.at(c);
            z += multiplier * residual_value(residual, values, source_shape, layer.out, channel, y, x);
          }
          result.values.push_back(requantize(layer, z));
        }
      }
    }
    results.push_back(result);
  }
  return results;
}

}  // namespace cimcycle_reference
