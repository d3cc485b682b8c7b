// SPDX-License-Identifier: Apache-2.0
// The files and the text that the command compare leaves. Contract of compare.json: docs/formats/neurosim.md
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "compare/comparison.h"
#include "report/report_json.h"
#include "report/text_table.h"

namespace cimcycle {

nlohmann::ordered_json comparison_json(const Comparison& comparison, const ReportContext& context);

/// One row per figure; an empty cell is a figure that its source does not state.
std::string comparison_csv(const Comparison& comparison);

/// One page without anything from elsewhere.
std::string comparison_html(const Comparison& comparison, const ReportContext& context);

/// The tables for the terminal.
std::string comparison_text(const Comparison& comparison, const TextStyle& style);

}  // namespace cimcycle
