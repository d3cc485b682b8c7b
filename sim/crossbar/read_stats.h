// SPDX-License-Identifier: Apache-2.0
// What was read of a layer, as integer sums over its input vectors.
#pragma once

#include <cstdint>

namespace cimcycle {

/// Sums over the (vector, row group, output block) triples whose gate is open, or whose block is read at all.
struct OpenStats {
  std::int64_t triples = 0;        ///< how many
  std::int64_t read_triples = 0;   ///< those with at least one digit read
  std::int64_t digits = 0;         ///< digits read
  std::int64_t output_digits = 0;  ///< outputs x digits read
  std::int64_t outputs = 0;        ///< outputs, of triples with at least one digit read
  std::int64_t output_sums = 0;    ///< outputs x sum of the row group's digits
  std::int64_t levels = 0;         ///< digit x stored level over the block's columns
  std::int64_t activations = 0;    ///< (crossbar, digit) pairs that an open block drives
  std::int64_t rows_on = 0;        ///< rows on in those
  /// Sum of the row group's digits, per (crossbar, row group) that an open block drives.
  std::int64_t crossbar_sums = 0;
  std::int64_t unit_clips = 0;  ///< clipped conversions of the columns of ones of those
  OpenStats& operator+=(const OpenStats&);
  bool operator==(const OpenStats&) const = default;
};

/// What the wordlines of one part of the reads get: sums over (vector, row group).
struct DriveStats {
  std::int64_t digits = 0;       ///< digits read
  std::int64_t rows_on = 0;      ///< rows whose digit is not 0, over the digits read
  std::int64_t digit_sums = 0;   ///< sum of the digits of all rows
  std::int64_t groups_read = 0;  ///< pairs with at least one digit read
  DriveStats& operator+=(const DriveStats&);
  bool operator==(const DriveStats&) const = default;
};

/// Integer sums over the input vectors of one layer from which every action count follows.
struct ReadStats {
  std::int64_t vectors = 0;
  DriveStats high;                 ///< of what is always read
  DriveStats low;                  ///< of what lies behind the gate, if it were open: the same but for digit gating
  std::int64_t groups_read = 0;    ///< (vector, row group) with a digit read in either part
  std::int64_t msb_levels = 0;     ///< digit x stored level over all columns of what is always read
  std::int64_t lsb_levels = 0;     ///< the same of what lies behind the gate
  OpenStats open;                  ///< of the part behind the gate: LSB partners, or (lb = 0) OU groups
  std::int64_t asked_outputs = 0;  ///< granularity output: (vector, row group, output) that asked, with a digit read
  std::int64_t gate_decisions = 0;
  std::int64_t gates_closed = 0;
  std::int64_t clipped_msb = 0;   ///< clipped conversions of MSB columns that are read
  std::int64_t clipped_lsb = 0;   ///< of LSB partners behind open gates
  std::int64_t clipped_unit = 0;  ///< of the column of ones, on one crossbar
  ReadStats& operator+=(const ReadStats&);
  bool operator==(const ReadStats&) const = default;
};

}  // namespace cimcycle
