// SPDX-License-Identifier: Apache-2.0
// DNN+NeuroSim V1.3.
#include "neurosim/crossbar.h"

#include <algorithm>
#include <cmath>

#include "circuits/column_mux.h"
#include "circuits/flash_adc.h"
#include "circuits/row_drivers.h"
#include "circuits/sar_adc.h"
#include "circuits/shift_add.h"
#include "circuits/wordline_driver.h"

namespace cimcycle::neurosim {

namespace {

using D = NeurosimDeviations;

/// Register time of an asynchronous addition, s: half a period of the clock that DNN+NeuroSim starts from.
double register_s(const Setup& setup) { return 0.5 / setup.initial_clock_hz(); }

/// Bits that leave the converters: their code, or a row's digit sums in a sequential read.
int code_bits(const Setup& setup) {
  return setup.parallel ? setup.adc_bits : static_cast<int>(std::ceil(std::log2(setup.rows))) + setup.cell_bits;
}

/// One block of shift-adders or accumulators below the array.
void add_accumulator(const Setup& setup, CrossbarModel& model, int adder_bits, int register_bits, PlaneCost events,
                     int wiring_rows = 1) {
  const AddRegister unit = make_add_register(setup.node, setup.calibration, adder_bits, register_bits);
  const double area = shift_add_bank_area(setup.node, model.array, unit, setup.adcs, wiring_rows);
  model.accumulation_area_m2 += area;
  model.height_m += area / model.array.row_length_m;
  model.leakage_w += setup.adcs * unit.block.leakage_w;
  model.accumulation_j.plane += events.plane * setup.adcs * unit.energy_j;
  model.accumulation_j.row += events.row * setup.adcs * unit.energy_j;
  if (setup.spec.synchronous) {
    model.accumulation_latency.plane += events.plane;
    model.accumulation_latency.row += events.row * std::ceil(unit.adder.delay_s * setup.initial_clock_hz());
    return;
  }
  const double step = unit.adder.delay_s + register_s(setup);
  if (!setup.deviates(&D::hidden_shift_add)) {
    model.accumulation_latency.plane += events.plane * step;
  } else {
    const double exposed = std::max(step - setup.spec.read_pulse_ns * 1e-9, 0.0);
    model.accumulation_latency.plane += step + exposed * (events.plane - 1);
  }
}

void add_accumulation(const Setup& setup, CrossbarModel& model) {
  const int bits = code_bits(setup);
  if (!setup.parallel) add_accumulator(setup, model, bits, bits + 1, {.row = static_cast<double>(setup.mux)}, 0);
  if (setup.slices > 1) {
    add_accumulator(setup, model, bits, bits + 1 + setup.slices - 1, {.plane = static_cast<double>(setup.mux)});
  }
  if (setup.input_bits > 1) {
    const int wide = bits + setup.slices;
    add_accumulator(setup, model, wide, wide + 1 + setup.input_bits - 1,
                    {.plane = static_cast<double>(setup.weight_events())});
  }
}

/// Converters and encoders; returns the height they take below the array.
double add_converters(const Setup& setup, CrossbarModel& model) {
  const double per_plane = setup.parallel ? setup.mux : 0, per_row = setup.parallel ? 0 : setup.mux;
  if (setup.sar) {
    const SarAdc adc = make_sar_adc(setup.node, setup.adc_bits);
    model.adc_area_m2 = setup.adcs * adc.area_m2;
    model.sar_s = adc.conversion_s;
    return model.adc_area_m2 / model.array.row_length_m;
  }
  const bool current = setup.spec.sense == SenseMode::current;
  const FlashAdc adc = make_flash_adc(setup.node, setup.adc_bits, current ? FlashSense::current : FlashSense::voltage);
  model.adc_area_m2 = setup.adcs * adc.area_m2;
  if (setup.adc_bits > 1) {
    const FlashEncoder encoder = make_flash_encoder(setup.node, setup.calibration, setup.adc_bits);
    model.adc_area_m2 += encoder_bank_area(encoder, model.array, setup.adcs);
    model.encoder_s = encoder.delay_s;
    model.leakage_w += setup.adcs * encoder.leakage_w;
    model.adc_j.plane += per_plane * setup.adcs * encoder.energy_j;
    model.adc_j.row += per_row * setup.adcs * encoder.energy_j;
  }
  return model.adc_area_m2 / model.array.row_length_m;
}

/// What selects rows: a switch matrix, or in a sequential read a decoder with a driver per row.
struct RowSide {
  double area_m2 = 0;
  double width_m = 0;
  double delay_s = 0;
};

RowSide add_row_side(const Setup& setup, CrossbarModel& model) {
  const double phases = setup.mux;
  if (setup.parallel) {
    const WordlineDrivers drivers = make_wordline_drivers(setup.node, setup.cell, model.array);
    model.leakage_w += drivers.block.leakage_w;
    model.other_j.plane += phases * setup.rows * drivers.row_clock_energy_j;
    model.other_j.row += phases * drivers.row_energy_j;
    return {drivers.block.area_m2, drivers.width_m, drivers.delay_s};
  }
  const DecodedWordlines rows = make_decoded_wordlines(setup.node, setup.calibration, setup.cell, model.array);
  model.leakage_w += rows.block.leakage_w;
  model.other_j.row += phases * rows.access_energy_j;
  return {rows.block.area_m2, rows.width_m, rows.delay_s};
}

}  // namespace

CrossbarModel make_crossbar(const Setup& setup) {
  if (setup.v14()) return make_v14_crossbar(setup);
  const TechNode& node = setup.node;
  const double supply = node.transistor.supply_v;
  CrossbarModel model;
  model.array = make_array(node, setup.cell, setup.rows, setup.cols);
  const CellArray& array = model.array;
  model.cells_area_m2 = array.area_m2;
  model.height_m = array.column_length_m;

  const RowSide row_side = add_row_side(setup, model);
  // The resistance that column switches are sized for: all rows on in parallel, or the one that is.
  const double on_ohm = setup.cell.on_resistance_ohm + setup.cell.access_resistance_ohm();
  const double column_ohm = setup.parallel ? array.mean_cell_ohm : on_ohm;
  const SourceLineSwitches source_lines = make_source_line_switches(node, array, column_ohm);
  const LevelShifters shifters =
      make_level_shifters(node, setup.calibration, setup.cell,
                          setup.spec.validated ? LevelShifterLayout::measured : LevelShifterLayout::drawn);
  const MuxOptions mux_options = {.target_ohm = (setup.parallel ? array.mean_cell_ohm / array.rows : on_ohm) * 0.25,
                                  .rule = setup.deviates(&D::layout_ties) ? FoldRule::by_rounding : FoldRule::tolerant,
                                  .as_high_as_decoder = setup.deviates(&D::mux_as_high_as_decoder)};
  const ColumnMux mux = make_column_mux(node, setup.calibration, setup.cell, array, setup.adcs, mux_options);
  const double row_shifters = 2 * setup.rows * shifters.line_area_m2, col_shifters = setup.cols * shifters.line_area_m2;
  model.other_area_m2 = row_side.area_m2 + source_lines.block.area_m2 + row_shifters + col_shifters + mux.area_m2 +
                        mux.decoder.block.area_m2;
  model.leakage_w += source_lines.block.leakage_w + mux.decoder.block.leakage_w;
  // DNN+NeuroSim charges the multiplexer once per vector instead of once per bit plane.
  model.other_j.plane += (setup.mux * (setup.adcs * mux.column_energy_j + mux.select_energy_j)) / setup.input_bits;

  model.height_m += col_shifters / array.row_length_m + source_lines.height_m + mux.area_m2 / array.row_length_m;
  model.height_m += add_converters(setup, model);
  add_accumulation(setup, model);
  model.width_m =
      array.row_length_m + std::max(row_shifters / array.column_length_m + row_side.width_m, mux.decoder.width_m);

  model.select_s = std::max(row_side.delay_s, mux.delay_s + mux.decoder.delay_s);
  const double path_ohm = setup.parallel ? array.mean_cell_ohm / (setup.rows / 2) : array.mean_cell_ohm;
  model.column_s = 0.2 * array.bitline_f * path_ohm;

  const double line_v = setup.deviates(&D::wordline_at_supply) ? supply : setup.cell.access_v;
  const double bitline_f = setup.deviates(&D::bitline_wire_only) ? array.bitline_wire_f : array.bitline_f;
  const double bitlines_j = setup.mux * setup.adcs * bitline_f * setup.cell.read_v * setup.cell.read_v;
  (setup.parallel ? model.adc_j.plane : model.adc_j.row) += bitlines_j;
  model.adc_j.row += setup.mux * array.wordline_f * line_v * line_v;

  PlaneCost& conversions = model.adc_latency;
  (setup.parallel ? conversions.plane : conversions.row) = setup.mux;
  if (!setup.spec.synchronous) {
    const double beta = setup.calibration.beta;
    (setup.parallel ? model.other_latency.plane : model.other_latency.row) = setup.mux * model.select_s * beta;
    (setup.parallel ? conversions.plane : conversions.row) *= beta * (model.column_s + model.encoder_s + model.sar_s);
  }
  return model;
}

}  // namespace cimcycle::neurosim
