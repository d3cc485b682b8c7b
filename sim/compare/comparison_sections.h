// SPDX-License-Identifier: Apache-2.0
// A comparison as titled tables of text cells: what the terminal and compare.html show.
#pragma once

#include <string>
#include <vector>

#include "compare/comparison.h"

namespace cimcycle {

struct ComparisonSection {
  std::string title;
  std::string note;                  ///< one line, may be empty
  std::vector<std::string> columns;  ///< the first one is text, the others are numbers
  bool last_is_text = false;         ///< the last column too
  std::vector<std::vector<std::string>> rows;
};

/// The chip, the layers (with a log: how far the composer is from it), what each deviation is worth, the gaps.
std::vector<ComparisonSection> comparison_sections(const Comparison& comparison);

/// "r20_w8a8 on neurosim-1.3-default: NeuroSim 1.3".
std::string comparison_title(const Comparison& comparison);

}  // namespace cimcycle
