// SPDX-License-Identifier: Apache-2.0
// The periphery of a crossbar in DNN+NeuroSim V1.4: switches sized without the calibration of their resistance, sense
// amplifiers with reference columns, small encoders. Model: docs/models/neurosim.md, "V1.4".
#pragma once

#include "circuits/array.h"
#include "circuits/cell_model.h"
#include "circuits/column_mux.h"
#include "circuits/flash_adc.h"
#include "circuits/flip_flop.h"
#include "circuits/row_drivers.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// All need a node with neurosim_v14.
WordlineDrivers make_v14_wordline_drivers(const TechNode& node, const CellModel& cell, const CellArray& array);

/// `row_parallel`: rows that are read at once.
SourceLineSwitches make_v14_source_line_switches(const TechNode& node, const CellArray& array, int row_parallel);
ColumnMux make_v14_column_mux(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                              const CellArray& array, int adcs, int row_parallel, FoldRule rule,
                              bool as_high_as_decoder);

/// Multilevel sense amplifier whose references are columns of cells.
struct V14SenseAmp {
  double sense_amps = 0;
  double area_m2 = 0;  ///< of one converter
  double sense_s = 0;
  double reference_w = 0;  ///< of the reference columns, per column read
  double switching_j = 0;  ///< per column read
};
V14SenseAmp make_v14_sense_amp(const TechNode& node, const CellModel& cell, const CellArray& array, int bits,
                               int row_parallel, double columns_per_dummy);
/// Power of one sense amplifier on a column of `ohm` Ohm at the fit's read voltage, W.
double v14_sense_power(const TechNode& node, double ohm);

FlashEncoder make_v14_encoder(const TechNode& node, int bits);

}  // namespace cimcycle
