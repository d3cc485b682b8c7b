// SPDX-License-Identifier: Apache-2.0
// Area and leakage of everything on the chip, and the floorplan that follows from it.
#pragma once

#include <vector>

#include "circuits/chip_model.h"
#include "circuits/chip_parts.h"
#include "circuits/figure_book.h"

namespace cimcycle {

struct ChipFloorplan {
  std::vector<ComponentBudget> budget;
  double tile_side_m = 0;
  double chip_side_m = 0;  ///< without the H-tree, whose length follows from it
  HTreeShape tree;
};

/// The budget's rows in the order of the report; their areas and leakages as figures of component "area" and "leakage".
ChipFloorplan make_floorplan(const ChipParts& parts, const ChipSize& size, FigureBook& book);

}  // namespace cimcycle
