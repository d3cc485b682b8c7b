// SPDX-License-Identifier: Apache-2.0
// Rules: DNN+NeuroSim V1.3.
#include "neurosim/hierarchy.h"

#include <algorithm>
#include <cmath>

#include "circuits/flip_flop.h"

namespace cimcycle::neurosim {

namespace {

using D = NeurosimDeviations;

/// Repeaters of a tile's tree share one footprint sixteen times.
constexpr double tile_tree_fold = 16;

int ceil_log2(double value) { return static_cast<int>(std::ceil(std::log2(value))); }

/// Flip-flops stacked in columns of a given height.
double register_block_area(const FlipFlop& flip_flop, double bits, double along_m) {
  const double per_column = std::max(std::floor(along_m / flip_flop.height_m), 1.0);
  return std::ceil(bits / per_column) * flip_flop.width_m * along_m;
}

/// Flip-flops in rows of a given width.
double register_row_area(const FlipFlop& flip_flop, double bits, double along_m) {
  const double per_row = std::max(std::floor(along_m / flip_flop.width_m), 1.0);
  return std::ceil(bits / per_row) * flip_flop.height_m * along_m;
}

PeModel make_pe(const Setup& setup, const Ticks& ticks, const CrossbarModel& crossbar, int side) {
  const FlipFlop flip_flop = make_flip_flop(setup.node, setup.flip_flops());
  PeModel pe;
  pe.side = side;
  pe.crossbars = (side + setup.rows - 1) / setup.rows;
  const double n = pe.crossbars;
  pe.trees = std::ceil(n * setup.cols / setup.mux);
  const TreeBank tree = make_tree_bank(setup, ticks, pe.crossbars, partial_sum_bits(setup), pe.trees);
  pe.input_register_bits = static_cast<double>(setup.input_bits) * setup.rows;
  const int one_less = setup.v14() ? 0 : 1;
  pe.output_register_bits = static_cast<double>(setup.adcs) * (partial_sum_bits(setup) - one_less + ceil_log2(n));
  pe.output_bits = setup.v14() ? partial_sum_bits(setup) + ceil_log2(n) : partial_code_bits(setup);

  pe.area = n * n *
            AreaParts{.array = crossbar.cells_area_m2,
                      .adc = crossbar.adc_area_m2,
                      .accumulation = crossbar.accumulation_area_m2,
                      .other = crossbar.other_area_m2};
  if (setup.v14() && setup.deviates(&D::bounding_box_area)) {
    pe.area.unlisted = n * n * (crossbar.height_m * crossbar.width_m - crossbar.used_area_m2());
  }
  pe.area.accumulation += tree.area_m2;
  pe.area.other += register_block_area(flip_flop, pe.input_register_bits, n * crossbar.height_m) +
                   register_row_area(flip_flop, pe.output_register_bits, n * crossbar.width_m);
  pe.side_m = std::sqrt(pe.area.total());
  pe.fixed_leakage_w =
      n * n * crossbar.leakage_w + (pe.input_register_bits + pe.output_register_bits) * flip_flop.block.leakage_w;
  pe.built_tree_leakage_w = tree.leakage_w;

  const RepeatedWire wire = make_bus_wire(setup, 0);
  const bool box = setup.deviates(&D::bounding_box_buses);
  const double square_m = std::sqrt(crossbar.used_area_m2());
  const double input_m = (box ? crossbar.width_m : square_m) * (n - 1);
  const double output_m = (box ? crossbar.height_m : square_m) * (n - 1);
  const double delay = repeated_wire_delay_per_m(setup.node, wire, wire_resistance_per_m(setup.node));
  pe.input_bus_j = input_m * wire.energy_bit_per_m * (setup.v14() ? setup.spec.input_toggle : 1);
  pe.output_bus_j = output_m * wire.energy_bit_per_m * (setup.v14() ? setup.spec.output_toggle : 1);
  if (setup.v14()) {
    pe.fixed_leakage_w += wire.repeater.leakage_w / wire.spacing_m * (input_m * setup.rows + output_m * n * setup.cols);
  }
  pe.input_bus_s = input_m * delay;
  pe.output_bus_s = output_m * delay;
  return pe;
}

TileModel make_tile(const Setup& setup, const Ticks& ticks, const CrossbarModel& crossbar, const Floorplan& plan,
                    bool novel) {
  TileModel tile;
  tile.novel = novel;
  const int pe_side = novel ? plan.novel_pe : plan.conventional_pe;
  tile.pes = novel ? plan.novel_pes : plan.conventional_tile / pe_side;
  tile.pe_count = novel ? tile.pes : tile.pes * tile.pes;
  tile.pe = make_pe(setup, ticks, crossbar, pe_side);
  const double p = tile.pes;
  tile.sum_bits = partial_sum_bits(setup) + ceil_log2(static_cast<double>(pe_side) / setup.rows);
  tile.trees = p * setup.adcs;
  tile.output_bits = 1 + tile.sum_bits;
  if (setup.v14()) {
    // The number of crossbars is added where its logarithm is meant.
    tile.sum_bits = partial_sum_bits(setup) + tile.pe.crossbars;
    tile.trees = std::ceil((novel ? 1 : p) * pe_side / setup.mux);
    tile.output_bits = tile.sum_bits + ceil_log2(p);
  }
  const TreeBank accumulation = make_tree_bank(setup, ticks, tile.pes, tile.sum_bits, tile.trees);

  const NeurosimSpec& spec = setup.spec;
  const int stored_bits = setup.v14() ? tile.output_bits : tile.sum_bits;
  const double input_bits = p * setup.input_bits * setup.rows, output_bits = p * stored_bits * setup.adcs;
  tile.input = make_buffer_model(setup, spec.tile_buffer, input_bits, spec.tile_core_lines, spec.tile_core_bits,
                                 tile.pes * setup.rows);
  tile.output = make_buffer_model(setup, spec.tile_buffer, output_bits, spec.tile_core_lines, spec.tile_core_bits,
                                  tile.pes * stored_bits);

  const double bus_bits = p * (setup.v14() ? pe_side : setup.rows);
  const bool squared = novel && (setup.v14() || !setup.deviates(&D::squared_tile_tree));
  const int grid = squared ? static_cast<int>(std::ceil(std::sqrt(p))) : tile.pes;
  tile.wires =
      make_wire_tree(setup, ticks, grid, grid, tile.pe.side_m, bus_bits, tile_tree_fold, spec.local_delay_tolerance);
  tile.built_accumulation_leakage_w = accumulation.leakage_w;
  tile.area = tile.pe_count * tile.pe.area;
  tile.area.accumulation += accumulation.area_m2;
  return tile;
}

/// Buffers and what follows from their size; separate, because DNN+NeuroSim lets both kinds of tile share core counts.
void finish_tile(const Setup& setup, TileModel& tile) {
  tile.input.parallel = std::min(tile.input.cores, std::ceil(tile.wires.bus_bits / tile.input.line_bits));
  // Novel tiles take the width of the input buffer for the output buffer as well.
  const double output_width = tile.novel && !setup.v14() ? tile.input.line_bits : tile.output.line_bits;
  tile.output.parallel = std::min(tile.output.cores, std::ceil(tile.wires.bus_bits / output_width));
  tile.area.other += tile.input.area_m2() + tile.output.area_m2();
  tile.area.ic += tile.wires.area_m2;
  tile.side_m = std::sqrt(tile.area.total());
  tile.fixed_leakage_w = tile.input.core_leakage_w + tile.output.core_leakage_w;
  if (setup.v14()) tile.fixed_leakage_w += tile.wires.leakage_w;
}

/// Inputs of the largest sum that the global accumulation may see.
double largest_addition(const Setup& setup, const Floorplan& plan) {
  const double pe = plan.novel_pes > 0 ? plan.novel_pe : plan.conventional_pe;
  const double across = std::max(plan.conventional_tile > 0 ? plan.conventional_tile / plan.conventional_pe : 0,
                                 static_cast<int>(std::ceil(std::sqrt(plan.novel_pes))));
  return pe / setup.rows * across;
}

ChipModel make_chip(const Setup& setup, const Ticks& ticks, const Hierarchy& h, const Floorplan& plan,
                    const NeurosimTrace& trace) {
  const NeurosimSpec& spec = setup.spec;
  const FlipFlop flip_flop = make_flip_flop(setup.node, setup.flip_flops());
  ChipModel chip;
  // In a pipeline every layer has its own units.
  const double layers = spec.pipeline ? static_cast<double>(trace.layers.size()) + 1 : 1;
  const bool novel_flow = spec.mapping == NeurosimMapping::novel;
  const int across = setup.v14() ? 1 : 3;
  chip.units = std::ceil(std::max(plan.conventional_tile, across * plan.novel_pe) / static_cast<double>(setup.mux)) *
               (novel_flow ? layers : 1);
  chip.sum_bits = partial_sum_bits(setup) + ceil_log2(largest_addition(setup, plan) * layers);
  int tile_rows = 1;
  double largest_input = 0, sum_input = 0;
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    const NeurosimLayer& layer = trace.layers[i];
    tile_rows = std::max(tile_rows, plan.layers[i].tile_rows * plan.layers[i].pipeline_copies);
    const double pixels = static_cast<double>(layer.input_height) * layer.input_width * layer.channels;
    largest_input = std::max(largest_input, pixels);
    sum_input += pixels;
  }
  const TreeBank accumulation = make_tree_bank(setup, ticks, tile_rows, chip.sum_bits, chip.units);
  const double buffer_bits = setup.input_bits * (spec.pipeline ? sum_input / 2 : largest_input);
  chip.buffer = make_buffer_model(setup, spec.global_buffer, buffer_bits, spec.global_core_lines, spec.global_core_bits,
                                  spec.global_core_bits);
  // The global buffer is built of whole cores.
  chip.buffer.parallel = std::min(chip.buffer.cores, std::ceil(plan.global_bus_bits / chip.buffer.line_bits));

  const auto wires = [&](double unit_m) {
    return make_wire_tree(setup, ticks, plan.grid_rows, plan.grid_cols, unit_m, plan.global_bus_bits,
                          spec.global_tree_fold, spec.global_delay_tolerance);
  };
  chip.novel_wires = wires(h.novel.side_m);
  chip.conventional_wires = wires(h.conventional.side_m);
  const WireTree& built = h.novel.side_m > h.conventional.side_m ? chip.novel_wires : chip.conventional_wires;

  const FoldRule rule = setup.deviates(&D::layout_ties) ? FoldRule::by_rounding : FoldRule::tolerant;
  const Comparator comparator = make_pooling_comparator(setup.node, setup.calibration, setup.input_bits, rule);
  constexpr int comparators = 3;  // of a 2x2 window
  chip.pool_units = plan.conventional_tile > 0 ? plan.conventional_tile : plan.novel_pe;
  if (setup.v14()) {
    chip.pool_units = std::max(plan.conventional_tile, plan.novel_pe) / static_cast<double>(setup.mux);
  }
  chip.pool_unit_j = comparators * comparator.energy_j;
  chip.pool_latency = comparators * ticks.of(comparator.delay_s);
  chip.activation_unit_j = setup.input_bits * flip_flop.energy_j;

  const double register_bits = chip.units * setup.input_bits;
  chip.area.ic = built.area_m2;
  if (setup.spec.global_bus == GlobalBus::xy_bus) {
    const RepeatedWire wire = make_bus_wire(setup, spec.global_delay_tolerance);
    const double side = std::max(h.novel.side_m, h.conventional.side_m);
    chip.bus_rows_m = plan.grid_rows * side;
    chip.bus_cols_m = plan.grid_cols * side;
    chip.bus_bit_per_m_j = wire.energy_bit_per_m;
    chip.bus_rows_s_per_m =
        repeated_wire_delay_per_m(setup.node, wire, v14_wire_ohm_per_m(setup.node, chip.bus_rows_m));
    chip.bus_cols_s_per_m =
        repeated_wire_delay_per_m(setup.node, wire, v14_wire_ohm_per_m(setup.node, chip.bus_cols_m));
    chip.area.ic = plan.global_bus_bits / spec.global_tree_fold *
                   (wire.repeater.width_m * chip.bus_rows_m + wire.repeater.height_m * chip.bus_cols_m);
  }
  chip.area.accumulation = accumulation.area_m2;
  chip.area.other = chip.buffer.area_m2() + chip.pool_units * comparators * comparator.block.area_m2 +
                    register_bits * flip_flop.block.area_m2;
  chip.peripheral_leakage_w =
      built.leakage_w + chip.buffer.cores * chip.buffer.core_leakage_w + register_bits * flip_flop.block.leakage_w;
  return chip;
}

}  // namespace

int partial_code_bits(const Setup& setup) {
  return setup.parallel ? setup.adc_bits : ceil_log2(setup.rows) + setup.cell_bits - 1;
}

int partial_sum_bits(const Setup& setup) {
  if (setup.v14()) {
    return setup.adc_bits + setup.group_bits() + setup.input_bits + (setup.slices - 1) * setup.cell_bits + 1;
  }
  return partial_code_bits(setup) + setup.input_bits + setup.slices + 1;
}

Hierarchy make_hierarchy(const Setup& setup, const Ticks& ticks, const Floorplan& plan, const NeurosimTrace& trace) {
  Hierarchy h;
  h.crossbar = make_crossbar(setup);
  if (plan.novel_pes > 0) h.novel = make_tile(setup, ticks, h.crossbar, plan, true);
  if (plan.conventional_tile > 0) h.conventional = make_tile(setup, ticks, h.crossbar, plan, false);
  if (!setup.v14() && plan.novel_pes > 0 && plan.conventional_tile > 0 && setup.deviates(&D::shared_buffer_cores)) {
    h.novel.input.cores = h.conventional.input.cores;
    h.novel.output.cores = h.conventional.output.cores;
  }
  if (plan.novel_pes > 0) finish_tile(setup, h.novel);
  if (plan.conventional_tile > 0) finish_tile(setup, h.conventional);
  h.chip = make_chip(setup, ticks, h, plan, trace);
  return h;
}

}  // namespace cimcycle::neurosim
