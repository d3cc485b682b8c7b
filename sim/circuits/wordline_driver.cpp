// SPDX-License-Identifier: Apache-2.0
// Structure and stages: DNN+NeuroSim V1.3.
#include "circuits/wordline_driver.h"

#include <algorithm>
#include <cmath>

#include "circuits/decoder.h"
#include "circuits/gates.h"

namespace cimcycle {

namespace {

/// The pass gates of a row's driver, laid out in what the row's share of the height leaves.
LogicGate pass_gate(const TechNode& node, const LogicGate& inverter, const CellArray& array) {
  const double height = array.column_length_m, standard = inverter.height_m;
  double region = height / array.rows;
  if (region < standard) {
    const int columns = static_cast<int>(std::ceil(standard / region));
    region = height / units_needed(array.rows, columns);
  }
  return make_gate(node, LogicKind::inverter, 1, inverter.devices, region);
}

}  // namespace

DecodedWordlines make_decoded_wordlines(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                                        const CellArray& array) {
  const LogicGate nand = standard_nand(node, 2);
  const LogicGate inverter = standard_inverter(node);
  const LogicGate pass = pass_gate(node, inverter, array);
  const double height = array.column_length_m;
  const Decoder decoder = make_decoder(node, address_bits_for(array.rows), DecoderOutput::line,
                                       {.n_f = array.wordline_f, .p_f = 0}, height);
  const int per_column = whole_units(height, std::max(inverter.height_m, pass.height_m));
  const double driver_width =
      (3 * nand.width_m + inverter.width_m + 2 * pass.width_m) * units_needed(array.rows, per_column);

  DecodedWordlines lines;
  lines.width_m = decoder.width_m + driver_width;
  const Block drivers = {.area_m2 = height * driver_width,
                         .leakage_w = array.rows * 2 * (nand.leakage_w + inverter.leakage_w)};
  lines.block = decoder.block + drivers;

  // The three logic stages all see the decoder's ramp, the pass gates an ideal step.
  const auto stage = [&](double ohm, double load_f) { return StageChain(decoder.output_ramp).add(ohm, load_f); };
  const double pull_down = 2 * nand.resistance_n;
  const double linear = node.transistor.linear_region_factor;
  const double on_n = linear * pass.resistance_n, on_p = linear * pass.resistance_p;
  const double tau_s =
      on_n * on_p / (on_n + on_p) * (2 * pass.output_f + array.wordline_f) + array.wordline_ohm * array.wordline_f / 2;
  lines.delay_s = decoder.delay_s + stage(pull_down, nand.output_f + inverter.input_f) +
                  stage(inverter.resistance_p, inverter.output_f + 2 * nand.input_f) +
                  stage(pull_down, nand.output_f + pass.input_f) + StageChain().add(1, tau_s);

  const double supply = node.transistor.supply_v;
  const double swing_f = nand.input_f + inverter.output_f + 2 * pass.input_n_f + nand.output_f + pass.input_p_f;
  lines.access_energy_j =
      calibration.epsilon * decoder.energy_j + supply * supply * swing_f + pass.output_f * cell.read_v * cell.read_v;
  return lines;
}

}  // namespace cimcycle
