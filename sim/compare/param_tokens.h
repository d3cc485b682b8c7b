// SPDX-License-Identifier: Apache-2.0
// The words and signs of a C++ text, without comments and preprocessor lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cimcycle {

struct ParamToken {
  enum class Kind { name, number, sign, text, end } kind = Kind::end;
  std::string_view text;  ///< into the text that was split
  double value = 0;       ///< of a number
  int line = 0;           ///< from 1
};

/// Splits a text; the last token is the end. Throws InputError "NAME: line 7: ..." on a comment or text in quotes that
/// does not end and on characters that C++ does not know.
std::vector<ParamToken> split_param_text(std::string_view text, const std::string& name);

}  // namespace cimcycle
