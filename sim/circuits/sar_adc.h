// SPDX-License-Identifier: Apache-2.0
// Successive-approximation converter. Model: docs/models/circuits.md, "SAR converter".
#pragma once

#include "circuits/tech_node.h"

namespace cimcycle {

struct SarAdc {
  int bits = 0;
  double area_m2 = 0;       ///< no data for leakage, nor for a sample-and-hold stage
  double conversion_s = 0;  ///< bits + 1 steps
  double base_power_w = 0;  ///< what does not depend on the column
  double base_energy_j() const { return base_power_w * conversion_s; }
};

SarAdc make_sar_adc(const TechNode& node, int bits);

/// Power while a column of `column_ohm` (0 or infinite: no cell conducts) is converted at `read_v`: the whole fit, W.
double sar_power(const TechNode& node, const SarAdc& adc, double column_ohm, double read_v);

/// Power that a cell of 1 S adds, W/S, for the time in which the column conducts; exponent taken as 1/resistance.
double sar_power_per_conductance(const TechNode& node, double read_v);

}  // namespace cimcycle
