// SPDX-License-Identifier: Apache-2.0
// A crossbar with its periphery: areas, delays of the sense path, and what one input bit plane costs apart from the
// conversions, whose energy depends on the columns. Model: docs/models/neurosim.md, "Crossbar".
#pragma once

#include "circuits/array.h"
#include "neurosim/setup.h"

namespace cimcycle::neurosim {

/// A cost that has a part per bit plane and a part per row that carries a one.
struct PlaneCost {
  double plane = 0;
  double row = 0;
  double of(double planes, double ones) const { return plane * planes + row * ones; }
};

struct CrossbarModel {
  CellArray array;
  double cells_area_m2 = 0;
  double adc_area_m2 = 0;
  double accumulation_area_m2 = 0;
  double other_area_m2 = 0;
  double height_m = 0;  ///< of the bounding box
  double width_m = 0;
  double leakage_w = 0;
  double used_area_m2() const { return cells_area_m2 + adc_area_m2 + accumulation_area_m2 + other_area_m2; }

  /// Delays before calibration, s.
  double select_s = 0;  ///< row and column selection, whichever is longer
  double column_s = 0;  ///< settling of the column
  double encoder_s = 0;
  double sar_s = 0;  ///< SAR: a conversion; flash converters depend on the columns
  /// Length of a sense phase that senses for `flash_s`.
  double sense_s(double flash_s, double beta) const {
    return beta * (select_s + column_s + flash_s + encoder_s + sar_s);
  }

  PlaneCost adc_j;  ///< array lines, encoder
  PlaneCost accumulation_j;
  PlaneCost other_j;
  /// Latencies: cycles if synchronous, else seconds (without the flash converter's sense time).
  PlaneCost adc_latency;
  PlaneCost accumulation_latency;
  PlaneCost other_latency;
};

CrossbarModel make_crossbar(const Setup& setup);
/// V1.4: a plane is read in groups of rows.
CrossbarModel make_v14_crossbar(const Setup& setup);

}  // namespace cimcycle::neurosim
