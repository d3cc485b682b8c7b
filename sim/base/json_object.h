// SPDX-License-Identifier: Apache-2.0
// Strict reading of JSON files: every key is asked for by name, what nobody asked for is an error.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cimcycle {

/// Parses a JSON file (at most 64 MiB, 4 million values, 64 levels deep; no comments, no duplicate keys).
/// Throws InputError "FILE: line L, column C: ..." on malformed text.
nlohmann::json read_json(const std::filesystem::path& path);

/// The same for a text that came from `name`.
nlohmann::json parse_json(std::string_view text, const std::string& name);

/// A value as messages show it: text in quotes, numbers as they are, "an array", "an object"; one line, cut if long.
std::string shown_value(const nlohmann::json& value);

/// One JSON object of a file, read key by key.
///
/// Errors name the file and the path of the key ("network.json: layers[7].dec3.hb: found \"four\", expected an integer
/// 1 to 8"). `finish` rejects keys that were never asked for and names the nearest known one.
class JsonObject {
 public:
  /// `value` must outlive this. `where` is the path of the object inside the file, empty for the root.
  JsonObject(const nlohmann::json& value, std::string file, std::string where = {});

  bool has(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::int64_t integer_or(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  /// A finite number.
  double number(std::string_view key, double min, double max);
  double number_or(std::string_view key, double fallback, double min, double max);
  bool boolean_or(std::string_view key, bool fallback);
  std::string text(std::string_view key);
  std::string text_or(std::string_view key, std::string fallback);
  /// The index of the value in `words`, which are all allowed ones.
  std::size_t word(std::string_view key, std::span<const std::string_view> words);
  std::size_t word_or(std::string_view key, std::size_t fallback, std::span<const std::string_view> words);
  JsonObject object(std::string_view key);
  std::optional<JsonObject> optional_object(std::string_view key);
  /// The elements of an array, at most `max_size`.
  std::vector<const nlohmann::json*> array(std::string_view key, std::size_t max_size);
  /// An array of integers in [min, max].
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t min, std::int64_t max, std::size_t max_size);
  /// The raw value, marked as known (for free-form parts such as provenance). Null if absent.
  const nlohmann::json* any(std::string_view key);

  /// Call after the last question. Throws InputError if the object has a key that nobody asked for.
  void finish() const;

  /// Throws InputError "FILE: WHERE.key: TEXT"; an empty key stands for the object itself.
  [[noreturn]] void fail(std::string_view key, const std::string& text) const;
  /// "layers[7].dec3" extended by a key: "layers[7].dec3.hb".
  std::string path_of(std::string_view key) const;
  const std::string& file() const { return file_; }

 private:
  const nlohmann::json* find(std::string_view key);
  /// `expected` describes the value in the message for a missing one.
  const nlohmann::json& require(std::string_view key, const std::string& expected);
  [[noreturn]] void fail_unknown(const std::string& key) const;

  const nlohmann::json* value_;
  std::string file_;
  std::string where_;
  std::vector<std::string> asked_;
};

}  // namespace cimcycle
