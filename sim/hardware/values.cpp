// SPDX-License-Identifier: Apache-2.0
// One value of the hardware description against the row of its key: type, range, what is allowed.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json_object.h"
#include "base/text.h"
#include "hardware/keys.h"

namespace cimcycle {

namespace {

using nlohmann::json;

std::string show(const json& value) {
  // JSON has no word for NaN and infinity; they can come from a description made in code.
  if (value.is_number_float() && !std::isfinite(value.get<double>())) return fmt::format("{}", value.get<double>());
  return shown_value(value);
}

std::string alternative(const Key& key) {
  switch (key.absence) {
    case Absence::automatic:
      return " or \"auto\"";
    case Absence::null:
      return " or null";
    case Absence::never:
      break;
  }
  return {};
}

// Large limits without exponent.
std::string range(const Key& key) {
  const auto limit = [](double value) {
    return value == std::floor(value) ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
  };
  return limit(key.min) + " to " + limit(key.max);
}

bool integer_fits(const json& value, const Key& key) {
  // Integers of any size compare with the limits as doubles: these are exact, and rounding keeps the order.
  if (value.is_number_unsigned()) {
    const auto number = static_cast<double>(value.get<std::uint64_t>());
    return number >= key.min && number <= key.max;
  }
  if (!value.is_number_integer()) return false;
  const auto number = static_cast<double>(value.get<std::int64_t>());
  return number >= key.min && number <= key.max;
}

bool number_fits(const json& value, const Key& key) {
  if (!value.is_number()) return false;
  const auto number = value.get<double>();
  return std::isfinite(number) && number >= key.min && number <= key.max;
}

// Texts go into reports and onto terminals: valid UTF-8 without control characters.
bool is_printable_text(const std::string& text) {
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) return false;
  // The writer drops bytes that are not UTF-8.
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::ignore)) == text;
}

bool text_fits(const json& value, const Key& key) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  const auto size = static_cast<double>(text.size());
  return size >= key.min && size <= key.max && is_printable_text(text);
}

template <class Number>
bool parse_whole(std::string_view token, Number& number) {
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  return error == std::errc{} && end == token.data() + token.size();
}

// "1,2,3" as a JSON list of integers; nothing if an element is no integer.
std::optional<json> parse_list(std::string_view token) {
  json list = json::array();
  while (true) {
    const std::size_t comma = token.find(',');
    std::int64_t number = 0;
    if (!parse_whole(token.substr(0, comma), number)) return std::nullopt;
    list.push_back(number);
    if (comma == std::string_view::npos) return list;
    token.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string allowed_values(const Key& key) {
  switch (key.type) {
    case KeyType::integer:
    case KeyType::number:
      return range(key) + alternative(key);
    case KeyType::boolean:
      return "true, false";
    case KeyType::word:
      return join(key.words);
    case KeyType::text:
    case KeyType::file:
      return range(key) + " characters";
    case KeyType::integers:
      return fmt::format("1 to {} integers, each {}, or null", key.max_count, range(key));
  }
  return {};
}

std::string expected_value(const Key& key) {
  switch (key.type) {
    case KeyType::integer:
      return "an integer " + range(key) + alternative(key);
    case KeyType::number:
      return "a number " + range(key) + alternative(key);
    case KeyType::boolean:
      return "true or false";
    case KeyType::word:
      return "one of " + join(key.words);
    case KeyType::text:
    case KeyType::file:
      return fmt::format("a text of {} printable characters", range(key));
    case KeyType::integers:
      return fmt::format("a list of 1 to {} integers, each {}, or null", key.max_count, range(key));
  }
  return {};
}

std::optional<std::string> problem_of(const Key& key, const json& value) {
  if (key.absence == Absence::null && value.is_null()) return std::nullopt;
  if (key.absence == Absence::automatic && value == "auto") return std::nullopt;
  bool fits = false;
  switch (key.type) {
    case KeyType::integer:
      fits = integer_fits(value, key);
      break;
    case KeyType::number:
      fits = number_fits(value, key);
      break;
    case KeyType::boolean:
      fits = value.is_boolean();
      break;
    case KeyType::text:
    case KeyType::file:
      fits = text_fits(value, key);
      break;
    case KeyType::word: {
      if (!value.is_string()) break;
      const auto& word = value.get_ref<const std::string&>();
      if (std::ranges::find(key.words, word) != key.words.end()) return std::nullopt;
      return fmt::format("found {}, expected {}{}", show(value), expected_value(key), did_you_mean(word, key.words));
    }
    case KeyType::integers: {
      if (!value.is_array() || value.empty()) break;
      if (value.size() > key.max_count)
        return fmt::format("found {} values, expected {}", value.size(), expected_value(key));
      const auto wrong = std::ranges::find_if(value, [&](const json& item) { return !integer_fits(item, key); });
      if (wrong == value.end()) return std::nullopt;
      return fmt::format("found {} at index {}, expected {}", show(*wrong), wrong - value.begin(), expected_value(key));
    }
  }
  if (fits) return std::nullopt;
  return fmt::format("found {}, expected {}", show(value), expected_value(key));
}

json value_of_token(const Key& key, std::string_view token) {
  if (key.absence == Absence::null && token == "null") return nullptr;
  switch (key.type) {
    case KeyType::integer:
      if (std::int64_t number = 0; parse_whole(token, number)) return number;
      break;
    case KeyType::number:
      if (double number = 0; parse_whole(token, number) && std::isfinite(number)) return number;
      break;
    case KeyType::boolean:
      if (token == "true") return true;
      if (token == "false") return false;
      break;
    case KeyType::integers:
      if (std::optional<json> list = parse_list(token)) return *std::move(list);
      break;
    case KeyType::word:
    case KeyType::text:
    case KeyType::file:
      break;
  }
  return std::string(token);
}

}  // namespace cimcycle
