// SPDX-License-Identifier: Apache-2.0
// How a row of the key table is made from the members that it names.
#pragma once

#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

#include "hardware/keys.h"

namespace cimcycle::key_rows {

using nlohmann::json;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

// The member at the end of a path of member pointers: &Hardware::name, or &Hardware::adc, &AdcSpec::bits. An optional
// section on the way must exist.
template <auto First, auto... Rest>
constexpr auto& at(auto& object) {
  if constexpr (sizeof...(Rest) == 0) {
    return object.*First;
  } else if constexpr (IsOptional<std::remove_cvref_t<decltype(object.*First)>>::value) {
    return at<Rest...>(*(object.*First));
  } else {
    return at<Rest...>(object.*First);
  }
}
template <auto... Members>
using MemberType = std::remove_cvref_t<decltype(at<Members...>(std::declval<Hardware&>()))>;

/// Whether the first member is a section that may be missing.
template <auto First, auto... Rest>
constexpr bool in_optional_section() {
  return sizeof...(Rest) > 0 && IsOptional<std::remove_cvref_t<decltype(std::declval<Hardware&>().*First)>>::value;
}

template <auto First, auto... Rest>
bool section_exists(const Hardware& hardware) {
  if constexpr (in_optional_section<First, Rest...>()) {
    return (hardware.*First).has_value();
  } else {
    return true;
  }
}

/// The member to write to; makes the section if it is missing.
template <auto First, auto... Rest>
auto& made(Hardware& hardware) {
  if constexpr (in_optional_section<First, Rest...>()) {
    if (!(hardware.*First)) (hardware.*First).emplace();
  }
  return at<First, Rest...>(hardware);
}

template <auto... Members>
void write_member(Hardware& hardware, const json& value) {
  using T = MemberType<Members...>;
  if constexpr (IsOptional<T>::value) {
    made<Members...>(hardware) = value.is_number() ? T(value.get<typename T::value_type>()) : T();
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    made<Members...>(hardware) = value.is_null() ? T{} : value.get<T>();
  } else {
    made<Members...>(hardware) = value.get<T>();
  }
}

template <auto... Members>
json read_member(const Hardware& hardware) {
  if (!section_exists<Members...>(hardware)) return {};
  const auto& member = at<Members...>(hardware);
  using T = MemberType<Members...>;
  if constexpr (IsOptional<T>::value) {
    return member ? json(*member) : json();
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    return member.empty() ? json() : json(member);
  } else {
    return json(member);
  }
}

template <const auto& table, auto... Members>
void write_word(Hardware& hardware, const json& value) {
  const auto place = std::ranges::find(table.names, value.get_ref<const std::string&>()) - table.names.begin();
  made<Members...>(hardware) = static_cast<MemberType<Members...>>(place);
}

template <const auto& table, auto... Members>
json read_word(const Hardware& hardware) {
  if (!section_exists<Members...>(hardware)) return {};
  const auto place = static_cast<std::size_t>(at<Members...>(hardware));
  return place < table.names.size() ? json(table.names[place]) : json(place);
}

template <auto... Members>
constexpr Key row(std::string_view path, KeyType type, std::string_view unit, double min, double max,
                  std::string_view meaning, Absence absence = Absence::never, std::size_t max_count = 0) {
  return {.path = path,
          .type = type,
          .unit = unit,
          .min = min,
          .max = max,
          .meaning = meaning,
          .absence = absence,
          .max_count = max_count,
          .words = {},
          .word_meanings = {},
          .optional_section = in_optional_section<Members...>(),
          .section_exists = &section_exists<Members...>,
          .write = &write_member<Members...>,
          .read = &read_member<Members...>};
}

template <auto... Members>
constexpr Key number(std::string_view path, std::string_view unit, double min, double max, std::string_view meaning,
                     Absence absence = Absence::never) {
  using T = MemberType<Members...>;
  constexpr bool whole = std::is_same_v<T, int> || std::is_same_v<T, std::optional<int>>;
  return row<Members...>(path, whole ? KeyType::integer : KeyType::number, unit, min, max, meaning, absence);
}

template <auto... Members>
constexpr Key boolean(std::string_view path, std::string_view meaning) {
  return row<Members...>(path, KeyType::boolean, "", 0, 1, meaning);
}

template <auto... Members>
constexpr Key list(std::string_view path, std::string_view unit, std::size_t max_count, double min, double max,
                   std::string_view meaning) {
  return row<Members...>(path, KeyType::integers, unit, min, max, meaning, Absence::null, max_count);
}

template <const auto& table, auto... Members>
constexpr Key word(std::string_view path, std::string_view meaning) {
  static_assert(std::is_same_v<MemberType<Members...>, typename std::remove_cvref_t<decltype(table)>::Kind>);
  return {.path = path,
          .type = KeyType::word,
          .unit = {},
          .meaning = meaning,
          .words = table.names,
          .word_meanings = table.meanings,
          .optional_section = in_optional_section<Members...>(),
          .section_exists = &section_exists<Members...>,
          .write = &write_word<table, Members...>,
          .read = &read_word<table, Members...>};
}

}  // namespace cimcycle::key_rows
