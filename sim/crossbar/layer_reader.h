// SPDX-License-Identifier: Apache-2.0
// Reads one layer of one image: input vectors -> OU partial sums -> gate -> accumulators, with the counts and the trace
// that ledger and timing need.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "crossbar/layer_trace.h"
#include "crossbar/packed_layer.h"

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
  std::int64_t crossbar_sums =
      0;                        ///< sum of the row group's digits, per (crossbar, row group) that an open block drives
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

/// Called for every gate decision with the largest threshold at which it would still open: the importance max |Ph|, or
/// the mean of |Ph| over the outputs rounded down.
using ImportanceObserver = std::function<void(std::int64_t opens_up_to)>;

/// One input vector after the other, cut into digits: all of them, or with digit gating the high or the low ones.
struct InputPart {
  std::vector<GroupFacts> facts;  ///< [vectors][groups]
  // Working memory.
  std::vector<std::uint8_t> x, digit_sums;
  std::vector<std::uint64_t> digit_words;
  std::vector<std::uint32_t> row_digits;
};

/// Working memory of a reader and its results for the last image; one per thread and layer shape, reused.
struct LayerReading {
  std::vector<std::int32_t> acc;  ///< [vectors][outputs of the layer]
  LayerTrace trace;
  ReadStats stats;
  // What every row policy and every placement of the blocks on crossbars has in common (read_counts.h).
  ReadStats content;           ///< the statistics that neither changes; the others are 0
  InputPart input, low_input;  ///< the second one with digit gating only
  std::vector<int> asked;      ///< [vectors], granularity output: outputs that asked
  // Working memory.
  std::vector<std::uint8_t> padded;
  std::vector<std::int32_t> msb_sums, lsb_sums, block_sums;
  std::vector<std::uint8_t> chunk_read, lane_read, output_open;
};

/// Reads all vectors of the layer. `input`: the layer's input tensor, channel-major (in.size() values, unsigned
/// activations, or signed ones with signed inputs); `pad`: per input channel, what padding holds.
void read_layer(const PackedLayer& layer, std::span<const std::int16_t> input, std::span<const int> pad,
                LayerReading& reading, const ImportanceObserver& observer = {});

}  // namespace cimcycle
