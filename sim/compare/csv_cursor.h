// SPDX-License-Identifier: Apache-2.0
// A place in a table of numbers as text: values separated by commas, one row per line, blanks around values allowed.
// Errors name file, row and column, both counted from 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cimcycle {

/// Reads a table value by value, front to back.
class CsvCursor {
 public:
  /// `text` must outlive this and be followed by a NUL character, as the content of a std::string is. `file` stands in
  /// messages.
  CsvCursor(const std::string& text, std::string file);

  /// Nothing but blank lines follows.
  bool at_end();
  /// Values in the row that begins here (commas + 1).
  std::int64_t values_in_row() const;

  /// The next value, a decimal number such as -0.07031 or 1e-3; finite.
  double number();
  /// The next value, a whole number in [min, max].
  std::int64_t integer(std::int64_t min, std::int64_t max);
  /// The next value, 0 or 1 (also as 0.0 or 1.00000).
  bool bit();
  /// Steps over a row of `columns` values if each of them is the single character 0 or 1, and gives the place of the
  /// first one; they stand two characters apart. Null, and no step, for a row in any other form.
  const char* plain_bits(std::int64_t columns);
  /// Steps over the comma before value `column` + 1, or over the end of the line after value `columns`. A row of
  /// another length is an InputError.
  void step(std::int64_t column, std::int64_t columns);

  /// Row and column of the next value, from 1.
  std::int64_t row() const { return row_; }
  std::int64_t column() const { return column_; }
  const std::string& file() const { return file_; }
  /// Throws InputError "FILE: row R, column C: TEXT".
  [[noreturn]] void fail(const std::string& text) const;

 private:
  double slow_number();
  void skip_blanks();
  [[noreturn]] void fail_value(const std::string& expected) const;
  [[noreturn]] void fail_length(std::int64_t columns) const;

  const char* at_;
  const char* end_;
  std::string file_;
  std::int64_t row_ = 1;
  std::int64_t column_ = 1;
};

}  // namespace cimcycle
