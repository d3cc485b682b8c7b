// SPDX-License-Identifier: Apache-2.0
// layers.csv: one row per layer for spreadsheets and plots. Columns: docs/formats/report.md.
#pragma once

#include <string>

#include "replay/run_result.h"

namespace cimcycle {

/// The table with a title row; the unit stands in a column's name. Cells that nothing was measured for are empty.
/// Numbers have the fewest digits that read back to the same bits; text is quoted as in RFC 4180 where needed.
std::string layers_csv(const RunResult& result);

}  // namespace cimcycle
