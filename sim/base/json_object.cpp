// SPDX-License-Identifier: Apache-2.0
// Questions to a JSON object and the messages for wrong answers.
#include "base/json_object.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {

using nlohmann::json;

namespace {

/// "0 to 7", "of at least 0", or nothing, after a leading space.
template <class Number>
std::string range_text(Number min, Number max) {
  const bool open_below = min <= std::numeric_limits<Number>::lowest();
  const bool open_above = max >= std::numeric_limits<Number>::max();
  if (open_below && open_above) return {};
  if (open_above) return fmt::format(" of at least {}", min);
  if (open_below) return fmt::format(" of at most {}", max);
  return fmt::format(" {} to {}", min, max);
}

std::optional<std::int64_t> as_integer(const json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return std::nullopt;
}

std::optional<std::int64_t> integer_within(const json& value, std::int64_t min, std::int64_t max) {
  const std::optional<std::int64_t> number = as_integer(value);
  return number && *number >= min && *number <= max ? number : std::nullopt;
}

std::string found_but(const json& value, const std::string& expected) {
  return fmt::format("found {}, expected {}", shown_value(value), expected);
}

}  // namespace

std::string shown_value(const json& value) {
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  return printable(value.dump(-1, ' ', true, json::error_handler_t::replace));
}

JsonObject::JsonObject(const json& value, std::string file, std::string where)
    : value_(&value), file_(std::move(file)), where_(std::move(where)) {
  if (!value.is_object()) fail("", found_but(value, "an object"));
}

std::string JsonObject::path_of(std::string_view key) const {
  if (key.empty()) return where_;
  const std::string name = printable(key);
  return where_.empty() ? name : where_ + "." + name;
}

void JsonObject::fail(std::string_view key, const std::string& text) const {
  const std::string path = path_of(key);
  fail_input("{}: {}{}{}", file_, path, path.empty() ? "" : ": ", text);
}

const json* JsonObject::find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  const auto found = value_->find(key);
  return found == value_->end() ? nullptr : &*found;
}

const json& JsonObject::require(std::string_view key, const std::string& expected) {
  if (const json* value = find(key)) return *value;
  // A key that is nearly this one is a better explanation than that this one is missing.
  for (const auto& [other, unused] : value_->items()) {
    const std::string_view wanted[] = {key};
    const bool asked = std::find(asked_.begin(), asked_.end(), other) != asked_.end();
    if (!asked && !nearest(other, wanted).empty()) fail_unknown(other);
  }
  fail(key, fmt::format("missing, expected {}", expected));
}

bool JsonObject::has(std::string_view key) { return find(key) != nullptr; }

std::int64_t JsonObject::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const std::string expected = "an integer" + range_text(min, max);
  const json& value = require(key, expected);
  const std::optional<std::int64_t> number = integer_within(value, min, max);
  if (!number) fail(key, found_but(value, expected));
  return *number;
}

std::int64_t JsonObject::integer_or(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  return has(key) ? integer(key, min, max) : fallback;
}

double JsonObject::number(std::string_view key, double min, double max) {
  const std::string expected = "a number" + range_text(min, max);
  const json& value = require(key, expected);
  const double number = value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
  if (!std::isfinite(number) || number < min || number > max) fail(key, found_but(value, expected));
  return number;
}

double JsonObject::number_or(std::string_view key, double fallback, double min, double max) {
  return has(key) ? number(key, min, max) : fallback;
}

bool JsonObject::boolean_or(std::string_view key, bool fallback) {
  const json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) fail(key, found_but(*value, "true or false"));
  return value->get<bool>();
}

std::string JsonObject::text(std::string_view key) {
  const json& value = require(key, "a text");
  if (!value.is_string()) fail(key, found_but(value, "a text"));
  return value.get<std::string>();
}

std::string JsonObject::text_or(std::string_view key, std::string fallback) {
  return has(key) ? text(key) : std::move(fallback);
}

std::size_t JsonObject::word(std::string_view key, std::span<const std::string_view> words) {
  const std::string expected = "one of: " + join(words);
  const json& value = require(key, expected);
  if (!value.is_string()) fail(key, found_but(value, expected));
  const auto& written = value.get_ref<const std::string&>();
  const auto found = std::find(words.begin(), words.end(), written);
  if (found == words.end()) fail(key, found_but(value, expected) + did_you_mean(written, words));
  return static_cast<std::size_t>(found - words.begin());
}

std::size_t JsonObject::word_or(std::string_view key, std::size_t fallback, std::span<const std::string_view> words) {
  return has(key) ? word(key, words) : fallback;
}

JsonObject JsonObject::object(std::string_view key) {
  return JsonObject(require(key, "an object"), file_, path_of(key));
}

std::optional<JsonObject> JsonObject::optional_object(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return object(key);
}

std::vector<const json*> JsonObject::array(std::string_view key, std::size_t max_size) {
  const json& value = require(key, "an array");
  if (!value.is_array()) fail(key, found_but(value, "an array"));
  if (value.size() > max_size) {
    fail(key, fmt::format("found an array of {} elements, expected at most {}", value.size(), max_size));
  }
  std::vector<const json*> elements;
  elements.reserve(value.size());
  for (const json& element : value) elements.push_back(&element);
  return elements;
}

std::vector<std::int64_t> JsonObject::integers(std::string_view key, std::int64_t min, std::int64_t max,
                                               std::size_t max_size) {
  std::vector<std::int64_t> numbers;
  for (const json* element : array(key, max_size)) {
    const std::optional<std::int64_t> number = integer_within(*element, min, max);
    if (!number) {
      fail(fmt::format("{}[{}]", key, numbers.size()), found_but(*element, "an integer" + range_text(min, max)));
    }
    numbers.push_back(*number);
  }
  return numbers;
}

const json* JsonObject::any(std::string_view key) { return find(key); }

void JsonObject::fail_unknown(const std::string& key) const {
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  const std::string_view near = nearest(key, known);
  if (!near.empty()) fail(key, fmt::format("unknown key; did you mean {}?", path_of(near)));
  fail(key, fmt::format("unknown key; known here: {}", join(known)));
}

void JsonObject::finish() const {
  for (const auto& [key, unused] : value_->items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) fail_unknown(key);
  }
}

}  // namespace cimcycle
