// SPDX-License-Identifier: Apache-2.0
// A 1T1R cell: resistances, voltages and geometry.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cimcycle {

/// A wordline's capacitance as measured or extracted from a layout.
struct WordlineLoad {
  double driver_f = 0;  ///< of the driver's output
  double cell_f = 0;    ///< that each cell adds
};

struct CellModel {
  std::string name;
  std::string description;
  std::string file;  ///< where it was read
  std::string hash;  ///< of its contents
  double on_resistance_ohm = 0;
  double off_resistance_ohm = 0;
  double access_resistance_ratio = 0;  ///< resistance of the access transistor / on resistance
  double height_features = 0;          ///< along the bitline
  double width_features = 0;           ///< along the wordline
  double read_v = 0;                   ///< across cell and access transistor
  double access_v = 0;                 ///< gate voltage of the access transistor
  double write_v = 0;
  /// Absent: the wordline's capacitance follows from the cell's geometry and the access transistor's gate.
  std::optional<WordlineLoad> wordline_load;
  std::map<std::string, std::string> sources;  ///< one per value

  double access_resistance_ohm() const { return access_resistance_ratio * on_resistance_ohm; }
  /// Conductance of level `level` of 0 .. 2^bits - 1, in S: linear between the off and the on state, each in series
  /// with the access transistor.
  double level_conductance(int level, int bits) const;
  /// Conductance step of one level, in S.
  double conductance_step(int bits) const;
  /// Mean of the on and the off resistance plus the access transistor: what a bitline's delay is taken with, Ohm.
  double mean_resistance_ohm() const;
};

/// Reads tech/cells/NAME.json, or a path that ends in .json. Every value needs an entry in `sources`. Throws
/// InputError.
CellModel load_cell_model(std::string_view name, std::string_view asked_by = "cell.model");

}  // namespace cimcycle
