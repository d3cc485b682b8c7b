// SPDX-License-Identifier: Apache-2.0
// Folding: DNN+NeuroSim V1.3.
#include "circuits/pass_gates.h"

#include <algorithm>

namespace cimcycle {

double pass_gate_rows_height(const TechNode& node, const CellArray& array, const DeviceWidths& devices,
                             int gates_per_column) {
  const LayoutSpec& layout = node.layout;
  const double pitch = node.features(layout.poly_width_features + layout.poly_gap_features);
  const int rows = units_needed(array.cols, whole_units(array.row_length_m, 2 * gates_per_column * pitch));
  const int per_row = units_needed(array.cols, rows);
  const int fingers = std::max(whole_units(array.row_length_m / per_row / gates_per_column, pitch) - 1, 1);
  const double gaps = node.features(layout.well_gap_features + 2 * layout.edge_features);
  return rows * ((devices.n + devices.p) / fingers + gaps);
}

}  // namespace cimcycle
