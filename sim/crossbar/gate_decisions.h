// SPDX-License-Identifier: Apache-2.0
// Decides, input vector by input vector, which OU groups of a gated layer are read behind the gate.
#pragma once

#include <cstdint>

#include "crossbar/layer_reader.h"

namespace cimcycle {

/// The decisions of one vector at a time; they end up in reading.trace.open and in the counts of reading.content.
class GateDecisions {
 public:
  /// `reading`: with trace.mask_words set, and its working memory sized.
  GateDecisions(const PackedLayer& layer, LayerReading& reading, const ImportanceObserver& observer);

  /// Whether decide takes reading.msb_sums, [groups][lanes]; otherwise the vector's input says enough, or nothing does.
  bool needs_sums() const;

  /// Decides for this vector.
  void decide(int vector);

  bool is_open(int group, int block) const { return (mask(group)[block / 64] >> (block % 64) & 1u) != 0; }
  /// Open blocks of a row group, one bit each, [trace.mask_words].
  const std::uint64_t* mask(int group) const { return open_ + group * reading_.trace.mask_words; }

  /// Whether all blocks of a row group are open.
  bool is_all_open(int group) const;

  /// Granularity output: whether this output asked. Its block is read if any of them did.
  bool output_is_open(int output) const { return reading_.output_open[static_cast<std::size_t>(output)] != 0; }

  /// Sets reading.chunk_read to the chunks that hold a lane of an open block; with `lanes`, lane_read to those lanes.
  void mark_read(bool lanes);

 private:
  void open_block(int group, int block) {
    open_[group * reading_.trace.mask_words + block / 64] |= std::uint64_t{1} << (block % 64);
  }
  bool opens(const OutputBlock& block, const std::int32_t* sums) const;
  bool output_opens(int output) const;
  std::int64_t decisions_per_vector() const;
  void close_all();
  void open_kept_groups();
  void decide_groups();
  void decide_by_inputs();
  void decide_collected();
  void mark_output(int output, bool open);
  const std::int32_t* sums_of(int group) const;

  const PackedLayer& layer_;
  const LayerMapping& mapping_;
  LayerReading& reading_;
  const ImportanceObserver& observer_;
  const GatePlan plan_;
  const int groups_, blocks_, lanes_;
  std::uint64_t* open_ = nullptr;  ///< of the vector at hand, as the next one
  int* asked_ = nullptr;
};

}  // namespace cimcycle
