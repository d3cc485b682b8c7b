// SPDX-License-Identifier: Apache-2.0
// DNN+NeuroSim V1.4: reads of row groups, an adder over the groups.
#include <algorithm>
#include <cmath>

#include "circuits/sar_adc.h"
#include "circuits/shift_add.h"
#include "circuits/v14_periphery.h"
#include "neurosim/crossbar.h"

namespace cimcycle::neurosim {

namespace {

using D = NeurosimDeviations;

/// Adders over the row groups, shift-adders for weights and inputs.
void add_accumulation(const Setup& setup, CrossbarModel& model, double clock_s) {
  const TechNode& node = setup.node;
  const LogicGate minimum = sized_inverter(node, 1);
  const double supply2 = node.transistor.supply_v * node.transistor.supply_v;
  const double phases = setup.mux, groups = setup.row_groups;
  const auto bank = [&](int adder_bits, int register_bits, int wiring_rows) {
    const AddRegister unit =
        make_add_register(node, setup.calibration, adder_bits, register_bits, FlipFlopDevices::minimal);
    model.accumulation_area_m2 += shift_add_bank_area(node, model.array, unit, setup.adcs, wiring_rows);
    model.leakage_w += setup.adcs * unit.block.leakage_w;
    return unit;
  };
  const auto cycles = [&](double seconds) { return std::ceil(seconds / clock_s); };
  double accumulation = 0;
  if (setup.row_groups > 1) {
    const int group_bits = setup.group_bits(), register_bits = setup.adc_bits + group_bits;
    const AddRegister unit = bank(setup.adc_bits - 1 + group_bits, register_bits, 0);
    const double events = phases * (groups - 1);
    accumulation = events * (cycles(unit.adder.delay_s) - 1);
    const double clocked = register_bits * setup.adcs * (6 * minimum.input_f + 4 * minimum.output_f);
    const double switched =
        setup.adcs * (setup.adc_bits + group_bits / 2.0) * (2 * minimum.input_f + 6 * minimum.output_f);
    model.accumulation_j.plane +=
        events * (setup.adcs * unit.adder.energy_j + setup.calibration.gamma * supply2 * (clocked + switched));
  }
  const double reads = phases * groups + accumulation;
  const double outputs = setup.weight_events();
  double hidden = 0;
  if (setup.slices > 1) {
    const AddRegister unit = bank(setup.adc_bits, setup.adc_bits + setup.slices, 1);
    const double events = (setup.slices - 1) * outputs;
    model.accumulation_j.plane += events * setup.adcs * unit.energy_j;
    hidden += events * std::max(cycles(unit.adder.delay_s) - reads / phases, 0.0);
  }
  if (setup.input_bits > 1) {
    const int bits = setup.adc_bits + setup.slices;
    const AddRegister unit = bank(bits, bits + setup.input_bits, 1);
    model.accumulation_j.plane += outputs * setup.adcs * unit.energy_j;
    hidden += outputs * std::max(cycles(unit.adder.delay_s) - reads / outputs, 0.0);
  }
  model.accumulation_latency.plane = accumulation + hidden;
}

}  // namespace

CrossbarModel make_v14_crossbar(const Setup& setup) {
  const TechNode& node = setup.node;
  const double supply = node.transistor.supply_v;
  CrossbarModel model;
  model.array = make_array(node, setup.cell, setup.rows, setup.cols,
                           {.access_region_features = node.layout.cell_height_features, .harmonic_mean = true});
  const CellArray& array = model.array;
  const double phases = setup.mux;
  model.cells_area_m2 = array.area_m2;

  const WordlineDrivers rows = make_v14_wordline_drivers(node, setup.cell, array);
  const SourceLineSwitches source_lines = make_v14_source_line_switches(node, array, setup.row_parallel);
  const LevelShifters shifters =
      make_level_shifters(node, setup.calibration, setup.cell,
                          setup.spec.validated ? LevelShifterLayout::measured : LevelShifterLayout::drawn);
  const FoldRule rule = setup.deviates(&D::layout_ties) ? FoldRule::by_rounding : FoldRule::tolerant;
  const ColumnMux mux = make_v14_column_mux(node, setup.calibration, setup.cell, array, setup.adcs, setup.row_parallel,
                                            rule, setup.deviates(&D::mux_as_high_as_decoder));
  const double row_shifters = 2 * setup.rows * shifters.line_area_m2, col_shifters = setup.cols * shifters.line_area_m2;
  model.other_area_m2 = rows.block.area_m2 + source_lines.block.area_m2 + row_shifters + col_shifters + mux.area_m2 +
                        mux.decoder.block.area_m2;
  model.leakage_w = rows.block.leakage_w + source_lines.block.leakage_w + mux.decoder.block.leakage_w;
  model.other_j.plane =
      phases * (setup.rows * rows.row_clock_energy_j + setup.adcs * mux.column_energy_j + mux.select_energy_j);
  model.other_j.row = phases * rows.row_energy_j;

  double flash_s = 0;
  if (setup.sar) {
    const SarAdc adc = make_sar_adc(node, setup.adc_bits);
    model.adc_area_m2 = setup.adcs * adc.area_m2;
    model.sar_s = adc.conversion_s;
  } else {
    const V14SenseAmp amp =
        make_v14_sense_amp(node, setup.cell, array, setup.adc_bits, setup.row_parallel, setup.columns_per_dummy());
    const FlashEncoder encoder = make_v14_encoder(node, setup.adc_bits);
    model.adc_area_m2 = setup.adcs * amp.area_m2 + encoder_bank_area(encoder, array, setup.adcs);
    model.encoder_s = encoder.delay_s;
    flash_s = amp.sense_s;
    model.leakage_w += setup.adcs * encoder.leakage_w;
  }
  model.select_s = std::max(rows.delay_s, mux.delay_s + mux.decoder.delay_s);
  const double clock_s = std::max(model.sense_s(flash_s, setup.calibration.beta), 1 / setup.initial_clock_hz());
  add_accumulation(setup, model, clock_s);

  model.height_m = array.column_length_m + source_lines.height_m +
                   (col_shifters + mux.area_m2 + model.adc_area_m2 + model.accumulation_area_m2) / array.row_length_m;
  model.width_m =
      array.row_length_m + std::max(row_shifters / array.column_length_m + rows.width_m, mux.decoder.width_m);
  const double line_v = setup.deviates(&D::wordline_at_supply) ? supply : setup.cell.access_v;
  model.adc_j.row = phases * array.wordline_f * line_v * line_v;
  model.adc_latency.plane = phases * setup.row_groups;
  return model;
}

}  // namespace cimcycle::neurosim
