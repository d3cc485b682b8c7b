// SPDX-License-Identifier: Apache-2.0
// The yardstick of bench/adc_exact_vs_bare_loop.cpp.
#pragma once

#include <cstdint>

inline constexpr int bare_columns = 64;

/// sums[c] = sum over groups of min(popcount(rows[g] & cells[c]), top).
void bare_loop(const std::uint16_t* rows, const std::uint16_t* cells, int groups, std::uint16_t top,
               std::uint16_t* sums);
