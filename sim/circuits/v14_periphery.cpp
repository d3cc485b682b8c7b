// SPDX-License-Identifier: Apache-2.0
// Structures and fits: DNN+NeuroSim V1.4.
#include "circuits/v14_periphery.h"

#include <algorithm>
#include <cmath>

#include "circuits/gates.h"
#include "circuits/pass_gates.h"

namespace cimcycle {

namespace {

/// Resistances without the switching factor of logic.
double plain_ohm_n(const TechNode& node, double width_m) {
  return node.transistor.supply_v / (node.transistor.on_current_n_a_per_m * width_m);
}
double plain_ohm_p(const TechNode& node, double width_m) {
  return node.transistor.supply_v / (node.transistor.on_current_p_a_per_m * width_m);
}
double parallel_ohm(double a, double b) { return a * b / (a + b); }

}  // namespace

WordlineDrivers make_v14_wordline_drivers(const TechNode& node, const CellModel& cell, const CellArray& array) {
  const FlipFlop flip_flop = make_flip_flop(node, FlipFlopDevices::minimal);
  const double size = node.neurosim_v14->pass_gate_size * node.features(node.layout.minimum_nmos_width_features);
  const DeviceWidths devices = {.n = size, .p = size * node.p_to_n_ratio()};
  const double height = std::max(array.column_length_m, flip_flop.height_m);
  const int columns = units_needed(array.rows, whole_units(height, flip_flop.height_m));
  const LogicGate gate = make_gate(node, LogicKind::inverter, 1, devices, height / units_needed(array.rows, columns));

  WordlineDrivers drivers;
  drivers.width_m = columns * (4 * gate.width_m + flip_flop.width_m);
  drivers.block = {.area_m2 = height * drivers.width_m, .leakage_w = array.rows * flip_flop.block.leakage_w};
  // Both devices are taken as NMOS.
  const double pass_ohm = parallel_ohm(plain_ohm_n(node, devices.n), plain_ohm_n(node, devices.p));
  const double tau_s = pass_ohm * (2 * gate.output_f + 0.5 * gate.input_f + array.wordline_f) +
                       array.wordline_ohm * array.wordline_f / 2;
  drivers.delay_s = StageChain().add(1, tau_s);
  const double supply = node.transistor.supply_v;
  drivers.row_energy_j = 2 * gate.output_f * cell.access_v * cell.access_v +
                         3 * gate.output_f * cell.read_v * cell.read_v + 3 * gate.input_f * supply * supply;
  drivers.row_clock_energy_j = flip_flop.energy_j;
  return drivers;
}

SourceLineSwitches make_v14_source_line_switches(const TechNode& node, const CellArray& array, int row_parallel) {
  const FlipFlop flip_flop = make_flip_flop(node, FlipFlopDevices::minimal);
  const double feature = node.feature_size_m;
  const double target_ohm = 0.2 * (array.mean_cell_ohm / row_parallel) * array.rows;
  const auto width = [&](double feature_ohm) {
    return std::max(feature_ohm * feature * node.transistor.linear_region_factor / (target_ohm * 2), feature);
  };
  const DeviceWidths devices = {.n = width(plain_ohm_n(node, feature)), .p = width(plain_ohm_p(node, feature))};
  const int flip_flop_rows = units_needed(array.cols, whole_units(array.row_length_m, flip_flop.width_m));
  SourceLineSwitches switches;
  switches.height_m = pass_gate_rows_height(node, array, devices, 2) + flip_flop_rows * flip_flop.height_m;
  switches.block = {.area_m2 = switches.height_m * std::max(array.row_length_m, flip_flop.width_m),
                    .leakage_w = array.cols * flip_flop.block.leakage_w};
  return switches;
}

ColumnMux make_v14_column_mux(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                              const CellArray& array, int adcs, int row_parallel, FoldRule rule,
                              bool as_high_as_decoder) {
  ColumnMux mux;
  mux.columns_per_adc = units_needed(array.cols, adcs);
  if (mux.columns_per_adc == 1) return mux;
  const double feature = node.feature_size_m;
  const double target_ohm = array.mean_cell_ohm / row_parallel * 0.25;
  const auto width = [&](double feature_ohm) { return std::max(feature_ohm * feature / (target_ohm * 2), feature); };
  const DeviceWidths devices = {.n = width(plain_ohm_n(node, feature)), .p = width(plain_ohm_p(node, feature))};
  const LayoutSpec& layout = node.layout;
  const double region =
      devices.n + devices.p + node.features(layout.well_gap_features) + layout.edge_features * 2 * node.feature_size_m;
  const LogicGate gate = make_gate(node, LogicKind::inverter, 1, devices, region, rule);
  mux.pass_ohm = parallel_ohm(plain_ohm_n(node, devices.n), plain_ohm_p(node, devices.p));
  mux.delay_s = 2.3 * mux.pass_ohm * (gate.output_f + 0.5 * gate.input_f);
  const double supply = node.transistor.supply_v;
  mux.column_energy_j = gate.input_n_f * supply * supply + 2 * gate.output_f * cell.read_v * cell.read_v;
  mux.decoder =
      make_decoder(node, address_bits_for(mux.columns_per_adc), DecoderOutput::mux,
                   {.n_f = adcs * gate.input_n_f, .p_f = adcs * gate.input_p_f}, 0, node.neurosim_v14->mux_driver_size);
  mux.select_energy_j = calibration.epsilon * mux.decoder.energy_j;
  const double own_height = pass_gate_rows_height(node, array, devices, 1);
  const double decoder_height = (1 << mux.decoder.address_bits) * node.features(layout.cell_height_features);
  mux.area_m2 = array.row_length_m * (as_high_as_decoder ? std::max(own_height, decoder_height) : own_height);
  return mux;
}

double v14_sense_power(const TechNode& node, double ohm) {
  const NeurosimV14Spec& s = *node.neurosim_v14;
  if (ohm < s.low_ohm) return s.low_w + s.low_w_per_ohm * ohm;
  if (ohm < s.high_ohm) return s.middle_w + s.middle_w_per_ln_ohm * std::log(ohm);
  return s.high_w + s.high_w_per_ln_ohm * std::log(ohm);
}

V14SenseAmp make_v14_sense_amp(const TechNode& node, const CellModel& cell, const CellArray& array, int bits,
                               int row_parallel, double columns_per_dummy) {
  const NeurosimV14Spec& s = *node.neurosim_v14;
  const int levels = 1 << bits;
  const LogicGate minimum = sized_inverter(node, 1);
  V14SenseAmp amp;
  amp.sense_amps = levels - 1;
  // The reference column is drawn in widths of a wire.
  const double wire = node.wire.width_m;
  const double dummy_m2 = array.rows * cell.height_features * wire * cell.width_features * wire;
  amp.area_m2 = amp.sense_amps * (s.sense_amp_cells * minimum.area_m2 + dummy_m2 / columns_per_dummy);

  const auto reference_ohm = [&](int i) {
    return 1 / (row_parallel / cell.on_resistance_ohm * (1 - static_cast<double>(i) / levels));
  };
  const double gate_n = minimum.input_n_f, gate_p = minimum.input_p_f;
  const auto sense_s = [&](double ohm) {
    double seconds = ohm < s.low_ohm ? s.low_s + s.low_s_per_ln_ohm * std::log(ohm) : s.high_s + s.high_s_per_ohm * ohm;
    if (ohm > s.load_from_ohm) {
      const double load_f = array.bitline_f + (levels - 3) * gate_n;
      seconds += s.load_s_per_ohm * (ohm - s.load_from_ohm) * (load_f - s.load_f) / s.load_f;
    }
    return seconds;
  };
  amp.sense_s = std::max(sense_s(reference_ohm(1)), sense_s(reference_ohm(levels - 2)));

  const double scale = node.flash_adc.fit_read_voltage_v / cell.read_v;
  for (int i = 1; i <= levels - 3; ++i) amp.reference_w += v14_sense_power(node, reference_ohm(i) * scale);
  amp.reference_w *= amp.sense_amps / columns_per_dummy;

  // Drains of single devices.
  const double height = minimum.height_m;
  const double drain_n = nmos_drain_capacitance(node, minimum.devices.n, height);
  const double drain_p = nmos_drain_capacitance(node, minimum.devices.p, height);
  const double supply = node.transistor.supply_v, read = cell.read_v;
  const double per_amp =
      array.bitline_f * read * read / columns_per_dummy +
      read * read * (2 * gate_n + (drain_n + gate_n) / amp.sense_amps + (drain_n + gate_n) / columns_per_dummy) +
      supply * supply *
          ((2 * gate_p + gate_n) + 3 * (gate_p + gate_n) + 3 * (drain_p + drain_n) + drain_p + (gate_p + gate_n));
  amp.switching_j = amp.sense_amps * per_amp;
  return amp;
}

FlashEncoder make_v14_encoder(const TechNode& node, int bits) {
  const double levels = std::ldexp(1.0, bits);
  const double minimum = node.features(node.layout.minimum_nmos_width_features);
  const double height = node.features(node.layout.cell_height_features);
  const DeviceWidths wide_devices = {.n = 4 * minimum, .p = 2 * minimum * node.p_to_n_ratio()};
  const LogicGate inverter = sized_inverter(node, 1);
  const LogicGate nand = make_gate(node, LogicKind::nand, 2, wide_devices, height);
  const LogicGate wide = make_gate(node, LogicKind::nand, static_cast<int>(levels / 2), wide_devices, height);
  FlashEncoder encoder;
  encoder.width_m = inverter.width_m + nand.width_m + wide.width_m;
  encoder.height_m =
      height * ((inverter.width_m + nand.width_m) * (levels - 1) + wide.width_m * bits) / encoder.width_m;
  StageChain chain;
  chain.add(inverter.resistance_n, inverter.output_f + 2 * nand.input_f);
  chain.add(2 * nand.resistance_n, nand.output_f + wide.input_f * levels / 2);
  encoder.delay_s = chain.delay();
  encoder.leakage_w = (levels - 1) * (nand.leakage_w + 5 * inverter.leakage_w) + bits * wide.leakage_w;
  return encoder;
}

}  // namespace cimcycle
