// SPDX-License-Identifier: Apache-2.0
#include "compare/param_tokens.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }

/// Signs of two characters; all others are taken one by one.
constexpr std::array<std::string_view, 17> pairs = {"==", "!=", "<=", ">=", "&&", "||", "::", "->", "++",
                                                    "--", "+=", "-=", "*=", "/=", "%=", "<<", ">>"};
constexpr std::string_view signs = "+-*/%=<>!&|^~?:;,.(){}[]";

class Splitter {
 public:
  Splitter(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  std::vector<ParamToken> split() {
    while (skip(), at_ < text_.size()) take();
    tokens_.push_back({ParamToken::Kind::end, {}, 0, line_});
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(int line, const std::string& reason) const {
    fail_input("{}: line {}: {}", name_, line, reason);
  }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void step() {
    if (text_[at_] == '\n') {
      ++line_;
      fresh_line_ = true;
    } else if (!is_blank(text_[at_])) {
      fresh_line_ = false;
    }
    ++at_;
  }
  void step_to(std::size_t end) {
    while (at_ < end) step();
  }

  /// Blanks, comments, preprocessor lines.
  void skip() {
    while (at_ < text_.size()) {
      if (is_blank(peek())) {
        step();
      } else if (peek() == '/' && peek(1) == '/') {
        step_to(std::min(text_.find('\n', at_), text_.size()));
      } else if (peek() == '/' && peek(1) == '*') {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) fail(line_, "the comment does not end");
        step_to(end + 2);
      } else if (peek() == '#' && fresh_line_) {
        step_to(std::min(text_.find('\n', at_), text_.size()));
      } else {
        return;
      }
    }
  }

  void add(ParamToken::Kind kind, std::size_t length, double value = 0) {
    tokens_.push_back({kind, text_.substr(at_, length), value, line_});
    step_to(at_ + length);
  }

  void take() {
    const char c = peek();
    if (begins_name(c)) {
      std::size_t length = 1;
      while (begins_name(peek(length)) || is_digit(peek(length))) ++length;
      return add(ParamToken::Kind::name, length);
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return take_number();
    if (c == '"' || c == '\'') return take_quoted(c);
    for (const std::string_view pair : pairs) {
      if (text_.substr(at_).starts_with(pair)) return add(ParamToken::Kind::sign, pair.size());
    }
    if (signs.find(c) != std::string_view::npos) return add(ParamToken::Kind::sign, 1);
    fail(line_, fmt::format("found \"{}\", which begins nothing in C++", printable(std::string_view(&text_[at_], 1))));
  }

  void take_number() {
    double value = 0;
    const char* const first = text_.data() + at_;
    const auto [stop, error] = std::from_chars(first, text_.data() + text_.size(), value);
    auto length = static_cast<std::size_t>(stop - first);
    if (error != std::errc() || !std::isfinite(value)) fail(line_, "found a number that is too large or too small");
    const std::string_view suffixes = "fFlLuU";
    while (peek(length) != '\0' && suffixes.find(peek(length)) != std::string_view::npos) ++length;
    if (begins_name(peek(length)) || is_digit(peek(length))) {
      fail(line_, fmt::format("found \"{}\", expected a decimal number", printable(text_.substr(at_, length + 1))));
    }
    add(ParamToken::Kind::number, length, value);
  }

  void take_quoted(char quote) {
    std::size_t length = 1;
    while (peek(length) != quote) {
      if (at_ + length >= text_.size() || peek(length) == '\n') fail(line_, "the text in quotes does not end");
      length += peek(length) == '\\' ? 2 : 1;
    }
    add(ParamToken::Kind::text, length + 1);
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool fresh_line_ = true;
  std::vector<ParamToken> tokens_;
};

}  // namespace

std::vector<ParamToken> split_param_text(std::string_view text, const std::string& name) {
  return Splitter(text, name).split();
}

}  // namespace cimcycle
