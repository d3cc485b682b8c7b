// SPDX-License-Identifier: Apache-2.0
// Factors of the ledger: docs/models/circuits.md, "Energy per action".
#include "circuits/chip_energy.h"

#include <cstddef>

namespace cimcycle {

namespace {

constexpr std::string_view neurosim = "DNN+NeuroSim V1.3";
constexpr std::string_view of_neurosim_cells = "docs/models/circuits.md, on cells of DNN+NeuroSim V1.3";

/// Stores factors and writes their figures.
class Factors {
 public:
  Factors(const ChipParts& parts, FigureBook& book) : parts_(parts), book_(book) {}

  FigureBook& add(Action action, std::string_view name, double joule, std::string_view formula,
                  std::string_view source) {
    const double value = to_pj(joule);
    energies_[static_cast<std::size_t>(action)] = value;
    return book_.factor(action, name, value, formula).source(source);
  }

  FigureBook& flip_flop(FigureBook& figure) const {
    return figure.derived("flip-flop energy", to_pj(parts_.flip_flop.energy_j), "pJ", "\"Flip-flop\"");
  }
  FigureBook& supply(FigureBook& figure) const {
    return figure.node("transistor", "supply_v", parts_.node.transistor.supply_v, "V");
  }
  FigureBook& gamma_and_delta(FigureBook& figure) const {
    return figure.node("calibration", "gamma", parts_.node.calibration.gamma)
        .node("calibration", "delta", parts_.node.calibration.delta);
  }

  const ActionEnergies& energies() const { return energies_; }

 private:
  const ChipParts& parts_;
  FigureBook& book_;
  ActionEnergies energies_{};
};

void add_row_factors(const ChipParts& parts, Factors& factors) {
  const TechNode& node = parts.node;
  const CellModel& cell = parts.cell;
  const Hardware& hardware = parts.hardware;
  const double supply2 = node.transistor.supply_v * node.transistor.supply_v;

  const double clocked = static_cast<double>(hardware.ou.rows) * hardware.input.digit_bits;
  const double select_j = node.calibration.epsilon * parts.group_decoder.energy_j;
  factors
      .flip_flop(factors.add(Action::wordline_activation, "one digit of one row group driven",
                             clocked * parts.flip_flop.energy_j + select_j,
                             "ou.rows x input.digit_bits x flip-flop energy + epsilon x decoder access",
                             "DNN+NeuroSim V1.3 drivers; only the row group's flip-flops are clocked"))
      .hardware("ou.rows", hardware.ou.rows)
      .hardware("input.digit_bits", hardware.input.digit_bits, "bit")
      .derived("decoder access", to_pj(parts.group_decoder.energy_j), "pJ", "\"Decoders\"")
      .node("calibration", "epsilon", node.calibration.epsilon);
  factors
      .supply(
          factors.add(Action::wordline_row, "a row switched on",
                      parts.readout.wordline_pulses * (parts.array.wordline_f * supply2 + parts.drivers.row_energy_j),
                      "pulses x (wordline capacitance x supply^2 + energy of the row's pass gates)", neurosim))
      .derived("wordline capacitance", to_ff(parts.array.wordline_f), "fF", "\"Cell array\"")
      .derived("pass gates", to_pj(parts.drivers.row_energy_j), "pJ", "\"Wordline drivers\"")
      .derived("pulses", parts.readout.wordline_pulses, "", "\"Wordline drivers\"");
  const double mux_j = parts.mux.column_energy_j + parts.mux.select_energy_j / parts.columns_per_round();
  factors
      .add(Action::bitline_column, "a column charged and connected",
           parts.array.bitline_wire_f * cell.read_v * cell.read_v + mux_j,
           "bitline wire capacitance x read voltage^2 + pass gate of the multiplexer + decoder access / columns of a "
           "conversion round",
           neurosim)
      .derived("bitline wire capacitance", to_ff(parts.array.bitline_wire_f), "fF", "\"Cell array\"")
      .cell("read_v", cell.read_v, "V")
      .derived("pass gate", to_pj(parts.mux.column_energy_j), "pJ", "\"Column multiplexer\"")
      .derived("decoder access", to_pj(parts.mux.select_energy_j), "pJ", "\"Column multiplexer\"")
      .input("columns of a round", parts.columns_per_round(), "", "smaller of adc.per_crossbar and ou.cols");
}

/// Whether the cells of a converted column conduct for a sampling cycle alone.
bool is_held(const ChipParts& parts) { return parts.readout.held_by_sampling && parts.hardware.adc.sample_and_hold; }

void add_current_factors(const ChipParts& parts, const ChipClock& clock, Factors& factors) {
  const CellModel& cell = parts.cell;
  const Hardware& hardware = parts.hardware;
  const bool physical = hardware.array.current == ArrayCurrent::physical;
  const double seconds = is_held(parts) ? clock.period_s() : parts.readout.conduction_s;
  // Watts per siemens: a physical volt squared, or the conductance term of the converter's fit.
  const double volt2 = physical ? cell.read_v * cell.read_v : parts.readout.fit_v2;
  const int full_digit = (1 << hardware.input.digit_bits) - 1;
  const double per_siemens = volt2 * seconds / full_digit;
  const std::string_view source = physical ? "ohmic current at the read voltage"
                                           : "DNN+NeuroSim V1.3, conductance term of the converter's power fit";

  const auto add = [&](Action action, std::string_view name, double siemens, std::string_view formula) {
    FigureBook& figure = factors.add(action, name, per_siemens * siemens, formula, source);
    figure.cell("read_v", cell.read_v, "V");
    if (!physical) figure.inputs(parts.readout.fit_inputs);
    figure.derived("conductance", siemens * 1e6, "uS", "\"Cell current\"")
        .cell("on_resistance_ohm", cell.on_resistance_ohm, "Ohm")
        .cell("off_resistance_ohm", cell.off_resistance_ohm, "Ohm")
        .cell("access_resistance_ratio", cell.access_resistance_ratio, "")
        .input("time", to_ns(seconds), "ns", is_held(parts) ? "one sampling cycle" : parts.readout.conduction)
        .input("full digit", full_digit, "", "2^input.digit_bits - 1");
  };
  add(Action::array_level, "input digit x cell level", cell.conductance_step(hardware.cell.bits),
      physical
          ? "read voltage^2 x conductance step of a level x time / full digit"
          : "V^2 of the fit x read voltage / fit's read voltage x conductance step of a level x time / full digit");
  add(Action::array_row, "input digit of a row, level 0", cell.level_conductance(0, hardware.cell.bits),
      physical ? "read voltage^2 x conductance of level 0 x time / full digit"
               : "V^2 of the fit x read voltage / fit's read voltage x conductance of level 0 x time / full digit");
}

void add_conversion_factor(const ChipParts& parts, Factors& factors) {
  factors
      .add(Action::conversion, "a conversion", parts.readout.energy_j, parts.readout.energy.formula,
           parts.readout.energy.source)
      .inputs(parts.readout.energy.inputs);
}

void add_sum_factors(const ChipParts& parts, Factors& factors) {
  const SumWidths& widths = parts.widths;
  const bool tree = parts.digit_tree.has_value();
  FigureBook& offset =
      factors.add(Action::offset_digit, "a row group's digits summed",
                  tree ? parts.digit_tree->energy_j + parts.row_sum.energy_j : 0,
                  tree ? "popcount tree + adder (delta) and flip-flops (gamma) of its sum"
                       : "0: this chip has no popcount tree (a unit column's reads count as conversions)",
                  of_neurosim_cells);
  offset.hardware("ou.rows", parts.hardware.ou.rows)
      .hardware("input.digit_bits", parts.hardware.input.digit_bits, "bit");
  if (tree) {
    factors.gamma_and_delta(offset)
        .derived("popcount tree", to_pj(parts.digit_tree->energy_j), "pJ", "\"Offset correction\"")
        .derived("width of the sum", widths.row_sum_bits, "bit", "\"Widths\"");
  }
  factors
      .gamma_and_delta(
          factors.add(Action::shift_add, "a converted value added", parts.shift_add_j,
                      "mean over all shifts of an 8-bit weight and activation: adder (delta) and flip-flops (gamma) "
                      "of the bits from the shift upward; with mapping.flip also a subtractor of the converted value",
                      of_neurosim_cells))
      .derived("width of a partial sum", widths.partial_bits, "bit", "\"Widths\"")
      .derived("slices", widths.slices, "", "\"Widths\"")
      .derived("digits", widths.digits, "", "\"Widths\"");
  const double offset_j = parts.offset_adder ? parts.offset_adder->energy_j : 0;
  factors
      .gamma_and_delta(factors.add(Action::accumulation, "a partial sum accumulated",
                                   parts.accumulator.energy_j + offset_j,
                                   "adder (delta) and flip-flops (gamma) of one bank; with offset cells also the "
                                   "subtractor of the offset",
                                   of_neurosim_cells))
      .derived("width of an accumulator", widths.accumulator_bits, "bit", "\"Widths\"")
      .derived("offset subtractor", to_pj(offset_j), "pJ", "\"Offset correction\"");
}

void add_gate_factors(const ChipParts& parts, const ChipFloorplan& plan, Factors& factors) {
  const SumWidths& widths = parts.widths;
  const double epsilon = parts.node.calibration.epsilon;
  factors
      .add(Action::gate_comparison, "a partial sum compared", parts.gate.comparison_j,
           "magnitude (delta) + comparator (epsilon, half of its bits)", of_neurosim_cells)
      .derived("width with sign", widths.partial_bits + 1, "bit", "\"Widths\"")
      .node("calibration", "delta", parts.node.calibration.delta)
      .node("calibration", "epsilon", epsilon);
  factors
      .flip_flop(factors.add(Action::gate_decision, "a gate decided", parts.gate.decision_j,
                             "OR over a block (epsilon) + (width + 1) x flip-flop energy: a threshold register read "
                             "and a mask bit written",
                             of_neurosim_cells))
      .derived("outputs per block", widths.outputs_per_block, "", "\"Widths\"")
      .derived("width of a threshold", widths.partial_bits, "bit", "\"Widths\"")
      .node("calibration", "epsilon", epsilon);
  factors
      .flip_flop(factors.add(Action::mask_transfer_bit, "a mask bit sent",
                             parts.flip_flop.energy_j + parts.bus.energy_bit_per_m * plan.tile_side_m,
                             "flip-flop energy + wire energy x side of a tile", of_neurosim_cells))
      .derived("wire energy", to_pj(parts.bus.energy_bit_per_m) * 1e-3, "pJ/mm", "\"Wires\"")
      .input("side of a tile", plan.tile_side_m * 1e3, "mm", "square root of a tile's area");
}

void add_input_sum_factor(const ChipParts& parts, Factors& factors) {
  FigureBook& figure =
      factors.add(Action::input_sum, "a row group's inputs summed", parts.input_sum_j(),
                  parts.input_tree ? "tree of adders over a row group's activations (delta) + width x flip-flop energy"
                                   : "0: this chip has no gate.input_sums",
                  of_neurosim_cells);
  figure.hardware("ou.rows", parts.hardware.ou.rows);
  if (!parts.input_tree) return;
  factors.flip_flop(figure)
      .derived("width of an activation", max_activation_bits, "bit", "\"Widths\"")
      .derived("width of the sum", parts.input_tree->result_bits, "bit", "\"Widths\"")
      .node("calibration", "delta", parts.node.calibration.delta);
}

void add_index_factor(const ChipParts& parts, Factors& factors) {
  FigureBook& figure = factors.add(
      Action::index_bit, "a bit of a static mask read", parts.index_read_bit_j(),
      parts.index ? "flip-flop energy + epsilon x decoder access / bits of a line" : "0: this chip has no static masks",
      of_neurosim_cells);
  figure.derived("bits of a line", parts.widths.column_blocks, "bit", "\"Widths\"");
  if (!parts.index) return;
  factors.flip_flop(figure)
      .derived("decoder access", to_pj(parts.index->decoder.energy_j), "pJ", "\"Decoders\"")
      .node("calibration", "epsilon", parts.node.calibration.epsilon);
}

void add_movement_factors(const ChipParts& parts, const ChipFloorplan& plan, Factors& factors) {
  factors.flip_flop(factors.add(Action::input_register_bit, "a bit loaded into an input register",
                                parts.flip_flop.energy_j, "flip-flop energy", neurosim));
  const auto add_buffer = [&](Action write, Action read, const Buffer& buffer, std::string_view name) {
    factors
        .flip_flop(factors.add(write, std::string("a bit written, ") + std::string(name), buffer.write_bit_j,
                               "flip-flop energy + decoder access / bits of a line",
                               "docs/models/circuits.md; DNN+NeuroSim V1.3 counts the decoder alone"))
        .derived("decoder access", to_pj(buffer.core.decoder.energy_j), "pJ", "\"Decoders\"")
        .input("bits of a line", buffer.core.line_bits, "bit", "DNN+NeuroSim V1.3 default core");
    factors
        .flip_flop(factors.add(read, std::string("a bit read, ") + std::string(name), buffer.read_bit_j,
                               "flip-flop energy + epsilon x decoder access / bits of a line", neurosim))
        .derived("decoder access", to_pj(buffer.core.decoder.energy_j), "pJ", "\"Decoders\"")
        .input("bits of a line", buffer.core.line_bits, "bit", "DNN+NeuroSim V1.3 default core")
        .node("calibration", "epsilon", parts.node.calibration.epsilon);
  };
  add_buffer(Action::tile_buffer_write_bit, Action::tile_buffer_read_bit, parts.tile_buffer, "tile buffer");
  add_buffer(Action::global_buffer_write_bit, Action::global_buffer_read_bit, parts.global_buffer, "global buffer");
  factors
      .add(Action::link_bit, "a bit through the H-tree", parts.tree_wire.energy_bit_per_m * plan.tree.path_m(),
           "wire energy x path: half a side of the chip from its edge to the root, side x (1 - 2^-levels) from the "
           "root to a tile",
           "DNN+NeuroSim V1.3 wires and H-tree path, on a square chip")
      .derived("wire energy", to_pj(parts.tree_wire.energy_bit_per_m) * 1e-3, "pJ/mm", "\"Wires\"")
      .input("side of the chip", plan.chip_side_m * 1e3, "mm", "square root of the area of all other components")
      .input("levels", plan.tree.levels(), "", "tiles on a square grid")
      .input("path", plan.tree.path_m() * 1e3, "mm", "from the two values above");
}

void add_vector_factors(const ChipParts& parts, Factors& factors) {
  factors.gamma_and_delta(factors.add(Action::adder_tree_addition, "an output added over crossbars",
                                      parts.tree_adder.energy_j, "32-bit adder (delta) and its register (gamma)",
                                      of_neurosim_cells));
  factors.gamma_and_delta(factors.add(Action::requantization, "an output requantized", parts.lane.requantization_j,
                                      "32 x 32 bit multiplier + two 64-bit additions + shifter + two comparisons + "
                                      "registers",
                                      of_neurosim_cells));
  factors.gamma_and_delta(factors.add(Action::residual_addition, "a residual added", parts.lane.residual_addition_j,
                                      "32 x 32 bit multiplier + 64-bit addition + register", of_neurosim_cells));
  factors.gamma_and_delta(factors.add(Action::pool_operation, "a value pooled", parts.lane.pool_operation_j,
                                      "the dearer of an 8-bit comparison and a 32-bit addition, with its register",
                                      of_neurosim_cells));
}

}  // namespace

ActionEnergies make_action_energies(const ChipParts& parts, const ChipClock& clock, const ChipFloorplan& plan,
                                    FigureBook& book) {
  Factors factors(parts, book);
  add_row_factors(parts, factors);
  add_current_factors(parts, clock, factors);
  add_conversion_factor(parts, factors);
  add_sum_factors(parts, factors);
  add_gate_factors(parts, plan, factors);
  add_index_factor(parts, factors);
  add_input_sum_factor(parts, factors);
  add_movement_factors(parts, plan, factors);
  add_vector_factors(parts, factors);
  return factors.energies();
}

}  // namespace cimcycle
