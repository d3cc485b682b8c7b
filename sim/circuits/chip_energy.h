// SPDX-License-Identifier: Apache-2.0
// Energy of one action, for every action.
#pragma once

#include "circuits/actions.h"
#include "circuits/chip_budget.h"
#include "circuits/chip_clock.h"
#include "circuits/chip_parts.h"
#include "circuits/figure_book.h"

namespace cimcycle {

/// Factors in pJ; each is also added to the book as a figure with its formula and inputs.
ActionEnergies make_action_energies(const ChipParts& parts, const ChipClock& clock, const ChipFloorplan& plan,
                                    FigureBook& book);

}  // namespace cimcycle
