// SPDX-License-Identifier: Apache-2.0
// Traces are read for every comparison, and nearly all of their time goes into this file: the usual forms of a value
// ("1,", "-0.07031") take a short way, everything else the standard library's.
#include "compare/csv_cursor.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool ends_value(char c) { return c == ',' || c == '\n' || is_blank(c); }

/// Powers of ten that a double holds exactly, as far as they are used: 15 digits stay below 2^53.
constexpr int exact_digits = 15;
constexpr std::array<double, exact_digits + 1> powers = [] {
  std::array<double, exact_digits + 1> result{};
  double power = 1;
  for (double& value : result) {
    value = power;
    power *= 10;
  }
  return result;
}();

}  // namespace

CsvCursor::CsvCursor(const std::string& text, std::string file)
    : at_(text.data()), end_(text.data() + text.size()), file_(std::move(file)) {}

void CsvCursor::skip_blanks() {
  while (is_blank(*at_)) ++at_;
}

bool CsvCursor::at_end() {
  skip_blanks();
  while (*at_ == '\n') {
    ++at_;
    ++row_;
    skip_blanks();
  }
  return at_ == end_;
}

std::int64_t CsvCursor::values_in_row() const {
  const void* const newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
  return 1 + std::count(at_, newline == nullptr ? end_ : static_cast<const char*>(newline), ',');
}

double CsvCursor::number() {
  skip_blanks();
  const char* p = at_;
  const bool negative = *p == '-';
  if (negative) ++p;
  std::uint64_t digits = 0;  // wraps in a number of too many digits, which is not used then
  const char* const first = p;
  while (is_digit(*p)) digits = digits * 10 + static_cast<std::uint64_t>(*p++ - '0');
  const char* point = p;
  if (*p == '.') {
    ++p;
    while (is_digit(*p)) digits = digits * 10 + static_cast<std::uint64_t>(*p++ - '0');
    ++point;
  }
  const std::ptrdiff_t length = p - first;
  // One of the characters may be the point. Two exact numbers divide to the nearest double (IEEE 754), which is what a
  // full conversion gives.
  if (length > exact_digits || length == 0 || !(ends_value(*p) || p == end_) || (length == 1 && *first == '.')) {
    return slow_number();
  }
  const double value = static_cast<double>(digits) / powers[static_cast<std::size_t>(p - point)];
  at_ = p;
  return negative ? -value : value;
}

double CsvCursor::slow_number() {
  double value = 0;
  // from_chars knows no plus sign.
  const char* const first = *at_ == '+' && at_[1] != '-' ? at_ + 1 : at_;
  const auto [stop, error] = std::from_chars(first, end_, value);
  if (error != std::errc() || !std::isfinite(value) || !(stop == end_ || ends_value(*stop))) fail_value("a number");
  at_ = stop;
  return value;
}

std::int64_t CsvCursor::integer(std::int64_t min, std::int64_t max) {
  skip_blanks();
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(at_, end_, value);
  if (error != std::errc() || value < min || value > max || !(stop == end_ || ends_value(*stop))) {
    fail_value(fmt::format("a whole number {} to {}", min, max));
  }
  at_ = stop;
  return value;
}

bool CsvCursor::bit() {
  // at_[1] exists: the text ends with a NUL, which is neither 0 nor 1.
  if ((*at_ == '0' || *at_ == '1') && (at_[1] == ',' || at_[1] == '\n')) return *at_++ == '1';
  skip_blanks();
  const char* const first = at_;
  const double value = number();
  if (value != 0 && value != 1) {
    at_ = first;
    fail_value("0 or 1");
  }
  return value == 1;
}

const char* CsvCursor::plain_bits(std::int64_t columns) {
  const char* const first = at_;
  if (end_ - first < 2 * columns) return nullptr;
  // No early exit: this way the compiler checks many characters at a time.
  int wrong = first[2 * columns - 1] ^ '\n';
  for (std::int64_t i = 0; i < columns; ++i) wrong |= (first[2 * i] | 1) ^ '1';
  for (std::int64_t i = 0; i + 1 < columns; ++i) wrong |= first[2 * i + 1] ^ ',';
  if (wrong != 0) return nullptr;
  at_ += 2 * columns;
  ++row_;
  return first;
}

void CsvCursor::step(std::int64_t column, std::int64_t columns) {
  if (is_blank(*at_)) skip_blanks();
  if (column < columns) {
    if (*at_ != ',') fail_length(columns);
    ++at_;
    ++column_;
    return;
  }
  if (*at_ == '\n') {
    ++at_;
  } else if (at_ != end_) {
    fail_length(columns);
  }
  ++row_;
  column_ = 1;
}

void CsvCursor::fail(const std::string& text) const {
  fail_input("{}: row {}, column {}: {}", file_, row_, column_, text);
}

void CsvCursor::fail_value(const std::string& expected) const {
  const char* const stop = std::find_if(at_, end_, [](char c) { return c == ',' || c == '\n'; });
  const std::string found(at_, stop);
  fail(found.empty() ? fmt::format("found nothing, expected {}", expected)
                     : fmt::format("found \"{}\", expected {}", printable(found), expected));
}

void CsvCursor::fail_length(std::int64_t columns) const {
  if (*at_ == '\n' || at_ == end_) {
    fail(fmt::format("the row ends after {} values, expected {}", column_, columns));
  }
  if (*at_ == ',') fail(fmt::format("the row has more than {} values", columns));
  fail_value(", or the end of the line");
}

}  // namespace cimcycle
