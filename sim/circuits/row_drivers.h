// SPDX-License-Identifier: Apache-2.0
// What stands at the edges of the cell array: wordline drivers (a switch matrix), source-line switches and level
// shifters. Model: docs/models/circuits.md, "Wordline drivers".
#pragma once

#include "circuits/array.h"
#include "circuits/cell_model.h"
#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// Wordline switch matrix: one flip-flop and four pass gates per wordline.
struct WordlineDrivers {
  Block block;  ///< of all wordlines
  double width_m = 0;
  double delay_s = 0;             ///< flip-flop output to the far end of the wordline
  double row_energy_j = 0;        ///< pass gates of one row that switches on; the wordline itself is apart
  double row_clock_energy_j = 0;  ///< one row's flip-flop clocked
};
WordlineDrivers make_wordline_drivers(const TechNode& node, const CellModel& cell, const CellArray& array);

/// Source-line switch matrix: used for writing only, so that a read costs nothing.
struct SourceLineSwitches {
  Block block;
  double height_m = 0;
};
/// `column_ohm`: resistance of the column that the switches feed.
SourceLineSwitches make_source_line_switches(const TechNode& node, const CellArray& array, double column_ohm);
/// For columns of the mean cell.
SourceLineSwitches make_source_line_switches(const TechNode& node, const CellArray& array);

/// Level shifters between logic and write voltage, one per line. No data for leakage, delay and energy.
struct LevelShifters {
  double line_area_m2 = 0;  ///< of one line; 0 if the write voltage needs none
};
/// `measured`: sized as in the macro that the calibration factors come from; `drawn`: minimal, in a standard cell.
enum class LevelShifterLayout { measured, drawn };
LevelShifters make_level_shifters(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                                  LevelShifterLayout layout = LevelShifterLayout::measured);

}  // namespace cimcycle
