// SPDX-License-Identifier: Apache-2.0
// Sizing and delay: DNN+NeuroSim V1.3.
#include "circuits/column_mux.h"

#include <algorithm>

#include "circuits/gates.h"
#include "circuits/pass_gates.h"

namespace cimcycle {

namespace {

/// Pass gates of the target resistance, widened to a standard cell if both devices are smaller.
DeviceWidths pass_gate(const TechNode& node, double target_ohm) {
  const double feature = node.feature_size_m;
  // From left to right as DNN+NeuroSim does: FoldRule::by_rounding depends on it.
  const auto width = [&](double feature_ohm) {
    return feature_ohm * feature * node.transistor.linear_region_factor / (target_ohm * 2);
  };
  return fill_cell(node, {.n = width(node.resistance_n(feature)), .p = width(node.resistance_p(feature))});
}

}  // namespace

ColumnMux make_column_mux(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                          const CellArray& array, int adcs) {
  return make_column_mux(node, calibration, cell, array, adcs, {.target_ohm = array.mean_cell_ohm / array.rows * 0.25});
}

ColumnMux make_column_mux(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                          const CellArray& array, int adcs, const MuxOptions& options) {
  ColumnMux mux;
  const int used_adcs = std::min(adcs, array.cols);
  mux.columns_per_adc = units_needed(array.cols, used_adcs);
  if (mux.columns_per_adc == 1) return mux;

  const DeviceWidths devices = pass_gate(node, options.target_ohm);
  const LayoutSpec& layout = node.layout;
  const double well_gap = node.features(layout.well_gap_features);
  const double edges = layout.edge_features * 2 * node.feature_size_m;
  // The unfolded gate, in a region that its two devices just fill.
  const LogicGate gate =
      make_gate(node, LogicKind::inverter, 1, devices, devices.n + devices.p + well_gap + edges, options.rule);
  const double linear = node.transistor.linear_region_factor;
  const double on_n = linear * gate.resistance_n, on_p = linear * gate.resistance_p;
  mux.pass_ohm = on_n * on_p / (on_n + on_p);
  mux.delay_s = 2.3 * 2 * mux.pass_ohm * (gate.output_f + 0.5 * gate.input_f);

  const double supply = node.transistor.supply_v;
  mux.column_energy_j = gate.input_n_f * supply * supply + 2 * gate.output_f * cell.read_v * cell.read_v;
  mux.decoder = make_decoder(node, address_bits_for(mux.columns_per_adc), DecoderOutput::mux,
                             {.n_f = used_adcs * gate.input_n_f, .p_f = used_adcs * gate.input_p_f});
  mux.select_energy_j = calibration.epsilon * mux.decoder.energy_j;

  const double own_height = pass_gate_rows_height(node, array, devices, 1);
  const double decoder_height = (1 << mux.decoder.address_bits) * node.features(layout.cell_height_features);
  mux.area_m2 = array.row_length_m * (options.as_high_as_decoder ? std::max(own_height, decoder_height) : own_height);
  return mux;
}

}  // namespace cimcycle
