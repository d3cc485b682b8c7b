// SPDX-License-Identifier: Apache-2.0
// The least work that a conversion can be: AND, popcount, min and add on 16-bit words that stay in the first-level
// cache.
#include "bare_loop.h"

void bare_loop(const std::uint16_t* rows, const std::uint16_t* cells, int groups, std::uint16_t top,
               std::uint16_t* sums) {
  std::uint16_t sum[bare_columns] = {};
  for (int g = 0; g < groups; ++g) {
    const std::uint16_t row = rows[g];
#pragma GCC unroll 1
    for (int c = 0; c < bare_columns; ++c) {
      const auto s = static_cast<std::uint16_t>(__builtin_popcount(static_cast<std::uint16_t>(row & cells[c])));
      sum[c] = static_cast<std::uint16_t>(sum[c] + (s < top ? s : top));
    }
  }
  for (int c = 0; c < bare_columns; ++c) sums[c] = sum[c];
}
