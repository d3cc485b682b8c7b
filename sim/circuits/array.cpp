// SPDX-License-Identifier: Apache-2.0
// Array geometry and capacitances: DNN+NeuroSim V1.3.
#include "circuits/array.h"

#include "base/error.h"
#include "circuits/gates.h"

namespace cimcycle {

double wire_resistance_per_m(const TechNode& node) {
  const WireSpec& wire = node.wire;
  return wire.resistivity_ohm_m / (wire.width_m * wire.width_m * wire.aspect_ratio);
}

CellArray make_array(const TechNode& node, const CellModel& cell, int rows, int cols, const ArrayRules& rules) {
  CellArray array;
  array.rows = rows;
  array.cols = cols;
  array.row_length_m = cols * node.features(cell.width_features);
  array.column_length_m = rows * node.features(cell.height_features);
  array.area_m2 = array.row_length_m * array.column_length_m;

  // The transistor works in its linear region with access_v on its gate.
  const double feature = node.feature_size_m;
  array.access_width_m =
      node.resistance_n(feature) * node.transistor.linear_region_factor / cell.access_resistance_ohm() * feature;
  const double region_m = node.features(cell.width_features);
  const double room_m = region_m - node.features(2 * node.layout.edge_features);
  if (array.access_width_m > region_m || room_m <= 0) {
    fail_input(
        "{}: an access transistor of {:.4g} Ohm is {:.4g} features wide at node {}, but a cell of {:.4g} features has "
        "no room for it; use a larger on_resistance_ohm or width_features",
        cell.file, cell.access_resistance_ohm(), array.access_width_m / feature, node.name, cell.width_features);
  }
  const double wire_f = node.wire.capacitance_f_per_m;
  array.wordline_f = cell.wordline_load
                         ? cell.wordline_load->driver_f + cols * cell.wordline_load->cell_f
                         : wire_f * array.row_length_m + cols * node.gate_capacitance(array.access_width_m);
  array.bitline_wire_f = wire_f * array.column_length_m;
  const double drain_region_m =
      rules.access_region_features > 0 ? node.features(rules.access_region_features) : region_m;
  array.bitline_f = array.bitline_wire_f + rows * nmos_drain_capacitance(node, array.access_width_m, drain_region_m);
  array.wordline_ohm = wire_resistance_per_m(node) * array.row_length_m;
  array.mean_cell_ohm = cell.mean_resistance_ohm();
  if (rules.harmonic_mean) {
    const double access = cell.access_resistance_ohm();
    array.mean_cell_ohm = 2 / (1 / (cell.on_resistance_ohm + access) + 1 / (cell.off_resistance_ohm + access));
  }
  return array;
}

}  // namespace cimcycle
