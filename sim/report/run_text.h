// SPDX-License-Identifier: Apache-2.0
// What a run prints: a table with one row per layer, and the few lines that a person remembers.
#pragma once

#include <string>

#include "replay/run_result.h"
#include "report/text_table.h"

namespace cimcycle {

/// Title, layer table, summary and warnings; at most 120 columns.
std::string run_text(const RunResult& result, const TextStyle& style);

/// One row per layer and a row of totals; energies per image in one unit for the whole table.
std::string layer_table(const RunResult& result, const TextStyle& style);

/// Accuracy, energy, latency, skipping and paper accounting, a line or two each.
std::string run_summary(const RunResult& result);

}  // namespace cimcycle
