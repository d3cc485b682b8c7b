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
#include "crossbar/read_stats.h"

namespace cimcycle {

/// Called for every gate decision with the largest threshold at which it would still open: the importance max |Ph|, or
/// the mean of |Ph| over the outputs rounded down, or the sum of the row group's activations.
using ImportanceObserver = std::function<void(std::int64_t opens_up_to)>;

/// One input vector after the other, cut into digits: all of them, or with digit gating the high or the low ones.
struct InputPart {
  std::vector<GroupFacts> facts;  ///< [vectors][groups]
  // Working memory.
  std::vector<std::uint8_t> x, digit_sums;
  std::vector<std::uint64_t> digit_words;
  std::vector<std::int64_t> row_digits;  ///< [rows]: sum of a row's digits over all vectors
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
