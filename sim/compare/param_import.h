// SPDX-License-Identifier: Apache-2.0
// From a NeuroSim configuration to a hardware description.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/neurosim.h"

namespace cimcycle {

/// A hardware file that states what the configuration states and inherits the rest from the shipped chip of its
/// version.
struct ParamImport {
  NeurosimVersion version{};
  std::string hardware_json;
  /// Content of the cell file that hardware_json names, if the configuration's cell is not the shipped one.
  std::optional<std::string> cell_json;
  /// Variables of the program that are no options; nothing was taken from them.
  std::vector<std::string> skipped;
};

/// Reads Param.cpp or lines `name = value;`. `name` becomes the name of the chip, `cell_file` the name of its cell
/// file. The version is taken from `version`, else it is 1.4 if an option of V1.4 alone is set. Throws InputError
/// "FILE: line 7: ..." on a malformed text, an unknown option (any unknown name in plain lines; in a program one that
/// looks like a misspelt option) and an option or value that has no model here.
ParamImport import_neurosim_params(std::string_view text, const std::string& file, const std::string& name,
                                   const std::string& cell_file, std::optional<NeurosimVersion> version);

}  // namespace cimcycle
