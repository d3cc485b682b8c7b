// SPDX-License-Identifier: Apache-2.0
// Tables of aligned text columns, plain or with colour, UTF-8 or ASCII.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cimcycle {

/// What the place that shows the text can do.
struct TextStyle {
  bool utf8 = false;    ///< block characters may be used
  bool colour = false;  ///< ANSI colour sequences may be used
};

enum class Emphasis { none, bold, dim, warning };

/// The text inside ANSI sequences, or unchanged without colour.
std::string emphasized(std::string text, Emphasis emphasis, const TextStyle& style);

/// Columns on a terminal that the text takes: its code points (the program prints no wide or combining characters).
int display_width(std::string_view text);

/// The text cut to `width` columns; what is cut is shown by "~".
std::string shortened(std::string_view text, int width);

/// A bar of `width` columns filled to `fraction`, in eighths of a column with UTF-8, in whole columns without.
std::string bar(double fraction, int width, const TextStyle& style);

/// Rows of cells; a column is as wide as its widest cell.
class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::right;
  };

  /// `gap` spaces stand between two columns.
  explicit TextTable(std::vector<Column> columns, int gap = 2);
  /// One cell per column.
  void add_row(std::vector<std::string> cells, Emphasis emphasis = Emphasis::none);
  void add_rule();
  /// The title row, a rule and the rows, each ended by a newline, no spaces at line ends.
  std::string text(const TextStyle& style) const;

 private:
  struct Row {
    std::vector<std::string> cells;  ///< empty: a rule
    Emphasis emphasis = Emphasis::none;
  };
  std::vector<Column> columns_;
  int gap_;
  std::vector<Row> rows_;
};

}  // namespace cimcycle
