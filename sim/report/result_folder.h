// SPDX-License-Identifier: Apache-2.0
// The folder that a run leaves: report.json, report.html and layers.csv.
#pragma once

#include <filesystem>

#include "replay/run_result.h"
#include "report/report_json.h"

namespace cimcycle {

/// Checks before a run that its result can be written there. Throws InputError, RunError.
void check_result_folder(const std::filesystem::path& folder);

/// Writes the folder whole or not at all; an earlier result is replaced. Throws InputError, RunError.
void write_result_folder(const std::filesystem::path& folder, const RunResult& result, const ReportContext& context);

}  // namespace cimcycle
