// SPDX-License-Identifier: Apache-2.0
// Small text helpers for messages: the nearest known word, lists of allowed words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cimcycle {

/// The candidate with the smallest edit distance to `word`, or an empty view if none is closer than half of its length.
/// Ties go to the first candidate.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "a, b, c".
std::string join(std::span<const std::string_view> words, std::string_view separator = ", ");

/// `; did you mean X?` or an empty string if no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

/// The text with control characters and bytes that are not printable ASCII escaped and cut to 120 characters, so that
/// hostile file content stays on one line of a message.
std::string printable(std::string_view text);

}  // namespace cimcycle
