// SPDX-License-Identifier: Apache-2.0
#include "replay/ledger.h"

#include <set>
#include <utility>

namespace cimcycle {
namespace {

std::int64_t& count_of(ActionCounts& actions, Action action) { return actions[static_cast<std::size_t>(action)]; }

/// What one path's columns were used for, whichever part of them was read.
struct PathReads {
  std::int64_t block_digits = 0;   ///< (OU group, digit) pairs read
  std::int64_t output_digits = 0;  ///< outputs x digits read
  std::int64_t output_sums = 0;    ///< outputs x sum of digits
  std::int64_t levels = 0;
  std::int64_t outputs = 0;  ///< outputs of OU groups with a read
  std::int64_t activations = 0;
  std::int64_t rows_on = 0;
};

class Counter {
 public:
  Counter(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, const ReadStats& stats)
      : layer_(layer), mapping_(mapping), hardware_(hardware), stats_(stats) {}

  LayerCounts run(GateTreatment treatment) {
    const Dec3& dec3 = layer_.dec3;
    const bool zeros = skips_zeros(layer_, mapping_);
    const bool gated = zeros ? treatment != GateTreatment::no_skip
                             : dec3.gate != GateKind::none &&
                                   (treatment == GateTreatment::as_described || treatment == GateTreatment::oracle);
    const bool has_low = dec3.has_low_part();
    const bool described = treatment == GateTreatment::as_described;
    // lb = 0: with the mask known beforehand, closed OU groups are not read at all.
    const bool open_msb_only = gated && !has_low && (!described || zeros || decides_before_reads(layer_, hardware_));
    const PathReads msb =
        open_msb_only ? open_reads() : all_reads(stats_.high, stats_.msb_levels, mapping_.column_crossbars);
    read_path(msb, static_cast<std::int64_t>(mapping_.msb_slices.size()));
    counts_.msb_reads = msb.block_digits * static_cast<std::int64_t>(mapping_.msb_slices.size());
    count_activations(msb);
    count_offset(open_msb_only, stats_.high);
    count_of(counts_.actions, Action::accumulation) += gated && !has_low ? open_accumulations() : msb.outputs;
    counts_.clipped_conversions += stats_.clipped_msb;
    if (has_low && treatment != GateTreatment::msb_only) read_low(gated, described);
    counts_.lsb_reads_possible = has_low ? stats_.low.digits * blocks() * mapping_.slices_behind_gate() : 0;
    count_zero_skipped(open_msb_only, gated, treatment);
    if (gated && described) count_gate();
    return counts_;
  }

 private:
  std::int64_t blocks() const { return static_cast<std::int64_t>(mapping_.blocks.size()); }
  /// Outputs that a row group adds to.
  std::int64_t outputs() const { return layer_.outputs_per_group(); }

  /// Outputs behind open gates that are accumulated, of groups with a read. A static mask is one per OU group.
  std::int64_t open_accumulations() const {
    const bool per_output = layer_.dec3.granularity == GateGranularity::output && !mapping_.has_static_mask();
    return per_output ? stats_.asked_outputs : stats_.open.outputs;
  }

  PathReads all_reads(const DriveStats& drives, std::int64_t levels, std::int64_t crossbars) const {
    PathReads reads;
    reads.block_digits = drives.digits * blocks();
    reads.output_digits = drives.digits * outputs();
    reads.output_sums = drives.digit_sums * outputs();
    reads.levels = levels;
    reads.outputs = drives.groups_read * outputs();
    reads.activations = drives.digits * crossbars;
    reads.rows_on = drives.rows_on * crossbars;
    return reads;
  }

  PathReads open_reads() const {
    PathReads reads;
    reads.block_digits = stats_.open.digits;
    reads.output_digits = stats_.open.output_digits;
    reads.output_sums = stats_.open.output_sums;
    reads.levels = stats_.open.levels;
    reads.outputs = stats_.open.outputs;
    reads.activations = stats_.open.activations;
    reads.rows_on = stats_.open.rows_on;
    return reads;
  }

  void read_path(const PathReads& reads, std::int64_t slices) {
    const bool one_conversion_per_pair =
        hardware_.mapping.cells == CellMapping::differential && hardware_.mapping.subtract == Subtract::analog;
    const std::int64_t columns = mapping_.columns_per_output;
    const std::int64_t conversions = reads.output_digits * slices * (one_conversion_per_pair ? 1 : columns);
    counts_.conversions += conversions;
    count_of(counts_.actions, Action::conversion) += conversions;
    count_of(counts_.actions, Action::shift_add) += conversions;
    count_of(counts_.actions, Action::bitline_column) += reads.output_digits * slices * columns;
    count_of(counts_.actions, Action::array_level) += reads.levels;
    count_of(counts_.actions, Action::array_row) += reads.output_sums * slices * columns;
  }

  void count_activations(const PathReads& reads) {
    count_of(counts_.actions, Action::wordline_activation) += reads.activations;
    count_of(counts_.actions, Action::wordline_row) += reads.rows_on;
  }

  /// The sum of a row group's activations: a popcount tree, or a column of ones per crossbar.
  void count_offset(bool open_only, const DriveStats& drives) {
    if (hardware_.mapping.cells != CellMapping::offset) return;
    const std::int64_t crossbars = mapping_.column_crossbars;
    const std::int64_t uses = open_only ? stats_.open.activations : drives.digits * crossbars;
    if (hardware_.mapping.offset_sum == OffsetSum::digital) {
      count_of(counts_.actions, Action::offset_digit) += uses;
      return;
    }
    const std::int64_t sums = open_only ? stats_.open.crossbar_sums : drives.digit_sums * crossbars;
    counts_.conversions += uses;
    count_of(counts_.actions, Action::conversion) += uses;
    count_of(counts_.actions, Action::bitline_column) += uses;
    count_of(counts_.actions, Action::array_level) += sums;
    count_of(counts_.actions, Action::array_row) += sums;
    counts_.clipped_conversions += open_only ? stats_.open.unit_clips : stats_.clipped_unit * crossbars;
  }

  void read_low(bool gated, bool described) {
    const bool separate = mapping_.separate_lsb(), digits = mapping_.low_digits > 0;
    const std::int64_t crossbars = separate ? mapping_.lsb_column_crossbars : mapping_.column_crossbars;
    PathReads lsb = gated ? open_reads() : all_reads(stats_.low, stats_.lsb_levels, crossbars);
    read_path(lsb, mapping_.slices_behind_gate());
    counts_.lsb_reads = lsb.block_digits * mapping_.slices_behind_gate();
    // One step over all slices (no gate, or one that decided before, on the same crossbar) holds the wordlines of the
    // MSB reads. A low digit needs them again, and a sum of its own.
    const bool one_step = !gated || !described || decides_before_reads(layer_, hardware_);
    if (one_step && !separate && !digits) lsb.activations = lsb.rows_on = 0;
    count_activations(lsb);
    if (digits) count_offset(gated, stats_.low);
    // Without a gate the low digits of a row group go into the sum that its high ones began.
    if (digits && !gated) lsb.outputs = (stats_.groups_read - stats_.high.groups_read) * outputs();
    count_of(counts_.actions, Action::accumulation) += gated ? open_accumulations() : lsb.outputs;
    counts_.clipped_conversions += stats_.clipped_lsb;
  }

  void count_zero_skipped(bool open_msb_only, bool gated, GateTreatment treatment) {
    const std::int64_t pairs = stats_.vectors * static_cast<std::int64_t>(mapping_.groups.size());
    const auto everywhere = [&](const DriveStats& drives, int digits) {
      return (pairs * digits - drives.digits) * blocks();
    };
    const std::int64_t open = stats_.open.triples * mapping_.digits_behind_gate() - stats_.open.digits;
    counts_.zero_skipped = (open_msb_only ? open : everywhere(stats_.high, mapping_.high_digits())) *
                           static_cast<std::int64_t>(mapping_.msb_slices.size());
    if (layer_.dec3.has_low_part() && treatment != GateTreatment::msb_only) {
      counts_.zero_skipped +=
          (gated ? open : everywhere(stats_.low, mapping_.digits_behind_gate())) * mapping_.slices_behind_gate();
    }
  }

  void count_gate() {
    counts_.gate_decisions = stats_.gate_decisions;
    counts_.gates_closed = stats_.gates_closed;
    if (mapping_.has_static_mask()) {
      // Nothing is decided at run time; the index says which output blocks of a row group are read.
      count_of(counts_.actions, Action::index_bit) += stats_.high.groups_read * blocks();
      return;
    }
    if (layer_.dec3.gate == GateKind::inputs) return count_input_gate();
    std::int64_t comparisons = 0, decisions = 0;
    switch (layer_.dec3.granularity) {
      case GateGranularity::ou: {
        const bool only_open = !layer_.dec3.has_low_part() && hardware_.gate.mask_known == MaskKnown::oracle;
        comparisons = only_open ? stats_.open.outputs : stats_.high.groups_read * outputs();
        decisions = only_open ? stats_.open.read_triples : stats_.high.groups_read * blocks();
        break;
      }
      case GateGranularity::output_block:
        comparisons = stats_.vectors * outputs();
        decisions = stats_.vectors * blocks();
        break;
      case GateGranularity::output:
        comparisons = stats_.vectors * outputs();
        decisions = comparisons;
        break;
    }
    count_of(counts_.actions, Action::gate_comparison) += comparisons;
    count_of(counts_.actions, Action::gate_decision) += decisions;
    if (mapping_.separate_lsb()) count_of(counts_.actions, Action::mask_transfer_bit) += decisions;
  }

  /// Every crossbar with reads behind the gate sums what it loads, row group by row group, and decides for itself.
  void count_input_gate() {
    const std::int64_t crossbars = mapping_.separate_lsb() ? mapping_.lsb_column_crossbars : mapping_.column_crossbars;
    const std::int64_t sums = stats_.vectors * static_cast<std::int64_t>(mapping_.groups.size()) * crossbars;
    count_of(counts_.actions, Action::input_sum) += sums;
    count_of(counts_.actions, Action::gate_comparison) += sums;
    count_of(counts_.actions, Action::gate_decision) += sums;
  }

  const Layer& layer_;
  const LayerMapping& mapping_;
  const Hardware& hardware_;
  const ReadStats& stats_;
  LayerCounts counts_;
};

}  // namespace

LayerCounts& LayerCounts::operator+=(const LayerCounts& other) {
  for (std::size_t i = 0; i < actions.size(); ++i) actions[i] += other.actions[i];
  msb_reads += other.msb_reads;
  lsb_reads += other.lsb_reads;
  lsb_reads_possible += other.lsb_reads_possible;
  zero_skipped += other.zero_skipped;
  gate_decisions += other.gate_decisions;
  gates_closed += other.gates_closed;
  conversions += other.conversions;
  clipped_conversions += other.clipped_conversions;
  return *this;
}

LayerCounts count_reads(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware,
                        const ReadStats& stats, GateTreatment treatment) {
  return Counter(layer, mapping, hardware, stats).run(treatment);
}

int residual_bits(const Layer& layer, const Network& network) {
  if (!layer.residual) return 0;
  constexpr int image_bits = 8;
  if (layer.residual->source == image_input) return image_bits;
  return network.layers[static_cast<std::size_t>(layer.residual->source)].result_bits();
}

ActionCounts count_movement(const Layer& layer, const Network& network, const LayerMapping* mapping,
                            const Hardware& hardware) {
  ActionCounts actions{};
  const std::int64_t vectors = layer.vectors();
  const std::int64_t results = layer.out.size();
  const std::int64_t input_bits = layer.in.size() * layer.input_bits;
  const std::int64_t residual = results * residual_bits(layer, network);
  const std::int64_t written = results * layer.result_bits();
  count_of(actions, Action::global_buffer_read_bit) = input_bits + residual;
  count_of(actions, Action::global_buffer_write_bit) = written;
  // The input is sent once, to all tiles of the layer at a time.
  count_of(actions, Action::link_bit) = input_bits + residual + written;
  count_of(actions, Action::residual_addition) = layer.residual ? results : 0;
  if (layer.output != OutputKind::accumulator && layer.kind != LayerKind::max_pool) {
    count_of(actions, Action::requantization) = results;
  }
  if (mapping == nullptr) {
    count_of(actions, Action::pool_operation) = results * layer.kernel_h * layer.kernel_w;
    return actions;
  }
  const std::int64_t grids = mapping->column_crossbars + mapping->lsb_column_crossbars;
  const std::int64_t row_bits = std::int64_t{layer.rows()} * layer.input_bits;
  count_of(actions, Action::tile_buffer_write_bit) = input_bits * mapping->tiles;
  count_of(actions, Action::input_register_bit) = vectors * row_bits * grids;
  // Crossbars of one crossbar row on one tile share a read of the tile buffer.
  std::set<std::pair<int, int>> loads;
  for (int k = 0; k < mapping->crossbars(); ++k) {
    loads.insert({k / hardware.chip.crossbars_per_tile, k % mapping->row_crossbars});
  }
  std::int64_t load_bits = 0;
  for (const auto& [tile, row_crossbar] : loads) {
    const std::size_t x = static_cast<std::size_t>(row_crossbar);
    for (int g = mapping->group_begin[x]; g < mapping->group_begin[x + 1]; ++g) {
      load_bits += std::int64_t{mapping->groups[static_cast<std::size_t>(g)].rows} * layer.input_bits;
    }
  }
  count_of(actions, Action::tile_buffer_read_bit) = vectors * load_bits;
  const std::int64_t summed = std::int64_t{mapping->crossbars_per_sum} * (mapping->separate_lsb() ? 2 : 1);
  count_of(actions, Action::adder_tree_addition) = results * (summed - 1);
  return actions;
}

}  // namespace cimcycle
