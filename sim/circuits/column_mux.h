// SPDX-License-Identifier: Apache-2.0
// Column multiplexer: pass gates that connect one of several bitlines to a converter, and their decoder.
// Model: docs/models/circuits.md, "Column multiplexer".
#pragma once

#include "circuits/array.h"
#include "circuits/cell_model.h"
#include "circuits/decoder.h"
#include "circuits/flip_flop.h"
#include "circuits/gates.h"
#include "circuits/tech_node.h"

namespace cimcycle {

struct ColumnMux {
  int columns_per_adc = 1;  ///< 1: bitlines go straight to their converters, everything below is 0
  double pass_ohm = 0;
  double area_m2 = 0;          ///< as high as its decoder, which is the higher of the two in practice
  double delay_s = 0;          ///< of the pass gate
  double column_energy_j = 0;  ///< one column connected
  Decoder decoder;
  double select_energy_j = 0;  ///< one access of the decoder, with the activity of control logic
};

/// How the multiplexer is laid out.
struct MuxOptions {
  double target_ohm = 0;  ///< resistance that the pass gates are sized for
  FoldRule rule = FoldRule::tolerant;
  bool as_high_as_decoder = true;  ///< as DNN+NeuroSim draws it; else as high as its gates
};

ColumnMux make_column_mux(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                          const CellArray& array, int adcs, const MuxOptions& options);
/// Sized for a quarter of the resistance of a column with all rows on.
ColumnMux make_column_mux(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                          const CellArray& array, int adcs);

}  // namespace cimcycle
