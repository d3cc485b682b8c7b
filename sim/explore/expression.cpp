// SPDX-License-Identifier: Apache-2.0
#include "explore/expression.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

constexpr std::size_t max_length = 1000;
constexpr int max_depth = 40;

bool is_null(const ExpressionValue& value) { return std::holds_alternative<std::monostate>(value); }

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool continues_name(char c) { return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.'; }

}  // namespace

ExpressionValue expression_value(const nlohmann::json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  return {};
}

/// Recursive descent; each function reads one level of strength.
class ExpressionParser {
 public:
  ExpressionParser(Expression& expression, std::span<const std::string> names)
      : expression_(expression), text_(expression.text_), names_(names) {}

  int parse() {
    const int root = any_of();
    skip_spaces();
    if (at_ < text_.size()) fail("expected an operator or the end");
    return root;
  }

 private:
  using Kind = Expression::Kind;

  [[noreturn]] void fail(const std::string& problem) const {
    expression_.fail(fmt::format("column {}: {}", at_ + 1, problem));
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool take_symbol(std::string_view symbol) {
    skip_spaces();
    if (!std::string_view(text_).substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }

  bool take_word(std::string_view word) {
    skip_spaces();
    const std::string_view rest = std::string_view(text_).substr(at_);
    if (!rest.starts_with(word) || (rest.size() > word.size() && continues_name(rest[word.size()]))) return false;
    at_ += word.size();
    return true;
  }

  int add(Kind kind, ExpressionValue constant, std::string text, int left = -1, int right = -1) {
    expression_.nodes_.push_back({kind, std::move(constant), std::move(text), left, right});
    return static_cast<int>(expression_.nodes_.size()) - 1;
  }

  int any_of() {
    int left = all_of();
    while (take_word("or")) {
      const int right = all_of();
      left = add(Kind::binary, {}, "or", left, right);
    }
    return left;
  }

  int all_of() {
    int left = inverse();
    while (take_word("and")) {
      const int right = inverse();
      left = add(Kind::binary, {}, "and", left, right);
    }
    return left;
  }

  int inverse() {
    const Level level(*this);
    if (take_word("not")) return add(Kind::inverse, {}, {}, inverse());
    return comparison();
  }

  int comparison() {
    const int left = sum();
    for (const std::string_view symbol : {"<=", ">=", "==", "!=", "<", ">"}) {
      if (!take_symbol(symbol)) continue;
      const int right = sum();
      return add(Kind::binary, {}, std::string(symbol), left, right);
    }
    if (take_symbol("=")) fail("expected ==");
    return left;
  }

  int sum() {
    int left = product();
    while (true) {
      const char* const symbol = take_symbol("+") ? "+" : take_symbol("-") ? "-" : nullptr;
      if (symbol == nullptr) return left;
      const int right = product();
      left = add(Kind::binary, {}, symbol, left, right);
    }
  }

  int product() {
    int left = sign();
    while (true) {
      const char* const symbol = take_symbol("*") ? "*" : take_symbol("/") ? "/" : nullptr;
      if (symbol == nullptr) return left;
      const int right = sign();
      left = add(Kind::binary, {}, symbol, left, right);
    }
  }

  int sign() {
    const Level level(*this);
    if (take_symbol("-")) return add(Kind::negative, {}, {}, sign());
    return operand();
  }

  int operand() {
    skip_spaces();
    if (at_ == text_.size()) fail("expected a value");
    const char first = text_[at_];
    if (take_symbol("(")) {
      const int inside = any_of();
      if (!take_symbol(")")) fail("expected )");
      return inside;
    }
    if (first == '"' || first == '\'') return quoted(first);
    if (starts_name(first)) return name();
    return number();
  }

  int quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string::npos) fail("the text has no end");
    const std::string content = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return add(Kind::constant, content, {});
  }

  int number() {
    double value = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || !std::isfinite(value)) fail("expected a value");
    at_ += static_cast<std::size_t>(end - begin);
    return add(Kind::constant, value, {});
  }

  int name() {
    const std::size_t begin = at_;
    std::size_t end = begin;
    while (end < text_.size() && continues_name(text_[end])) ++end;
    const std::string word = text_.substr(begin, end - begin);
    if (std::find(names_.begin(), names_.end(), word) == names_.end()) {
      if (word == "true" || word == "false") {
        at_ = end;
        return add(Kind::constant, word == "true", {});
      }
      if (word == "null") {
        at_ = end;
        return add(Kind::constant, {}, {});
      }
      const std::vector<std::string_view> known(names_.begin(), names_.end());
      const std::string hint = did_you_mean(word, known);
      fail(fmt::format("unknown name {}{}", printable(word),
                       hint.empty() ? "; a text stands in quotes, known names: " + join(known) : hint));
    }
    at_ = end;
    return add(Kind::name, {}, word);
  }

  /// Counts how deep the expression nests.
  struct Level {
    explicit Level(ExpressionParser& owner) : parser(owner) {
      if (++parser.depth_ > 2 * max_depth) parser.fail(fmt::format("more than {} levels", max_depth));
    }
    ~Level() { --parser.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ExpressionParser& parser;
  };

  Expression& expression_;
  const std::string& text_;
  std::span<const std::string> names_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Expression::Expression(std::string_view text, std::string where, std::span<const std::string> names)
    : text_(text.substr(0, max_length)), where_(std::move(where)) {
  if (text.size() > max_length) fail(fmt::format("{} characters; allowed: {}", text.size(), max_length));
  root_ = ExpressionParser(*this, names).parse();
}

void Expression::fail(const std::string& problem) const {
  fail_input("{}: \"{}\": {}", where_, printable(text_), problem);
}

bool Expression::holds(const std::function<ExpressionValue(std::string_view)>& value_of) const {
  const ExpressionValue value = evaluate(root_, value_of);
  if (const bool* const truth = std::get_if<bool>(&value)) return *truth;
  if (is_null(value)) return false;
  fail("gives a value, not true or false; compare it with something");
}

ExpressionValue Expression::evaluate(int index,
                                     const std::function<ExpressionValue(std::string_view)>& value_of) const {
  const Node& node = nodes_[static_cast<std::size_t>(index)];
  switch (node.kind) {
    case Kind::constant:
      return node.constant;
    case Kind::name:
      return value_of(node.text);
    case Kind::negative:
    case Kind::inverse: {
      const ExpressionValue value = evaluate(node.left, value_of);
      if (is_null(value)) return {};
      if (node.kind == Kind::negative) {
        if (const double* const number = std::get_if<double>(&value)) return -*number;
        fail("a minus sign stands before something that is no number");
      }
      if (const bool* const truth = std::get_if<bool>(&value)) return !*truth;
      fail("\"not\" stands before something that is neither true nor false");
    }
    case Kind::binary:
      break;
  }
  return combine(node.text, evaluate(node.left, value_of), evaluate(node.right, value_of));
}

ExpressionValue Expression::combine(const std::string& operation, const ExpressionValue& left,
                                    const ExpressionValue& right) const {
  if (operation == "and" || operation == "or") {
    const auto truth = [&](const ExpressionValue& value) {
      if (const bool* const known = std::get_if<bool>(&value)) return *known;
      if (is_null(value)) return false;
      fail(fmt::format("\"{}\" stands beside something that is neither true nor false", operation));
    };
    const bool a = truth(left), b = truth(right);
    return operation == "and" ? a && b : a || b;
  }
  if (operation == "==") return left == right;
  if (operation == "!=") return left != right;
  if (is_null(left) || is_null(right)) return {};
  const std::string* const left_text = std::get_if<std::string>(&left);
  const std::string* const right_text = std::get_if<std::string>(&right);
  const double* const a = std::get_if<double>(&left);
  const double* const b = std::get_if<double>(&right);
  if (left_text != nullptr && right_text != nullptr) {
    if (operation == "<") return *left_text < *right_text;
    if (operation == "<=") return *left_text <= *right_text;
    if (operation == ">") return *left_text > *right_text;
    if (operation == ">=") return *left_text >= *right_text;
  }
  if (a == nullptr || b == nullptr) fail(fmt::format("\"{}\" needs two numbers", operation));
  if (operation == "<") return *a < *b;
  if (operation == "<=") return *a <= *b;
  if (operation == ">") return *a > *b;
  if (operation == ">=") return *a >= *b;
  const double result = operation == "+" ? *a + *b : operation == "-" ? *a - *b : operation == "*" ? *a * *b : *a / *b;
  if (!std::isfinite(result)) return {};
  return result;
}

}  // namespace cimcycle
