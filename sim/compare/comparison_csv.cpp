// SPDX-License-Identifier: Apache-2.0
// compare.csv: all figures in full precision, for spreadsheets and plots.
#include <fmt/format.h>

#include "compare/comparison_report.h"
#include "compare/comparison_rows.h"
#include "report/csv_text.h"

namespace cimcycle {
namespace {

std::string cell(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : std::string(); }

void add(std::string& text, const std::vector<ComparisonRow>& rows) {
  for (const ComparisonRow& row : rows) {
    text += fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(row.scope), row.quantity, row.unit, cell(row.composer),
                        cell(row.log), cell(ratio_of(row.composer, row.log)), cell(row.simulated_valid),
                        cell(row.simulated_padded));
  }
}

}  // namespace

std::string comparison_csv(const Comparison& comparison) {
  std::string text = "scope,quantity,unit,composer,log,composer_over_log,simulated_valid,simulated_padded\n";
  add(text, chip_rows(comparison));
  add(text, layer_rows(comparison));
  return text;
}

}  // namespace cimcycle
