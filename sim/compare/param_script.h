// SPDX-License-Identifier: Apache-2.0
// The assignments of a C++ constructor, or of plain lines `name = value;`: which names have which numbers at the end.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cimcycle {

/// The last assignment to a name.
struct ParamAssignment {
  /// Nothing if the value depends on something that the text does not define.
  std::optional<double> value;
  int line = 0;  ///< from 1
};

struct ParamScript {
  /// The text defines Param::Param(): names in it may be variables of the program, not only options.
  bool is_program = false;
  std::map<std::string, ParamAssignment, std::less<>> names;
};

/// Runs assignments, if, switch and blocks, with the arithmetic and the comparisons of C++ on doubles; true and false
/// are 1 and 0. In a program other statements are skipped; in plain lines they are an InputError, as is an unfinished
/// or too deeply nested text ("NAME: line 7: ...").
ParamScript run_param_script(std::string_view text, const std::string& name);

}  // namespace cimcycle
