// SPDX-License-Identifier: Apache-2.0
// How long a flash converter senses a column, where that depends on the column. Model: docs/models/neurosim.md,
// "Conversions".
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "neurosim/setup.h"

namespace cimcycle::neurosim {

/// The longest sense time over all references, by the conductance of the column.
class SenseTime {
 public:
  /// The node must have sense_time.
  explicit SenseTime(const Setup& setup);

  /// The fit itself, s, within its limits.
  double exact_s(double conductance) const;
  /// The same from a table, s: linear between 1024 points per octave.
  float of(float conductance) const {
    const auto bits = std::bit_cast<std::uint32_t>(conductance);
    const std::uint32_t index = (bits >> shift) - first_index;
    if (index >= table_.size() - 1) return static_cast<float>(exact_s(conductance));
    const float part = static_cast<float>(bits & ((1u << shift) - 1)) * (1.0f / (1u << shift));
    return table_[index] + part * (table_[index + 1] - table_[index]);
  }
  /// Of a bit plane whose columns do not conduct, s.
  double shortest_s() const { return spec_.min_ns * 1e-9; }

 private:
  static constexpr int shift = 13;
  static constexpr std::uint32_t first_index = 97u << (23 - shift);  // 2^-30 S
  static constexpr std::uint32_t entries = 32u << (23 - shift);

  SenseTimeSpec spec_;
  bool flat_region_;
  std::vector<double> references_ohm_;
  std::vector<float> table_;
};

}  // namespace cimcycle::neurosim
