// SPDX-License-Identifier: Apache-2.0
// Small expressions over named values: the constraints of a sweep and the conditions of a report.
//
//   ou.rows <= crossbar.rows and (adc.type == "sar" or adc.bits < 6)
//
// From weak to strong: or, and, not, one comparison (< <= > >= == !=), + -, * /, a minus sign, (). Values are numbers,
// "texts" or 'texts', true, false, null and names.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace cimcycle {

/// null, a truth value, a number or a text.
using ExpressionValue = std::variant<std::monostate, bool, double, std::string>;

/// Lists and objects count as null.
ExpressionValue expression_value(const nlohmann::json& value);

class Expression {
 public:
  /// Parses `text`. `where` stands in front of messages, `names` are the allowed ones. Throws InputError: unknown name
  /// (with the nearest one), syntax (with the column), more than 1000 characters or 40 levels.
  Expression(std::string_view text, std::string where, std::span<const std::string> names);

  /// Whether the condition is true. null is neither true nor ordered, and what is computed from it is null, as is a
  /// division by 0. Throws InputError if a text is computed with, compared in order with a number, or is the result.
  bool holds(const std::function<ExpressionValue(std::string_view name)>& value_of) const;

  const std::string& text() const { return text_; }

 private:
  friend class ExpressionParser;

  enum class Kind { constant, name, negative, inverse, binary };
  struct Node {
    Kind kind{};
    ExpressionValue constant;
    std::string text;  ///< name, or operator of two operands
    int left = -1, right = -1;
  };

  ExpressionValue evaluate(int node, const std::function<ExpressionValue(std::string_view)>& value_of) const;
  ExpressionValue combine(const std::string& operation, const ExpressionValue& left,
                          const ExpressionValue& right) const;
  [[noreturn]] void fail(const std::string& problem) const;

  std::string text_;
  std::string where_;
  std::vector<Node> nodes_;
  int root_ = -1;
};

}  // namespace cimcycle
