// SPDX-License-Identifier: Apache-2.0
// What a sweep prints: counts, the front, main effects, invalid points.
#pragma once

#include <string>

#include "explore/table.h"
#include "report/text_table.h"

namespace cimcycle {

/// At most 120 columns unless a parameter's values are long; long lists are cut with a note of how many follow.
std::string table_text(const SweepTable& table, const Front& front, const TextStyle& style);

/// One row: its parameters, its figures, and the command that runs it alone.
std::string row_text(const SweepTable& table, std::size_t row);

/// The command that runs a point alone and gives its figures again, as it can be typed into a shell; empty for a row
/// that no sweep made.
std::string command_of(const TableRow& row);

}  // namespace cimcycle
