// SPDX-License-Identifier: Apache-2.0
// Tables of aligned text columns.
#include "report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace cimcycle {
namespace {

bool continues_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

std::string emphasized(std::string text, Emphasis emphasis, const TextStyle& style) {
  if (!style.colour || emphasis == Emphasis::none) return text;
  const std::string_view sequence = emphasis == Emphasis::bold ? "1" : emphasis == Emphasis::dim ? "2" : "33";
  return fmt::format("\x1b[{}m{}\x1b[0m", sequence, text);
}

int display_width(std::string_view text) {
  return static_cast<int>(text.size() - std::count_if(text.begin(), text.end(), continues_code_point));
}

std::string shortened(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  std::string kept;
  int columns = 0;
  for (const char byte : text) {
    if (!continues_code_point(byte) && ++columns >= width) break;
    kept += byte;
  }
  return kept + "~";
}

std::string bar(double fraction, int width, const TextStyle& style) {
  const double filled = std::clamp(fraction, 0.0, 1.0) * width;
  if (!style.utf8) return repeated("#", static_cast<int>(std::lround(filled)));
  constexpr std::array<std::string_view, 8> eighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const long parts = std::lround(filled * 8);
  return repeated("█", static_cast<int>(parts / 8)) + std::string(eighths[static_cast<std::size_t>(parts % 8)]);
}

TextTable::TextTable(std::vector<Column> columns, int gap) : columns_(std::move(columns)), gap_(gap) {}

void TextTable::add_row(std::vector<std::string> cells, Emphasis emphasis) {
  if (cells.size() != columns_.size()) throw std::logic_error("a table row needs one cell per column");
  rows_.push_back({std::move(cells), emphasis});
}

void TextTable::add_rule() { rows_.push_back({}); }

std::string TextTable::text(const TextStyle& style) const {
  Row titles;
  titles.emphasis = Emphasis::bold;
  std::vector<int> widths;
  for (const Column& column : columns_) {
    titles.cells.push_back(column.title);
    widths.push_back(display_width(column.title));
  }
  for (const Row& row : rows_) {
    for (std::size_t c = 0; c < row.cells.size(); ++c) widths[c] = std::max(widths[c], display_width(row.cells[c]));
  }
  int width = gap_ * (static_cast<int>(columns_.size()) - 1);
  for (const int w : widths) width += w;
  const std::string rule = emphasized(repeated(style.utf8 ? "─" : "-", width), Emphasis::dim, style) + "\n";

  const auto line = [&](const Row& row) {
    std::string text;
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      if (c > 0) text.append(static_cast<std::size_t>(gap_), ' ');
      const std::string space(static_cast<std::size_t>(widths[c] - display_width(row.cells[c])), ' ');
      text += columns_[c].align == Align::left ? row.cells[c] + space : space + row.cells[c];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return emphasized(std::move(text), row.emphasis, style) + "\n";
  };

  std::string text = line(titles) + rule;
  for (const Row& row : rows_) text += row.cells.empty() ? rule : line(row);
  return text;
}

}  // namespace cimcycle
