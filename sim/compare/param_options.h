// SPDX-License-Identifier: Apache-2.0
// The options of NeuroSim's Param.cpp and what each is here: a table that the reader and the documentation share.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cimcycle {

/// What becomes of an option.
enum class ParamUse {
  number,   ///< value x factor is the value of `key`
  flag,     ///< false and true are the two words of `key`, or false and true itself
  cell,     ///< a value of the cell file: `key` is its name there
  fixed,    ///< only `allowed` has a model here
  joint,    ///< together with others; `meaning` says how
  ignored,  ///< changes nothing that is modelled, or is stated elsewhere
};

/// One row of the table.
struct ParamOption {
  std::string_view name;
  ParamUse use{};
  std::string_view key;  ///< of the hardware description; empty for fixed and ignored options
  double factor = 1;
  double allowed = 0;
  std::string_view when_false, when_true;  ///< flag: words; both empty: a boolean key
  bool v1_4_only = false;
  std::string_view meaning;  ///< why fixed or ignored, how joint
};

/// All options in the order of the documentation.
std::span<const ParamOption> param_options();

/// The option of this name, or null.
const ParamOption* find_param_option(std::string_view name);

}  // namespace cimcycle
