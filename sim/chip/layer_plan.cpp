// SPDX-License-Identifier: Apache-2.0
// From layer, mapping, hardware and treatment to the plan of a layer's run.
#include "chip/layer_plan.h"

#include <bit>
#include <limits>
#include <stdexcept>

#include "base/text.h"
#include "chip/memory_path.h"
#include "chip/placement.h"

namespace cimcycle {
namespace {

// What the treatment makes of the layer's gate.
struct EffectiveGate {
  GateTiming timing = GateTiming::none;
  bool msb_masked = false;
  bool reads_lsb = true;
};

EffectiveGate effective_gate(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware,
                             GateTreatment treatment) {
  const bool gated = layer.dec3.gate != GateKind::none;
  const bool pruning = mapping.slices_behind_gate() == 0;
  // Zero weights stay skipped whatever is done with gates; only no_skip reads them.
  if (skips_zeros(layer, mapping) && treatment != GateTreatment::no_skip) {
    return {GateTiming::none, true, treatment != GateTreatment::msb_only};
  }
  switch (treatment) {
    case GateTreatment::no_skip:
      return {};
    case GateTreatment::msb_only:
      return {GateTiming::none, false, false};
    case GateTreatment::oracle:
      if (!gated) return {};
      return pruning ? EffectiveGate{GateTiming::none, true, true} : EffectiveGate{GateTiming::beforehand, false, true};
    case GateTreatment::as_described:
      break;
  }
  if (!gated) return {};
  if (decides_before_reads(layer, hardware)) {
    return pruning ? EffectiveGate{GateTiming::none, true, true} : EffectiveGate{GateTiming::beforehand, false, true};
  }
  return {layer.dec3.granularity == GateGranularity::ou ? GateTiming::local : GateTiming::collected, false, true};
}

// Whether a gate of these blocks can ever open.
bool can_open(const Layer& layer, const LayerMapping& mapping, int first_block, int end_block) {
  const Dec3& dec3 = layer.dec3;
  if (dec3.gate == GateKind::digits) return true;
  const auto opens = [&](std::int64_t index) {
    return dec3.threshold.at(static_cast<std::size_t>(index)) != never_opens;
  };
  if (dec3.threshold_per == Dec3::ThresholdPer::layer) return opens(0);
  for (int b = first_block; b < end_block; ++b) {
    if (dec3.threshold_per == Dec3::ThresholdPer::output_block) {
      if (opens(b)) return true;
      continue;
    }
    const OutputBlock& block = mapping.blocks[static_cast<std::size_t>(b)];
    for (int output = block.first_output; output < block.first_output + block.outputs; ++output) {
      if (opens(output)) return true;
    }
  }
  return false;
}

int outputs_of(const LayerMapping& mapping, int first_block, int end_block) {
  int outputs = 0;
  for (int b = first_block; b < end_block; ++b) outputs += mapping.blocks[static_cast<std::size_t>(b)].outputs;
  return outputs;
}

class Planner {
 public:
  Planner(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, const TimingSpec& spec,
          GateTreatment treatment)
      : layer_(layer),
        mapping_(mapping),
        hardware_(hardware),
        spec_(spec),
        gate_(effective_gate(layer, mapping, hardware, treatment)),
        lsb_columns_(gate_.reads_lsb ? mapping.lsb_column_crossbars : 0),
        gates_inputs_(layer.dec3.gate == GateKind::inputs && treatment == GateTreatment::as_described),
        newest_load_(static_cast<std::size_t>(mapping.row_crossbars), -1) {}

  LayerPlan run() {
    plan_window();
    plan_.group_begin = mapping_.group_begin;
    plan_.tiles = tile_of(mapping_.crossbars() - 1, hardware_.chip.crossbars_per_tile) + 1;
    plan_.unused_crossbars = mapping_.row_crossbars * (mapping_.lsb_column_crossbars - lsb_columns_);
    plan_.masks_needed = gate_.msb_masked || (gate_.timing != GateTiming::none && mapping_.slices_behind_gate() > 0);
    plan_jobs_of_columns();
    for (int c = 0; c < mapping_.column_crossbars; ++c) {
      for (int r = 0; r < mapping_.row_crossbars; ++r) add_msb_crossbar(r, c);
    }
    for (int c = 0; c < lsb_columns_; ++c) {
      for (int r = 0; r < mapping_.row_crossbars; ++r) add_lsb_crossbar(r, c);
    }
    for (int c = 0; c < mapping_.column_crossbars; ++c) finish_column(c);
    return std::move(plan_);
  }

 private:
  void plan_window() {
    plan_.window = input_window(layer_);
    check_window_fits(plan_.window, layer_, hardware_.chip.tile_buffer_bits);
    plan_.window_capacity = static_cast<int>(std::min<std::int64_t>(
        hardware_.chip.tile_buffer_bits / plan_.window.position_bits, std::numeric_limits<int>::max()));
  }

  JobShape shape_of(int first_block, int end_block) const {
    JobShape shape;
    shape.blocks = end_block - first_block;
    shape.sample_and_hold = hardware_.adc.sample_and_hold;
    shape.adcs = hardware_.adc.per_crossbar;
    shape.conversion_cycles = spec_.adc_cycles;
    const int per_output = hardware_.mapping.subtract == Subtract::digital ? mapping_.columns_per_output : 1;
    for (int b = first_block; b < end_block; ++b) {
      shape.conversions.push_back(mapping_.blocks[static_cast<std::size_t>(b)].outputs * per_output);
    }
    return shape;
  }

  bool decides_reads(int first_block, int end_block) const {
    return (gate_.timing == GateTiming::local || gate_.timing == GateTiming::collected) &&
           mapping_.slices_behind_gate() > 0 && can_open(layer_, mapping_, first_block, end_block);
  }

  void plan_jobs_of_columns() {
    const int lsb_slices = mapping_.slices_behind_gate();
    for (std::size_t c = 0; c + 1 < mapping_.block_begin.size(); ++c) {
      const int first = mapping_.block_begin[c], end = mapping_.block_begin[c + 1];
      JobShape shape = shape_of(first, end);
      shape.msb_slices = static_cast<int>(mapping_.msb_slices.size());
      const bool behind_gate = gate_.timing == GateTiming::local || gate_.timing == GateTiming::collected;
      const bool reads_lsb = gate_.reads_lsb && !mapping_.separate_lsb() && (!behind_gate || decides_reads(first, end));
      shape.lsb_slices = reads_lsb ? lsb_slices : 0;
      shape.gate = gate_.timing;
      shape.msb_masked = gate_.msb_masked;
      shape.unit_column =
          hardware_.mapping.cells == CellMapping::offset && hardware_.mapping.offset_sum == OffsetSum::unit_column;
      plan_.jobs.push_back(plan_jobs(std::move(shape)));
    }
    for (std::size_t c = 0; c < static_cast<std::size_t>(lsb_columns_); ++c) {
      const int first = mapping_.lsb_block_begin[c], end = mapping_.lsb_block_begin[c + 1];
      JobShape shape = shape_of(first, end);
      const bool waits = decides_reads(first, end);
      const bool never = !waits && (gate_.timing == GateTiming::local || gate_.timing == GateTiming::collected);
      shape.lsb_slices = never ? 0 : lsb_slices;
      shape.gate = waits ? GateTiming::local : never ? GateTiming::none : gate_.timing;
      plan_.jobs.push_back(plan_jobs(std::move(shape)));
    }
  }

  void add_msb_crossbar(int row, int column) {
    if (row == 0) add_column(column);
    CrossbarPlan crossbar;
    crossbar.row = row;
    crossbar.tile = tile_of(msb_crossbar(mapping_, row, column), hardware_.chip.crossbars_per_tile);
    crossbar.first_column = column;
    crossbar.columns = 1;
    crossbar.first_block = mapping_.block_begin[static_cast<std::size_t>(column)];
    crossbar.job = column;
    add_crossbar(crossbar, gates_inputs_ && !mapping_.separate_lsb());
  }

  void add_lsb_crossbar(int row, int column) {
    const int first = mapping_.lsb_block_begin[static_cast<std::size_t>(column)];
    const int end = mapping_.lsb_block_begin[static_cast<std::size_t>(column) + 1];
    CrossbarPlan crossbar;
    crossbar.row = row;
    crossbar.tile = tile_of(lsb_crossbar(mapping_, row, column), hardware_.chip.crossbars_per_tile);
    crossbar.first_column = mapping_.blocks[static_cast<std::size_t>(first)].crossbar;
    crossbar.columns = mapping_.blocks[static_cast<std::size_t>(end) - 1].crossbar - crossbar.first_column + 1;
    crossbar.first_block = first;
    crossbar.job = mapping_.column_crossbars + column;
    crossbar.follows = plan_.jobs[static_cast<std::size_t>(crossbar.job)].shape.gate == GateTiming::local;
    add_crossbar(crossbar, gates_inputs_);
  }

  void add_crossbar(CrossbarPlan crossbar, bool sums_inputs) {
    const int index = static_cast<int>(plan_.crossbars.size());
    crossbar.load = load_group(crossbar.tile, crossbar.row);
    LoadPlan& load = plan_.loads[static_cast<std::size_t>(crossbar.load)];
    load.crossbars.push_back(index);
    if (sums_inputs) crossbar.sum_cycles = sum_cycles(crossbar.row, load.cycles);
    for (int c = crossbar.first_column; c < crossbar.first_column + crossbar.columns; ++c) {
      plan_.columns[static_cast<std::size_t>(c)].crossbars.push_back(index);
      if (crossbar.follows) plan_.columns[static_cast<std::size_t>(c)].followers.push_back(index);
    }
    plan_.crossbars.push_back(crossbar);
  }

  /// A row group is summed in a cycle, from the first one of the load on; the last sum is compared in the cycle after.
  Cycle sum_cycles(int row, Cycle load_cycles) const {
    const auto r = static_cast<std::size_t>(row);
    const Cycle groups = mapping_.group_begin[r + 1] - mapping_.group_begin[r];
    return std::max<Cycle>(0, groups - load_cycles) + 1;
  }

  int load_group(int tile, int row) {
    const auto r = static_cast<std::size_t>(row);
    // Crossbars come in the order of their tiles, so the row's newest group is the only one that can match.
    int& newest = newest_load_.at(r);
    if (newest >= 0 && plan_.loads[static_cast<std::size_t>(newest)].tile == tile) return newest;
    int rows = 0;
    for (int g = mapping_.group_begin[r]; g < mapping_.group_begin[r + 1]; ++g) {
      rows += mapping_.groups[static_cast<std::size_t>(g)].rows;
    }
    const Cycle cycles = cycles_for(std::int64_t{rows} * layer_.input_bits, hardware_.chip.tile_port_bits);
    plan_.loads.push_back({tile, row, cycles, {}});
    newest = static_cast<int>(plan_.loads.size()) - 1;
    return newest;
  }

  void add_column(int index) {
    const int first = mapping_.block_begin[static_cast<std::size_t>(index)];
    const int end = mapping_.block_begin[static_cast<std::size_t>(index) + 1];
    const int outputs = layer_.groups * outputs_of(mapping_, first, end);
    ColumnPlan column;
    column.tile = tile_of(msb_crossbar(mapping_, 0, index), hardware_.chip.crossbars_per_tile);
    if (decides_reads(first, end)) column.gate = gate_.timing;
    column.vector_unit_cycles = cycles_for(outputs, hardware_.chip.vector_lanes);
    column.result_bits = std::int64_t{outputs} * layer_.result_bits();
    if (layer_.residual) column.operand_bits = std::int64_t{outputs} * operand_bits(*layer_.residual);
    plan_.columns.push_back(std::move(column));
  }

  int operand_bits(const Residual& residual) const {
    if (residual.kind == Residual::Kind::projection) return accumulator_bits;
    if (spec_.residual_bits < 1) {
      throw std::logic_error("time_layer: layer " + printable(layer_.name) +
                             " adds a residual, but TimingSpec::residual_bits is not set");
    }
    return spec_.residual_bits;
  }

  // Needs all crossbars of the column.
  void finish_column(int index) {
    ColumnPlan& column = plan_.columns[static_cast<std::size_t>(index)];
    // Every output is summed over its crossbar rows, twice as many with a separate LSB crossbar in each row.
    const int rows = mapping_.crossbars_per_sum;
    column.tree_cycles = tree_latency(column, lsb_columns_ > 0 ? 2 * rows : rows, column.crossbars.size());
    column.decision_cycles = tree_latency(column, rows, static_cast<std::size_t>(mapping_.row_crossbars));
    // A collected gate with nothing behind it masks the sums themselves, in the cycle after the last addition.
    if (gate_.timing == GateTiming::collected && column.gate == GateTiming::none) column.tree_cycles += 1;
  }

  // Levels of additions, and a link where the first `crossbars` crossbars of the column lie on more than one tile.
  Cycle tree_latency(const ColumnPlan& column, int operands, std::size_t crossbars) const {
    const Cycle levels = std::bit_width(static_cast<unsigned>(operands - 1));
    bool apart = false;
    for (std::size_t i = 0; i < crossbars; ++i) {
      apart |= plan_.crossbars[static_cast<std::size_t>(column.crossbars[i])].tile != column.tile;
    }
    return levels * spec_.adder_tree_level_cycles + (apart ? spec_.link_cycles : 0);
  }

  // The accumulator's width, also of logits on their way out.
  static constexpr int accumulator_bits = 32;

  const Layer& layer_;
  const LayerMapping& mapping_;
  const Hardware& hardware_;
  const TimingSpec& spec_;
  const EffectiveGate gate_;
  const int lsb_columns_;
  const bool gates_inputs_;
  std::vector<int> newest_load_;  // per crossbar row, -1: none yet
  LayerPlan plan_;
};

}  // namespace

LayerPlan plan_layer(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, const TimingSpec& spec,
                     GateTreatment treatment) {
  return Planner(layer, mapping, hardware, spec, treatment).run();
}

}  // namespace cimcycle
