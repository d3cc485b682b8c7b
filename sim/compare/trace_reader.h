// SPDX-License-Identifier: Apache-2.0
// Reads a trace that NeuroSim reads. Formats: docs/formats/neurosim.md
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "neurosim/trace.h"

namespace cimcycle {

/// A trace and what NeuroSim's own files do not say.
struct TraceRecord {
  NeurosimTrace trace;
  /// The top bit of an input counts negative. NeuroSim's wrapper records two's complement; a file trace.json may say
  /// otherwise.
  bool signed_inputs = true;
};

/// The words of TraceRecord::signed_inputs: false, true.
inline constexpr std::array<std::string_view, 2> input_encoding_words = {"unsigned", "twos_complement"};

/// Whether `place` is a trace: an archive, or a folder with an argument line.
bool is_neurosim_trace(const std::filesystem::path& place);

/// Reads a folder or a .tar.gz with argument line, network CSV, weight and input CSVs, of V1.3 or V1.4, on `threads`
/// threads. Throws InputError; a malformed table names file, row and column.
TraceRecord read_neurosim_trace(const std::filesystem::path& place, int threads);

}  // namespace cimcycle
