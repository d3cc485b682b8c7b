// SPDX-License-Identifier: Apache-2.0
// Fit and size: DNN+NeuroSim V1.3.
#include "circuits/sar_adc.h"

#include <cmath>

#include "circuits/gates.h"

namespace cimcycle {

SarAdc make_sar_adc(const TechNode& node, int bits) {
  const SarAdcSpec& fit = node.sar_adc;
  const double device_area = sized_inverter(node, 1).area_m2;
  SarAdc adc;
  adc.bits = bits;
  adc.area_m2 = device_area * (fit.nmos_cells_first_bit + fit.nmos_cells_per_further_bit * (bits - 1) +
                               fit.pmos_cells_first_bit + fit.pmos_cells_per_further_bit * (bits - 1));
  adc.conversion_s = (bits + 1) * fit.step_s;
  adc.base_power_w = fit.power_per_bit_w * bits + fit.power_base_w;
  return adc;
}

double sar_power(const TechNode& node, const SarAdc& adc, double column_ohm, double read_v) {
  const SarAdcSpec& fit = node.sar_adc;
  if (column_ohm <= 0 || !std::isfinite(column_ohm)) return fit.empty_column_w;
  const double scaled = column_ohm * fit.fit_read_voltage_v / read_v;
  return adc.base_power_w + fit.power_per_conductance_v2 * std::exp(-fit.resistance_exponent * std::log10(scaled));
}

double sar_power_per_conductance(const TechNode& node, double read_v) {
  return node.sar_adc.power_per_conductance_v2 * read_v / node.sar_adc.fit_read_voltage_v;
}

}  // namespace cimcycle
