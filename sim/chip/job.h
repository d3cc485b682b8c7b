// SPDX-License-Identifier: Apache-2.0
// One crossbar job: the OU reads of one input vector on one crossbar, cycle by cycle, without events.
//
// Nothing outside can change a job once its input vector and an accumulator bank are there, so its inside is advanced
// by a plain loop over steps (one row group's MSB reads, or its LSB reads) instead of one event per OU read. tests/
// holds the long way. The order of reads and the meaning of every cycle are written in docs/models/time.md.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chip/cycle_counts.h"

namespace cimcycle {

/// When the gate of a row group is known.
enum class GateTiming {
  none,        ///< no gate: one step per row group over MSB and LSB slices
  local,       ///< granularity ou: in the compare cycle, two cycles after the group's last MSB conversion cycle
  collected,   ///< granularity output_block and output: from outside, after all row groups of the layer are summed
  beforehand,  ///< known before the job starts: one step per row group over the MSB slices and the open LSB slices
};

/// What is fixed for every job of one crossbar column of one layer.
struct JobShape {
  int blocks = 0;  ///< output blocks on this crossbar
  // With digit gating "MSB" are the reads of the high digits, "LSB" those of the low ones, both over all slices.
  int msb_slices = 0;  ///< 0: the LSB crossbar of a separate pair
  /// 0: nothing behind the gate here (lb = 0, all thresholds null, or the partner is on another crossbar).
  int lsb_slices = 0;
  GateTiming gate = GateTiming::none;
  /// Pruning mode with a mask known beforehand: the MSB reads of closed blocks are not issued. Only with gate none.
  bool msb_masked = false;
  /// The first MSB read of each digit converts one more column (the sum of the activations).
  bool unit_column = false;
  bool sample_and_hold = false;
  int adcs = 0;                  ///< converters of this crossbar
  int conversion_cycles = 0;     ///< of one conversion (flash 1)
  std::vector<int> conversions;  ///< per block: converted columns of one read
};

/// Some blocks of a crossbar, and what one read of each of them costs together.
struct BlockSet {
  int count = 0;
  int first = 0, last = 0;   ///< meaningful if count > 0
  Cycle cycles = 0;          ///< conversion cycles
  std::int64_t columns = 0;  ///< converted columns
};

/// A JobShape with everything worked out that does not depend on the vector. Made once per crossbar column and layer.
struct JobPlan {
  /// A block whose reads differ from those of block 0 (the layer's short last block).
  struct OddBlock {
    int block = 0;
    Cycle more_cycles = 0;  ///< than block 0, per read; negative for a short block
    std::int64_t more_columns = 0;
  };

  JobShape shape;
  std::vector<Cycle> read_cycles;  ///< per block: conversion cycles of one read
  std::vector<Cycle> unit_cycles;  ///< per block: how many more if the unit column is converted, too
  std::vector<OddBlock> odd_blocks;
  BlockSet all;                   ///< all blocks
  std::vector<BlockSet> by_mask;  ///< [mask]: the open ones; empty for more than 8 blocks
};

/// Throws InputError if a number of the shape is out of range (no converter, no block, a masked gate).
JobPlan plan_jobs(JobShape shape);

/// One vector on one crossbar.
struct JobInput {
  /// Per row group of the crossbar: digits that are read (under row policy all: every digit; under skip_zero_groups:
  /// those with an active row). A group with 0 digits takes no cycle and its gate is known in passing.
  std::span<const std::uint8_t> digits;
  /// Per row group, `mask_words` words of the layer's mask: bit b = the gate of the layer's block b is open. Read where
  /// a mask matters (local, collected, oracle, msb_masked) and blocks stand behind it.
  std::span<const std::uint64_t> open;
  int mask_words = 0;
  int first_block = 0;  ///< bit of this crossbar's first block
  /// Digit gating: per row group the low digits, which the LSB reads are of; `digits` are then the high ones. Else
  /// empty: LSB reads are of the same digits.
  std::span<const std::uint8_t> low_digits = {};
};

/// What a job tells the outside. Cycles count from the cycle in which the job may issue its first read (0).
struct JobMilestones {
  Cycle next_may_issue = 0;  ///< first cycle in which the following vector may issue on this crossbar
  Cycle complete = 0;        ///< first cycle in which everything is done: all gates known, last shift-add ended
  CycleCounts counts;        ///< of the cycles [0, next_may_issue)
  std::int64_t msb_reads = 0, lsb_reads = 0;
  std::int64_t conversions = 0;  ///< converted columns of all reads; each keeps a converter for conversion_cycles
};

/// Advances a job on an ordinary crossbar, or on either crossbar of a separate pair whose mask is not waited for.
/// `decided` receives, per row group, the first cycle in which a partner on another crossbar may issue
/// (GateTiming::local; 0 for a group without digits; may be empty).
///
/// GateTiming::collected: the MSB steps alone. If reads may follow (may_read_behind_gate), next_may_issue and complete
/// are those of the MSB reads, and the LSB steps follow with advance_collected_lsb when the decision is there.
JobMilestones advance_job(const JobPlan& plan, const JobInput& input, std::span<Cycle> decided = {});

/// Advances the LSB crossbar of a separate pair: `decided` holds per row group the first cycle in which its LSB step
/// may issue, in the same count of cycles as 0 = the first cycle in which this crossbar may issue (negative: already
/// decided). Ascending over the groups with digits.
JobMilestones advance_lsb_job(const JobPlan& plan, const JobInput& input, std::span<const Cycle> decided);

/// GateTiming::collected: whether an open gate would let reads follow.
bool may_read_behind_gate(const JobPlan& plan, const JobInput& input);

/// GateTiming::collected: the LSB steps of all row groups in order, from cycle 0 on. Without an open partner all cycles
/// are 0.
JobMilestones advance_collected_lsb(const JobPlan& plan, const JobInput& input);

}  // namespace cimcycle
