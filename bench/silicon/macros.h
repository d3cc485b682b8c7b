// SPDX-License-Identifier: Apache-2.0
// The published macros: their figures, where those come from, and the lines that lay ours beside them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "comparison.h"
#include "macro_run.h"

namespace cimcycle::silicon {

/// NeuRRAM (Wan et al., Nature 608, 2022; 130 nm): latency, energy by part, wordline capacitance, driver area. `root`
/// is the folder that holds tech/.
std::vector<Line> neurram_lines(const std::filesystem::path& root);

/// Hung 2022 and Xue 2021 (22 nm), Yoon 2022 (40 nm): cycle and energy per operation.
std::vector<Line> few_row_lines(const std::filesystem::path& root);

/// What the assumptions about data and converter are worth: Hung 2022 with 8-bit inputs and weights, a table.
std::string assumption_sweep(const std::filesystem::path& root);

/// The phases in which NeuRRAM takes an input of `magnitude_bits` and gives `output_bits`: in two phases more than
/// three bits are halved, and the second phase converts as many bits less as the first one has taken in.
std::vector<Phase> neurram_phases(int magnitude_bits, int output_bits, bool two_phases);

}  // namespace cimcycle::silicon
