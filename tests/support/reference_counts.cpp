// SPDX-License-Identifier: Apache-2.0
// Counts of the slow twin: a walk over every crossbar, row group, step, digit, block and slice of every vector.
// The rules are in docs/models/numerics.md, section "Counting rules".
#include "reference_reader.h"

namespace cimcycle_reference {

using cimcycle::Action;
using cimcycle::CellMapping;
using cimcycle::GateGranularity;
using cimcycle::LsbPlacement;
using cimcycle::MaskKnown;

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// One drive of the wordlines per row group and digit: on which grid of crossbars, and the slices it reads.
struct Step {
  bool lsb_grid = false;
  std::vector<Path> paths;
};

class Counter {
 public:
  Counter(const Reader& reader, LayerReading& reading) : reader_(reader), reading_(reading) {}

  void count_vector(int vector) {
    reading_.digits.emplace_back();
    if (reader_.gates_digits()) reading_.low_digits.emplace_back();
    for (int g = 0; g < static_cast<int>(reader_.layout.groups.size()); ++g) {
      int digits = 0;
      int low_digits = 0;
      for (int d = 0; d < static_cast<int>(reader_.layout.digits.size()); ++d) {
        if (!reader_.digit_is_read(vector, g, d)) continue;
        ++(reader_.digit_belongs(Path::msb, d) ? digits : low_digits);
      }
      reading_.digits.back().push_back(digits);
      if (reader_.gates_digits()) reading_.low_digits.back().push_back(low_digits);
      for (const Step& step : steps()) {
        const int crossbars = step.lsb_grid ? reader_.layout.lsb_column_crossbars : reader_.layout.column_crossbars;
        for (int crossbar = 0; crossbar < crossbars; ++crossbar) {
          for (int d = 0; d < static_cast<int>(reader_.layout.digits.size()); ++d) {
            count_digit(vector, g, step, crossbar, d);
          }
        }
      }
      for (int b = 0; b < static_cast<int>(reader_.layout.blocks.size()); ++b)
        count_sums(vector, g, b, digits, low_digits);
    }
    count_gates(vector);
    reading_.conversions = action(Action::conversion);
  }

 private:
  std::int64_t& action(Action kind) { return reading_.actions.at(static_cast<std::size_t>(kind)); }

  bool decides() const { return reader_.gated() && reader_.options.gates == Gates::as_described; }

  std::vector<Step> steps() const {
    if (reader_.gates_digits()) return {{false, {Path::msb}}, {false, {Path::lsb}}};
    if (reader_.layer.dec3.lb == 0) return {{false, {Path::msb}}};
    if (reader_.hardware.mapping.lsb == LsbPlacement::separate_crossbars) {
      return {{false, {Path::msb}}, {true, {Path::lsb}}};
    }
    const bool one_step = !reader_.gated() || reader_.gates_inputs() || reader_.options.gates == Gates::all_open;
    if (one_step) return {{false, {Path::msb, Path::lsb}}};
    return {{false, {Path::msb}}, {false, {Path::lsb}}};
  }

  bool open(int vector, int g, int b) const { return !reader_.gated() || reading_.open[at(vector)][at(g)][at(b)] != 0; }

  /// Whether the gate (or the removal of a group) lets the reads of this path of an OU group happen.
  bool let_through(int vector, int g, int b, Path path) const {
    if (path == Path::lsb) return open(vector, g, b);
    const bool known_before = reader_.pruning() &&
                              (reader_.static_mask() || reader_.gates_inputs() ||
                               reader_.hardware.gate.mask_known != MaskKnown::after_read) &&
                              reader_.options.gates == Gates::as_described;
    return !known_before || open(vector, g, b);
  }

  /// One digit of one row group on one crossbar in one step.
  void count_digit(int vector, int g, const Step& step, int crossbar, int d) {
    bool any_read = false;
    bool any_first_read = false;
    for (int b = 0; b < static_cast<int>(reader_.layout.blocks.size()); ++b) {
      const Block& block = reader_.layout.blocks[at(b)];
      if ((step.lsb_grid ? block.lsb_crossbar : block.crossbar) != crossbar) continue;
      for (const Path path : step.paths) {
        if (!reader_.digit_belongs(path, d)) continue;
        for (int slice = 0; slice < static_cast<int>(reader_.cells(path).slice_bits.size()); ++slice) {
          const bool active = reader_.digit_is_read(vector, g, d);
          if (path == Path::lsb && active) ++reading_.lsb_reads_possible;
          if (!let_through(vector, g, b, path)) continue;
          if (!active) {
            ++reading_.zero_skipped;
            continue;
          }
          ++(path == Path::msb ? reading_.msb_reads : reading_.lsb_reads);
          count_read(vector, g, d, path, slice, block);
          any_read = true;
          if (path == Path::msb || reader_.gates_digits()) any_first_read = true;
        }
      }
    }
    if (any_read) {
      ++action(Action::wordline_activation);
      action(Action::wordline_row) += reader_.active_rows(vector, g, d);
    }
    if (any_first_read && reader_.uses_unit_column()) count_unit_column(vector, g, d);
    const bool popcount_tree = reader_.hardware.mapping.cells == CellMapping::offset && !reader_.uses_unit_column();
    if (any_first_read && popcount_tree) ++action(Action::offset_digit);
  }

  void count_read(int vector, int g, int d, Path path, int slice, const Block& block) {
    for (int i = 0; i < block.outputs; ++i) {
      const int output = block.first_output + i;
      for (int column = 0; column < reader_.layout.columns_per_output; ++column) {
        ++action(Action::bitline_column);
        action(Action::array_level) += reader_.column_sum(vector, g, d, path, slice, output, column);
        action(Action::array_row) += reader_.digit_sum(vector, g, d);
      }
      for (const Converted& converted : reader_.conversions(vector, g, d, path, slice, output)) {
        ++action(Action::conversion);
        ++action(Action::shift_add);
        if (converted.clipped) ++reading_.clipped_conversions;
      }
    }
  }

  void count_unit_column(int vector, int g, int d) {
    ++action(Action::bitline_column);
    action(Action::array_level) += reader_.digit_sum(vector, g, d);
    action(Action::array_row) += reader_.digit_sum(vector, g, d);
    ++action(Action::conversion);
    if (reader_.unit_conversion(vector, g, d).clipped) ++reading_.clipped_conversions;
  }

  /// Accumulations of one OU group and its partner, and the gate work of granularity ou.
  void count_sums(int vector, int g, int b, int digits, int low_digits) {
    const Block& block = reader_.layout.blocks[at(b)];
    const bool any_digit = digits > 0;
    // Without a gate a row group has one sum over all digits.
    const bool one_sum = reader_.gates_digits() && reader_.options.gates == Gates::all_open;
    const bool msb_read = (any_digit || (one_sum && low_digits > 0)) && let_through(vector, g, b, Path::msb);
    const bool has_low = reader_.gates_digits() ? low_digits > 0 && !one_sum : any_digit && reader_.layer.dec3.lb > 0;
    const bool lsb_read = has_low && let_through(vector, g, b, Path::lsb);
    for (int i = 0; i < block.outputs; ++i) {
      const bool masked_in = reader_.adds(reading_, vector, g, b, block.first_output + i);
      if (msb_read && (!reader_.pruning() || masked_in)) ++action(Action::accumulation);
      if (lsb_read && masked_in) ++action(Action::accumulation);
    }
    if (!decides()) return;
    const bool per_group = reader_.static_mask() || reader_.layer.dec3.granularity == GateGranularity::ou;
    if (!per_group) return;
    count_statistics(open(vector, g, b));
    if (any_digit && reader_.static_mask()) ++action(Action::index_bit);
    if (msb_read && !reader_.static_mask() && !reader_.gates_inputs()) {
      action(Action::gate_comparison) += block.outputs;
      ++action(Action::gate_decision);
    }
  }

  /// Gate work of the granularities that decide after all row groups are summed.
  void count_gates(int vector) {
    if (decides() && reader_.gates_inputs()) return count_input_gates();
    const GateGranularity granularity = reader_.layer.dec3.granularity;
    if (!decides() || reader_.static_mask() || granularity == GateGranularity::ou) return;
    for (int b = 0; b < static_cast<int>(reader_.layout.blocks.size()); ++b) {
      const Block& block = reader_.layout.blocks[at(b)];
      if (granularity == GateGranularity::output_block) {
        count_statistics(open(vector, 0, b));
        action(Action::gate_comparison) += block.outputs;
        ++action(Action::gate_decision);
        continue;
      }
      for (int i = 0; i < block.outputs; ++i) {
        count_statistics(reading_.output_open[at(vector)][at(block.first_output + i)] != 0);
        ++action(Action::gate_comparison);
        ++action(Action::gate_decision);
      }
    }
  }

  /// Every crossbar with reads behind the gate sums and compares what it loads.
  void count_input_gates() {
    const int separate = reader_.layout.lsb_column_crossbars;
    const int crossbars = separate > 0 ? separate : reader_.layout.column_crossbars;
    for (int g = 0; g < static_cast<int>(reader_.layout.groups.size()); ++g) {
      for (int crossbar = 0; crossbar < crossbars; ++crossbar) {
        ++action(Action::input_sum);
        ++action(Action::gate_comparison);
        ++action(Action::gate_decision);
      }
    }
  }

  void count_statistics(bool is_open) {
    ++reading_.gate_decisions;
    if (!is_open) ++reading_.gates_closed;
  }

  const Reader& reader_;
  LayerReading& reading_;
};

}  // namespace

void count(const Reader& reader, LayerReading& reading) {
  Counter counter(reader, reading);
  for (int v = 0; v < static_cast<int>(reader.vectors.size()); ++v) counter.count_vector(v);
}

}  // namespace cimcycle_reference
