// SPDX-License-Identifier: Apache-2.0
// Reads what NeuroSim prints. Format: docs/formats/neurosim.md
#pragma once

#include <filesystem>
#include <string>

#include "neurosim/result.h"

namespace cimcycle {

/// Reads a log of V1.3 or V1.4, layer by layer or pipelined. The log does not say which version printed it: `version`
/// is stated by who knows. The floorplan stays empty. Throws InputError if a value is missing, malformed or not finite,
/// naming the line; lines that state none of the values are skipped.
NeurosimResult read_neurosim_log(const std::filesystem::path& file, NeurosimVersion version);

/// The same from the text; `name` stands in messages.
NeurosimResult parse_neurosim_log(const std::string& text, const std::string& name, NeurosimVersion version);

}  // namespace cimcycle
