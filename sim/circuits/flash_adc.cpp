// SPDX-License-Identifier: Apache-2.0
// Fit and structure: DNN+NeuroSim V1.3, current mode.
#include "circuits/flash_adc.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "circuits/gates.h"

namespace cimcycle {

FlashAdc make_flash_adc(const TechNode& node, int bits, FlashSense sense) {
  FlashAdc adc;
  adc.bits = bits;
  adc.levels = std::ldexp(1.0, bits);
  const double sense_amps = adc.levels - 1;
  const double device_area = sized_inverter(node, 1).area_m2;
  const FlashAdcSpec& fit = node.flash_adc;
  adc.sense_s = fit.sense_s;
  if (sense == FlashSense::voltage) {
    if (!node.voltage_sense) fail_input("{}: voltage_sense: missing, but neurosim.sense = voltage", node.file);
    const VoltageSenseSpec& voltage = *node.voltage_sense;
    adc.area_m2 = sense_amps * (voltage.nmos_cells_per_sense_amp + voltage.pmos_cells_per_sense_amp) * device_area;
    adc.power_per_conductance_v2 = voltage.power_per_conductance_v2;
    adc.base_power_w = sense_amps * voltage.power_per_sense_amp_w;
    return adc;
  }
  adc.area_m2 = sense_amps * (fit.nmos_cells_per_sense_amp + fit.pmos_cells_per_sense_amp) * device_area;
  adc.power_per_conductance_v2 = fit.power_per_conductance_v2;
  adc.base_power_w = sense_amps * fit.power_per_sense_amp_w;
  return adc;
}

double flash_power(const TechNode& node, const FlashAdc& adc, double column_ohm, double read_v) {
  const FlashAdcSpec& fit = node.flash_adc;
  if (column_ohm <= 0 || !std::isfinite(column_ohm)) return fit.empty_column_w;
  const double scaled = column_ohm * fit.fit_read_voltage_v / read_v;
  return adc.base_power_w + adc.power_per_conductance_v2 * std::exp(-fit.resistance_exponent * std::log10(scaled));
}

double flash_energy_per_conductance(const TechNode& node, double read_v) {
  const FlashAdcSpec& fit = node.flash_adc;
  return fit.power_per_conductance_v2 * read_v / fit.fit_read_voltage_v * fit.sense_s;
}

FlashEncoder make_flash_encoder(const TechNode& node, const Calibration& calibration, int bits) {
  FlashEncoder encoder;
  if (bits < 2) return encoder;
  const double levels = std::ldexp(1.0, bits);
  const LogicGate inverter = standard_inverter(node);
  const LogicGate nand = standard_nand(node, 2);
  // The wide NAND collects half of the levels with the devices of the two-input one.
  const LogicGate wide = make_gate(node, LogicKind::nand, static_cast<int>(levels / 2), nand.devices, nand.height_m);

  encoder.width_m = inverter.width_m + nand.width_m + wide.width_m;
  encoder.height_m = (levels - 1) * nand.height_m;
  StageChain chain;
  chain.add(2 * inverter.resistance_n, inverter.output_f + 2 * nand.input_f);
  chain.add(nand.resistance_p, nand.output_f + wide.input_f * levels / 2);
  encoder.delay_s = chain.delay();

  const double supply = node.transistor.supply_v;
  const double swing_f = (levels + bits) * (inverter.swing_f() + nand.swing_f()) + bits * wide.swing_f();
  encoder.energy_j = calibration.epsilon * supply * supply * swing_f;
  encoder.leakage_w = (levels + bits) * (inverter.leakage_w + nand.leakage_w) + bits * wide.leakage_w;
  return encoder;
}

double encoder_bank_area(const FlashEncoder& encoder, const CellArray& array, int adcs) {
  if (encoder.width_m <= 0) return 0;
  const int per_row = std::min(whole_units(array.row_length_m, encoder.width_m), adcs);
  const int rows = units_needed(adcs, per_row);
  return std::max(array.row_length_m, encoder.width_m) * rows * encoder.height_m;
}

}  // namespace cimcycle
