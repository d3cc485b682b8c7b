// SPDX-License-Identifier: Apache-2.0
// The chip's clock: the sense path of a read, and durations in whole cycles.
#pragma once

#include "circuits/chip_parts.h"
#include "circuits/figure_book.h"

namespace cimcycle {

struct ChipClock {
  double front_s = 0;  ///< selecting and driving the rows, settling the bitline; before the calibration factor beta
  double period_ns = 0;
  double period_s() const { return period_ns * 1e-9; }
  int adc_cycles = 1;  ///< of one conversion
};

/// Derives the clock, or takes clock.period_ns. Throws InputError if the given period is too short for what must happen
/// in one cycle; the text names the smallest possible one.
ChipClock make_clock(const ChipParts& parts);
void add_clock_figures(const ChipParts& parts, const ChipClock& clock, FigureBook& book);

/// Whole cycles that `seconds` take, at least 1.
int whole_cycles(double seconds, const ChipClock& clock);

}  // namespace cimcycle
