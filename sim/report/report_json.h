// SPDX-License-Identifier: Apache-2.0
// report.json: everything a run measured, for programs. Keys, units and nulls: docs/formats/report.md.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "replay/run_result.h"

namespace cimcycle {

/// What stands in a report beside the result.
struct ReportContext {
  std::string version;  ///< of the program
  std::string command;  ///< as typed
};

/// The report as a JSON value, keys in the order of the documentation. Figures that nothing was measured for are null.
nlohmann::ordered_json report_json(const RunResult& result, const ReportContext& context);

/// A JSON value as the text of a file: indented, numbers with the fewest digits that read back to the same bits,
/// invalid UTF-8 replaced. Throws std::logic_error with the key if a number is not finite: JSON has no word for it.
std::string json_text(const nlohmann::ordered_json& value);

}  // namespace cimcycle
