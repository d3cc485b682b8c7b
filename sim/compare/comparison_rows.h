// SPDX-License-Identifier: Apache-2.0
// The figures of a comparison as rows of numbers: what compare.csv holds and what tables are made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/comparison.h"

namespace cimcycle {

/// One figure from every source; absent where a source does not state it.
struct ComparisonRow {
  std::string scope;  ///< "chip" or the name of a layer
  std::string_view quantity;
  std::string_view unit;
  std::optional<double> composer, log, simulated_valid, simulated_padded;
};

/// Area and its parts, clock, latency, energies, leakage power, efficiency, groups.
std::vector<ComparisonRow> chip_rows(const Comparison& comparison);
/// Latency, energies and groups of every layer.
std::vector<ComparisonRow> layer_rows(const Comparison& comparison);

/// value / reference, or nothing if one is absent or the reference is 0.
std::optional<double> ratio_of(const std::optional<double>& value, const std::optional<double>& reference);

}  // namespace cimcycle
