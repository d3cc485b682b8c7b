// SPDX-License-Identifier: Apache-2.0
// The sections as tables for a terminal.
#include <fmt/format.h>

#include "compare/comparison_report.h"
#include "compare/comparison_sections.h"

namespace cimcycle {

std::string comparison_text(const Comparison& comparison, const TextStyle& style) {
  std::string text = fmt::format("{}\n", emphasized(comparison_title(comparison), Emphasis::bold, style));
  for (const ComparisonSection& section : comparison_sections(comparison)) {
    std::vector<TextTable::Column> columns;
    for (std::size_t i = 0; i < section.columns.size(); ++i) {
      const bool is_text = i == 0 || (section.last_is_text && i + 1 == section.columns.size());
      columns.push_back({section.columns[i], is_text ? TextTable::Align::left : TextTable::Align::right});
    }
    TextTable table(std::move(columns));
    for (const std::vector<std::string>& cells : section.rows) table.add_row(cells);
    text += fmt::format("\n{}\n", emphasized(section.title, Emphasis::bold, style));
    text += table.text(style);
    if (!section.note.empty()) text += fmt::format("{}\n", emphasized(section.note, Emphasis::dim, style));
  }
  return text;
}

}  // namespace cimcycle
