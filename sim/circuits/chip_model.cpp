// SPDX-License-Identifier: Apache-2.0
// Puts the parts of a chip together.
#include "circuits/chip_model.h"

#include "base/files.h"
#include "circuits/chip_budget.h"
#include "circuits/chip_clock.h"
#include "circuits/chip_energy.h"
#include "circuits/chip_parts.h"
#include "circuits/figure_book.h"

namespace cimcycle {

namespace {

/// Basic values that the formulas of other figures refer to.
void add_basic_figures(const ChipParts& parts, FigureBook& book) {
  const TechNode& node = parts.node;
  const CellArray& array = parts.array;
  const LogicGate inverter = standard_inverter(node);
  book.add("circuits", "flip-flop energy", to_pj(parts.flip_flop.energy_j), "pJ",
           "supply^2 x (8 x inverter input + 10 x inverter output)")
      .source("DNN+NeuroSim V1.3")
      .node("transistor", "supply_v", node.transistor.supply_v, "V")
      .derived("inverter input", to_ff(inverter.input_f), "fF", "\"Gates\"")
      .derived("inverter output", to_ff(inverter.output_f), "fF", "\"Gates\"");
  if (const auto& load = parts.cell.wordline_load) {
    book.add("circuits", "wordline capacitance", to_ff(array.wordline_f), "fF", "driver + columns x load of a cell")
        .source("docs/models/circuits.md, \"Cell array\"")
        .cell("wordline_driver_f", to_ff(load->driver_f), "fF")
        .cell("wordline_cell_f", to_ff(load->cell_f), "fF")
        .hardware("crossbar.cols", array.cols);
  } else {
    book.add("circuits", "wordline capacitance", to_ff(array.wordline_f), "fF",
             "wire capacitance x row length + columns x gate of the access transistor")
        .source("DNN+NeuroSim V1.3")
        .node("wire", "capacitance_f_per_m", node.wire.capacitance_f_per_m, "F/m")
        .derived("row length", array.row_length_m * 1e6, "um", "\"Cell array\"")
        .derived("width of the access transistor", array.access_width_m * 1e6, "um", "\"Cell array\"")
        .hardware("crossbar.cols", array.cols);
  }
  book.add("circuits", "bitline capacitance", to_ff(array.bitline_f), "fF",
           "wire capacitance x column length + rows x drain of the access transistor")
      .source("DNN+NeuroSim V1.3")
      .node("wire", "capacitance_f_per_m", node.wire.capacitance_f_per_m, "F/m")
      .derived("column length", array.column_length_m * 1e6, "um", "\"Cell array\"")
      .hardware("crossbar.rows", array.rows);
}

void add_cycle_figures(const ChipParts& parts, const ChipModel& model, double link_s, FigureBook& book) {
  const auto add = [&](std::string_view name, int cycles, double seconds, std::string_view what) {
    book.add("clock", name, cycles, "cycles", "ceil(delay / period)")
        .source("docs/models/circuits.md, \"Clock\"")
        .input("delay", to_ns(seconds), "ns", what)
        .input("period", model.clock_period_ns, "ns", "figure clock: period");
  };
  add("cycles of an adder tree level", model.adder_tree_level_cycles, parts.tree_adder.adder.delay_s,
      "ripple delay of a 32-bit adder");
  add("cycles of the vector unit", model.vector_cycles, parts.lane.delay_s, "all stages of a requantization");
  add("cycles of the link", model.link_cycles, link_s, "repeated wires from the chip's edge to a tile");
}

}  // namespace

double ChipModel::area_um2() const {
  double sum = 0;
  for (const ComponentBudget& row : budget) sum += static_cast<double>(row.count) * row.area_um2;
  return sum;
}

double ChipModel::leakage_uw() const {
  double sum = 0;
  for (const ComponentBudget& row : budget) sum += static_cast<double>(row.count) * row.leakage_uw;
  return sum;
}

ChipSize chip_size(const Hardware& hardware, int tiles_needed, int activation_bits) {
  const int tiles = hardware.chip.tiles.value_or(tiles_needed);
  return {tiles, tiles * hardware.chip.crossbars_per_tile, activation_bits};
}

ChipModel build_chip_model(const Hardware& hardware, const ChipSize& size) {
  const ChipParts parts = make_chip_parts(hardware, size);
  FigureBook book(parts);
  const ChipClock clock = make_clock(parts);
  add_basic_figures(parts, book);
  add_clock_figures(parts, clock, book);

  FigureBook areas(parts);
  const ChipFloorplan plan = make_floorplan(parts, size, areas);
  const double link_s = h_tree_delay(parts.node, parts.tree_wire, plan.tree);

  ChipModel model;
  model.tech_hash = content_hash(parts.node.hash + parts.cell.hash);
  model.clock_period_ns = clock.period_ns;
  model.adc_cycles = clock.adc_cycles;
  model.adder_tree_level_cycles = whole_cycles(parts.tree_adder.adder.delay_s, clock);
  model.vector_cycles = whole_cycles(parts.lane.delay_s, clock);
  model.link_cycles = whole_cycles(link_s, clock);
  add_cycle_figures(parts, model, link_s, book);
  model.energy_pj = make_action_energies(parts, clock, plan, book);
  model.budget = plan.budget;
  model.figures = book.take();
  for (Figure& figure : areas.take()) model.figures.push_back(std::move(figure));
  return model;
}

}  // namespace cimcycle
