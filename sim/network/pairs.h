// SPDX-License-Identifier: Apache-2.0
// The bit-width pairs (hb, lb) that a layer with a gate may have.
#pragma once

#include <algorithm>
#include <array>

namespace cimcycle {

/// Bits of one weight, both parts together.
inline constexpr int most_weight_bits = 8;

inline constexpr std::array<int, 5> high_part_bits = {8, 6, 4, 2, 1};
inline constexpr std::array<int, 5> low_part_bits = {6, 4, 2, 1, 0};

constexpr bool is_pair(int hb, int lb) {
  const auto holds = [](const std::array<int, 5>& widths, int bits) {
    return std::find(widths.begin(), widths.end(), bits) != widths.end();
  };
  return holds(high_part_bits, hb) && holds(low_part_bits, lb) && hb + lb <= most_weight_bits;
}

}  // namespace cimcycle
