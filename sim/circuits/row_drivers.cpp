// SPDX-License-Identifier: Apache-2.0
// Structures and sizes: DNN+NeuroSim V1.3.
#include "circuits/row_drivers.h"

#include <algorithm>
#include <cmath>

#include "circuits/gates.h"
#include "circuits/pass_gates.h"

namespace cimcycle {

namespace {

/// Write voltage above which the lines need level shifters.
constexpr double level_shifter_above_v = 1.5;

}  // namespace

WordlineDrivers make_wordline_drivers(const TechNode& node, const CellModel& cell, const CellArray& array) {
  const LogicGate gate = standard_inverter(node);  // a pass gate is laid out like an inverter
  const FlipFlop flip_flop = make_flip_flop(node);
  // A crossbar lower than one standard cell still needs one cell's height for its drivers.
  const double height = std::max(array.column_length_m, gate.height_m);
  const int columns = units_needed(array.rows, whole_units(height, gate.height_m));

  WordlineDrivers drivers;
  drivers.width_m = columns * (4 * gate.width_m + flip_flop.width_m);
  drivers.block = {.area_m2 = height * drivers.width_m, .leakage_w = array.rows * flip_flop.block.leakage_w};

  const double pass_ohm = node.transistor.linear_region_factor * gate.resistance_n;
  const double tau_s = pass_ohm * (5 * gate.output_f + array.wordline_f) + array.wordline_ohm * array.wordline_f / 2;
  StageChain chain;
  drivers.delay_s = chain.add(1, tau_s);

  const double supply = node.transistor.supply_v;
  drivers.row_energy_j = 2 * gate.output_f * cell.access_v * cell.access_v +
                         5 * gate.output_f * cell.read_v * cell.read_v + 3 * gate.input_f * supply * supply;
  drivers.row_clock_energy_j = flip_flop.energy_j;
  return drivers;
}

SourceLineSwitches make_source_line_switches(const TechNode& node, const CellArray& array) {
  return make_source_line_switches(node, array, array.mean_cell_ohm);
}

SourceLineSwitches make_source_line_switches(const TechNode& node, const CellArray& array, double column_ohm) {
  const FlipFlop flip_flop = make_flip_flop(node);
  const double feature = node.feature_size_m;
  const double pass_ohm = column_ohm * 0.25;
  const double factor = node.transistor.linear_region_factor * feature / (2 * pass_ohm);
  const DeviceWidths sized = {.n = node.resistance_n(feature) * factor, .p = node.resistance_p(feature) * factor};
  const DeviceWidths devices = fill_cell(node, sized);

  const int flip_flop_rows = units_needed(array.cols, whole_units(array.row_length_m, flip_flop.width_m));
  SourceLineSwitches switches;
  switches.height_m = pass_gate_rows_height(node, array, devices, 2) + flip_flop_rows * flip_flop.height_m;
  const double width = std::max(array.row_length_m, flip_flop.width_m);
  switches.block = {.area_m2 = switches.height_m * width, .leakage_w = array.cols * flip_flop.block.leakage_w};
  return switches;
}

LevelShifters make_level_shifters(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                                  LevelShifterLayout layout) {
  LevelShifters shifters;
  if (cell.write_v <= level_shifter_above_v) return shifters;
  // Three stages: two latches between a low-voltage input and a high-voltage output stage, devices in multiples of the
  // minimum inverter. The measured layout is 2.5 times as high and as wide, with devices twice as wide.
  const double scale = layout == LevelShifterLayout::measured ? 2.5 : 1;
  const double device_scale = layout == LevelShifterLayout::measured ? 2 : 1;
  const double height = scale * node.features(node.layout.cell_height_features);
  const double minimum = node.features(node.layout.minimum_nmos_width_features);
  const auto stage_width = [&](double n, double p) {
    const DeviceWidths widths = {.n = device_scale * n * minimum,
                                 .p = device_scale * p * minimum * node.p_to_n_ratio()};
    return make_gate(node, LogicKind::inverter, 1, widths, height).width_m;
  };
  const double low = stage_width(15, 20), latch = stage_width(32, 10), high = stage_width(64, 82);
  shifters.line_area_m2 = height * (low + scale * (2 * latch + high)) * calibration.alpha;
  return shifters;
}

}  // namespace cimcycle
