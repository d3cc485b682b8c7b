// SPDX-License-Identifier: Apache-2.0
#include "network/tidy_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace cimcycle {

namespace {

using Value = nlohmann::ordered_json;

constexpr std::size_t line_width = 100;

std::string scalar_text(const Value& value) { return value.dump(-1, ' ', true, Value::error_handler_t::replace); }

std::string one_line(const Value& value) {
  if (!value.is_structured()) return scalar_text(value);
  std::string text;
  for (const auto& [key, member] : value.items()) {
    if (!text.empty()) text += ", ";
    if (value.is_object()) text += scalar_text(key) + ": ";
    text += one_line(member);
  }
  return fmt::format("{}{}{}", value.is_object() ? '{' : '[', text, value.is_object() ? '}' : ']');
}

void append(std::string& text, const Value& value, std::size_t indent) {
  const bool is_flat =
      std::none_of(value.begin(), value.end(), [](const Value& member) { return member.is_structured(); });
  const std::string line = one_line(value);
  if (!value.is_structured() || value.empty() || (value.is_array() && is_flat) || line.size() + indent <= line_width) {
    text += line;
    return;
  }
  const std::string margin(indent + 2, ' ');
  text += value.is_object() ? '{' : '[';
  bool is_first = true;
  for (const auto& [key, member] : value.items()) {
    text += is_first ? "\n" : ",\n";
    is_first = false;
    text += margin;
    if (value.is_object()) text += scalar_text(key) + ": ";
    append(text, member, indent + 2);
  }
  text.append("\n").append(indent, ' ');
  text += value.is_object() ? '}' : ']';
}

}  // namespace

std::string tidy_json(const Value& value) {
  std::string text;
  append(text, value, 0);
  return text + "\n";
}

}  // namespace cimcycle
