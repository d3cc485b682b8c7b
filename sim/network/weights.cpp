// SPDX-License-Identifier: Apache-2.0
// Weights and their two parts. Equations: docs/models/numerics.md
#include <algorithm>
#include <cstdlib>

#include "network/network.h"

namespace cimcycle {

WeightRange weight_range(const Dec3& dec3) {
  if (dec3.hb == 1) return dec3.lb == 0 ? WeightRange{-1, 1} : WeightRange{-(1 << dec3.lb), (1 << dec3.lb) - 1};
  const int half = 1 << (dec3.hb + dec3.lb - 1);
  // Rounding carries into the high part from here on, which would leave its signed range.
  const int carry = dec3.split == Split::round && dec3.lb > 0 ? 1 << (dec3.lb - 1) : 0;
  return {-half, half - 1 - carry};
}

SplitWeight split_weight(int weight, const Dec3& dec3) {
  if (dec3.lb == 0) return {weight, 0};
  if (dec3.hb == 1) {
    const int high = weight >= 0 ? 1 : -1;
    return {high, weight - high * (1 << (dec3.lb - 1))};
  }
  const int half_step = dec3.split == Split::round ? 1 << (dec3.lb - 1) : 0;
  const int high = (weight + half_step) >> dec3.lb;  // >> rounds towards minus infinity
  return {high, weight - high * (1 << dec3.lb)};
}

int high_shift(const Dec3& dec3) { return dec3.hb == 1 && dec3.lb > 0 ? dec3.lb - 1 : dec3.lb; }

std::int64_t mean_multiplier(const Layer& layer, std::int32_t m, std::int64_t elements) {
  const std::int64_t product = std::int64_t{m} * layer.kernel_h * layer.kernel_w;
  const std::int64_t half = elements / 2;
  return (product < 0 ? product - half : product + half) / elements;
}

std::int64_t accumulator_bound(const Layer& layer) {
  const std::int64_t largest_input = (std::int64_t{1} << layer.input_bits) - 1;
  if (layer.kind == LayerKind::max_pool) return 0;
  if (layer.kind == LayerKind::average_pool || layer.kind == LayerKind::concat)
    return std::int64_t{layer.kernel_h} * layer.kernel_w * largest_input;

  const int shift = high_shift(layer.dec3);
  const auto rows = static_cast<std::size_t>(layer.rows_per_output());
  std::int64_t largest = 0;
  for (std::size_t first = 0; first < layer.weights.size(); first += rows) {
    std::int64_t sum = 0;
    for (std::size_t row = first; row < std::min(first + rows, layer.weights.size()); ++row) {
      // A closed gate leaves the high part alone, which may be the larger magnitude.
      const int weight = layer.weights[row];
      sum += std::max(std::abs(weight), std::abs(split_weight(weight, layer.dec3).high) << shift);
    }
    largest = std::max(largest, sum);
  }
  return largest * largest_input;
}

}  // namespace cimcycle
