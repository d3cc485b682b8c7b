// SPDX-License-Identifier: Apache-2.0
// The key table of the hardware description: one row per key serves the parser, the range check, --set, to_json, the
// schema and the documentation.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hardware/hardware.h"

namespace cimcycle {

enum class KeyType {
  integer,
  number,
  boolean,
  word,  ///< one of `words`
  text,
  file,      ///< a shipped name, or a path that ends in .json and is relative to the file that names it
  integers,  ///< a list
};

/// What a key may be instead of a value.
enum class Absence {
  never,      ///< the key must be given
  automatic,  ///< "auto", or not given: derived from the rest
  null,       ///< null, or not given: belongs to another choice
};

struct Key {
  std::string_view path;  ///< "adc.bits"
  KeyType type{};
  std::string_view unit;
  /// integer, number: the value; integers: each of them; text, file: the length.
  double min = 0;
  double max = 0;
  std::string_view meaning;
  Absence absence = Absence::never;
  std::size_t max_count = 0;  ///< integers: length of the list, at least 1
  std::span<const std::string_view> words;
  std::span<const std::string_view> word_meanings;
  /// The section may be missing; one of its keys makes it, and then those that cannot be absent must be given.
  bool optional_section = false;
  /// True unless the key stands in an optional section that is missing.
  bool (*section_exists)(const Hardware&) = nullptr;
  /// Takes a value that has no problem_of.
  void (*write)(Hardware&, const nlohmann::json&) = nullptr;
  /// The value as JSON; null if absent. A value outside the enumerators of a word is given as its number.
  nlohmann::json (*read)(const Hardware&) = nullptr;

  /// "adc" of "adc.bits", "neurosim.deviations" of "neurosim.deviations.stale_clock"; empty for a key of the root.
  std::string_view group() const;
  /// The root's part of that: "adc", "neurosim".
  std::string_view section() const;
  /// "bits" of "adc.bits".
  std::string_view leaf() const;
};

/// All keys in the order of the description.
std::span<const Key> key_table();

/// The groups in the order of the description: "crossbar", "ou", ..., "neurosim", "neurosim.calibration", ...
std::span<const std::string_view> key_groups();

/// The paths of all keys in the order of the table.
std::span<const std::string_view> key_paths();

const Key* find_key(std::string_view path);

/// "1 to 12", "offset, twos_complement, differential", `1 to 100000 or "auto"`.
std::string allowed_values(const Key& key);

/// "an integer 1 to 12": what stands after "expected" in messages.
std::string expected_value(const Key& key);

/// "found 4.5, expected an integer 1 to 12", or nothing if the value may stand there.
std::optional<std::string> problem_of(const Key& key, const nlohmann::json& value);

/// The value that a token of --set means for this key. A token that is no such value becomes a JSON text, so that
/// problem_of shows it as it was typed.
nlohmann::json value_of_token(const Key& key, std::string_view token);

}  // namespace cimcycle
