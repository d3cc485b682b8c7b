// SPDX-License-Identifier: Apache-2.0
// Writes a trace that NeuroSim reads. Formats: docs/formats/neurosim.md
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "compare/trace_reader.h"

namespace cimcycle {

/// The file that says what NeuroSim's own files do not, and its format words.
inline constexpr std::string_view trace_notes_name = "trace.json";
inline constexpr std::array<std::string_view, 1> trace_notes_formats = {"cimcycle-neurosim-trace-1"};

/// The files of a trace, by name: net.csv, w0.csv, i0.csv, ..., cmd.txt (the argument line of V1.3, to be run from the
/// folder above `folder`) and trace.json. Reading them gives `record` again.
std::map<std::string, std::string> neurosim_trace_files(const TraceRecord& record, const std::string& folder);

}  // namespace cimcycle
