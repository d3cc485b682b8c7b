// SPDX-License-Identifier: Apache-2.0
#include "report/shell_words.h"

#include <string_view>

namespace cimcycle {

std::string shell_command(std::span<const std::string> words) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@+%";
  std::string text = "cimcycle";
  for (const std::string& word : words) {
    text += ' ';
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
      text += word;
      continue;
    }
    text += '\'';
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

}  // namespace cimcycle
