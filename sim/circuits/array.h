// SPDX-License-Identifier: Apache-2.0
// The cell array of a crossbar: geometry, wire and device capacitances. Model: docs/models/circuits.md, "Cell array".
#pragma once

#include "circuits/cell_model.h"
#include "circuits/tech_node.h"

namespace cimcycle {

struct CellArray {
  int rows = 0;
  int cols = 0;
  double row_length_m = 0;     ///< of a wordline
  double column_length_m = 0;  ///< of a bitline
  double area_m2 = 0;
  double access_width_m = 0;  ///< of the access transistor
  double wordline_f = 0;      ///< wire and gates of the access transistors, or the cell's wordline_load
  double bitline_wire_f = 0;  ///< wire alone: what a read charges in DNN+NeuroSim
  double bitline_f = 0;       ///< wire and drains of the access transistors: what delays a read
  double wordline_ohm = 0;    ///< of the whole wordline
  double mean_cell_ohm = 0;   ///< mean of on and off resistance, with the access transistor
};

/// Where DNN+NeuroSim's versions differ.
struct ArrayRules {
  double access_region_features = 0;  ///< height that access transistors are laid out in; 0: the cell's width
  bool harmonic_mean = false;         ///< mean cell by conductance instead of by resistance
};

/// Throws InputError if the access transistor that the cell asks for does not fit the cell's width.
CellArray make_array(const TechNode& node, const CellModel& cell, int rows, int cols, const ArrayRules& rules = {});

/// Resistance of a wire of the node's ordinary width, Ohm per m.
double wire_resistance_per_m(const TechNode& node);

}  // namespace cimcycle
