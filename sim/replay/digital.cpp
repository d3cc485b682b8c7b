// SPDX-License-Identifier: Apache-2.0
#include "replay/digital.h"

#include <algorithm>
#include <limits>

namespace cimcycle {
namespace {

/// Calls body(value index within a window) for every input position of an output position that is not padding.
template <class Body>
void for_window(const Layer& layer, int y, int x, Body&& body) {
  for (int ky = 0; ky < layer.kernel_h; ++ky) {
    const int row = y * layer.stride.height + ky - layer.padding.top;
    if (row < 0 || row >= layer.in.height) continue;
    for (int kx = 0; kx < layer.kernel_w; ++kx) {
      const int column = x * layer.stride.width + kx - layer.padding.left;
      if (column < 0 || column >= layer.in.width) continue;
      body(static_cast<std::size_t>(row) * static_cast<std::size_t>(layer.in.width) + static_cast<std::size_t>(column));
    }
  }
}

/// Elements on the input of the window at every output position.
std::vector<std::int64_t> window_elements(const Layer& layer) {
  std::vector<std::int64_t> elements;
  for (int y = 0; y < layer.out.height; ++y) {
    for (int x = 0; x < layer.out.width; ++x) {
      elements.push_back(0);
      for_window(layer, y, x, [&](std::size_t) { ++elements.back(); });
    }
  }
  return elements;
}

}  // namespace

void residual_plane(const Residual& residual, const LayerValues& source, const Shape& shape, const Shape& out,
                    std::size_t channel, std::vector<std::int64_t>& values) {
  const std::size_t positions = static_cast<std::size_t>(out.height) * static_cast<std::size_t>(out.width);
  values.resize(positions);
  const auto begin_of = [&](const auto& plane) {
    return plane.begin() + static_cast<std::ptrdiff_t>(channel * positions);
  };
  switch (residual.kind) {
    case Residual::Kind::identity:
      std::copy_n(begin_of(source.activations), positions, values.begin());
      return;
    case Residual::Kind::projection:
      std::copy_n(begin_of(source.accumulators), positions, values.begin());
      return;
    case Residual::Kind::option_a: {
      const int from = static_cast<int>(channel) - residual.pad_front;
      if (from < 0 || from >= shape.channels) {
        std::fill(values.begin(), values.end(), 0);
        return;
      }
      const std::int16_t* plane = source.activations.data() + std::ptrdiff_t{from} * shape.height * shape.width;
      auto to = values.begin();
      for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
          *to++ = plane[std::ptrdiff_t{y} * residual.stride * shape.width + x * residual.stride];
        }
      }
      return;
    }
  }
}

void finish_layer(const Layer& layer, std::span<const std::int32_t> acc, const LayerValues* residual,
                  const Shape& residual_shape, LayerValues& values) {
  const std::size_t channels = static_cast<std::size_t>(layer.out.channels);
  const std::size_t positions = static_cast<std::size_t>(layer.vectors());
  const std::size_t size = channels * positions;
  if (layer.output == OutputKind::accumulator) {
    values.accumulators.resize(size);
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t v = 0; v < positions; ++v) values.accumulators[c * positions + v] = acc[v * channels + c];
    }
    return;
  }
  const bool logits = layer.output == OutputKind::logits;
  if (logits) {
    values.logits.resize(size);
  } else {
    values.activations.resize(size);
  }
  const std::int64_t low =
      layer.output == OutputKind::signed_activation ? -(std::int64_t{1} << (layer.output_bits - 1)) : 0;
  const std::int64_t high = layer.output == OutputKind::signed_activation
                                ? (std::int64_t{1} << (layer.output_bits - 1)) - 1
                                : (std::int64_t{1} << layer.output_bits) - 1;
  const Digital& digital = layer.digital;
  std::vector<std::int64_t> added;
  const std::vector<std::int64_t> elements =
      layer.counts_padding ? std::vector<std::int64_t>() : window_elements(layer);
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int64_t m = digital.m[c];
    const std::int64_t offset = digital.c[c];
    const std::int64_t r =
        layer.residual ? layer.residual->multiplier[layer.residual->multiplier.size() == 1 ? 0 : c] : 0;
    if (layer.residual) residual_plane(*layer.residual, *residual, residual_shape, layer.out, c, added);
    for (std::size_t v = 0; v < positions; ++v) {
      const std::int64_t factor = elements.empty() ? m : mean_multiplier(layer, digital.m[c], elements[v]);
      std::int64_t z = acc[v * channels + c] * factor + offset;
      if (layer.residual) z += r * added[v];
      if (logits) {
        values.logits[c * positions + v] = z;
      } else {
        values.activations[c * positions + v] =
            static_cast<std::int16_t>(std::clamp(round_half_away(z, digital.n), low, high));
      }
    }
  }
}

void average_pool_sums(const Layer& layer, std::span<const std::int16_t> input, std::vector<std::int32_t>& acc) {
  const std::size_t channels = static_cast<std::size_t>(layer.out.channels);
  const std::size_t plane = static_cast<std::size_t>(layer.in.height) * static_cast<std::size_t>(layer.in.width);
  acc.assign(channels * static_cast<std::size_t>(layer.vectors()), 0);
  for (std::size_t c = 0; c < channels; ++c) {
    std::size_t v = 0;
    for (int y = 0; y < layer.out.height; ++y) {
      for (int x = 0; x < layer.out.width; ++x, ++v) {
        std::int32_t sum = layer.pad_value * layer.kernel_h * layer.kernel_w;
        for_window(layer, y, x, [&](std::size_t at) { sum += input[c * plane + at] - layer.pad_value; });
        acc[v * channels + c] = sum;
      }
    }
  }
}

void max_pool(const Layer& layer, std::span<const std::int16_t> input, LayerValues& values) {
  const std::size_t plane = static_cast<std::size_t>(layer.in.height) * static_cast<std::size_t>(layer.in.width);
  values.activations.resize(static_cast<std::size_t>(layer.out.size()));
  std::size_t at_out = 0;
  for (std::size_t c = 0; c < static_cast<std::size_t>(layer.out.channels); ++c) {
    for (int y = 0; y < layer.out.height; ++y) {
      for (int x = 0; x < layer.out.width; ++x) {
        std::int16_t largest = std::numeric_limits<std::int16_t>::min();
        for_window(layer, y, x, [&](std::size_t at) { largest = std::max(largest, input[c * plane + at]); });
        values.activations[at_out++] = largest;
      }
    }
  }
}

}  // namespace cimcycle
