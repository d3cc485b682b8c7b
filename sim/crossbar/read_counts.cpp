// SPDX-License-Identifier: Apache-2.0
#include "crossbar/read_counts.h"

#include <bit>

namespace cimcycle {
namespace {

/// The open output blocks of one row group and vector.
struct OpenBlocks {
  int blocks = 0;
  int outputs = 0;
  int crossbars = 0;  ///< that hold them
};

OpenBlocks open_blocks_of(const LayerMapping& mapping, bool in_lsb_grid, const std::uint64_t* mask, int mask_words) {
  OpenBlocks open;
  int last_crossbar = -1;
  for (int word = 0; word < mask_words; ++word) {
    for (std::uint64_t bits = mask[word]; bits != 0; bits &= bits - 1) {
      const std::size_t b = static_cast<std::size_t>(64 * word + std::countr_zero(bits));
      const int crossbar = in_lsb_grid ? mapping.lsb_block_crossbar[b] : mapping.blocks[b].crossbar;
      ++open.blocks;
      open.outputs += mapping.blocks[b].outputs;
      open.crossbars += crossbar != last_crossbar ? 1 : 0;
      last_crossbar = crossbar;
    }
  }
  return open;
}

void count_drives(int digits, DriveStats& stats) {
  stats.digits += digits;
  stats.groups_read += digits > 0 ? 1 : 0;
}

}  // namespace

void count_issued(const PackedLayer& layer, const LayerMapping& mapping, RowPolicy row_policy, LayerReading& reading) {
  LayerTrace& trace = reading.trace;
  ReadStats& stats = reading.stats;
  stats = reading.content;
  const bool masked = !trace.open.empty();
  const bool in_lsb_grid = layer.lsb.slices > 0 && mapping.separate_lsb();
  const bool apart = mapping.low_digits > 0;
  const std::size_t pairs = trace.digits.size();
  for (std::size_t i = 0; i < pairs; ++i) {
    const bool all = row_policy == RowPolicy::all;
    const int high_digits = all ? mapping.high_digits() : reading.input.facts[i].digits;
    trace.digits[i] = static_cast<std::uint8_t>(high_digits);
    count_drives(high_digits, stats.high);
    const GroupFacts& facts = apart ? reading.low_input.facts[i] : reading.input.facts[i];
    const int digits = all ? mapping.digits_behind_gate() : facts.digits;
    if (apart) trace.low_digits[i] = static_cast<std::uint8_t>(digits);
    count_drives(digits, stats.low);
    stats.groups_read += high_digits + digits > 0 ? 1 : 0;
    if (!masked) continue;
    if (digits > 0) stats.asked_outputs += reading.asked[i / static_cast<std::size_t>(trace.groups)];
    const OpenBlocks open = open_blocks_of(
        mapping, in_lsb_grid, &trace.open[i * static_cast<std::size_t>(trace.mask_words)], trace.mask_words);
    stats.open.read_triples += digits > 0 ? open.blocks : 0;
    stats.open.digits += std::int64_t{open.blocks} * digits;
    stats.open.output_digits += std::int64_t{open.outputs} * digits;
    stats.open.outputs += digits > 0 ? open.outputs : 0;
    stats.open.activations += std::int64_t{open.crossbars} * digits;
    stats.open.rows_on += std::int64_t{open.crossbars} * facts.rows_on;
    stats.open.crossbar_sums += std::int64_t{open.crossbars} * facts.digit_sum;
    stats.open.unit_clips += std::int64_t{open.crossbars} * facts.unit_clips;
  }
}

}  // namespace cimcycle
