// SPDX-License-Identifier: Apache-2.0
// cimcycle export neurosim-trace: files that DNN+NeuroSim reads.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/exit_codes.h"
#include "cli/import_kinds.h"
#include "cli/terminal.h"
#include "cli/traced.h"
#include "compare/trace_writer.h"

namespace cimcycle {
namespace {

Syntax export_syntax() {
  return {"export neurosim-trace",
          "Writes a network and what its layers read for one image as a trace that DNN+NeuroSim V1.3 runs: network\n"
          "CSV, a weight and an input CSV per layer, and the argument line, to be given from the folder above DIR.",
          {"NETWORK"},
          {{"dataset", "NAME", "where the image comes from (default: the test images that the network names)"},
           {"image", "I", "number of the image, from 0 (default: 0)"},
           {"layers", "FIRST-LAST", "only these layers with weights, counted from 1 (default: all)"},
           {"out", "DIR", "folder to write"}}};
}

/// Keeps the layers that --layers names, as "15-20" or "15".
void choose_layers(const Arguments& arguments, NeurosimTrace& trace) {
  const std::optional<std::string> range = arguments.text("layers");
  if (!range) return;
  const char* const end = range->data() + range->size();
  int first = 0, last = 0;
  auto parsed = std::from_chars(range->data(), end, first);
  last = first;
  if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '-') {
    parsed = std::from_chars(parsed.ptr + 1, end, last);
  }
  const int layers = static_cast<int>(trace.layers.size());
  if (parsed.ec != std::errc() || parsed.ptr != end || first < 1 || last < first || last > layers) {
    fail_input("export neurosim-trace: --layers = \"{}\": expected FIRST-LAST within 1-{}", printable(*range), layers);
  }
  trace.layers.erase(trace.layers.begin() + last, trace.layers.end());
  trace.layers.erase(trace.layers.begin(), trace.layers.begin() + (first - 1));
}

}  // namespace

int export_neurosim_trace(CommandArguments given) {
  namespace fs = std::filesystem;
  const Arguments arguments(export_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const std::optional<std::string> out = arguments.text("out");
  if (!out) fail_input("export neurosim-trace: --out DIR is missing: the folder to write");
  const fs::path folder = fs::path(*out).lexically_normal();
  const std::string name =
      folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
  if (name.empty() || name == "." || name == "..") {
    fail_input("export neurosim-trace: --out {}: expected a folder with a name, which the argument line holds",
               printable(*out));
  }
  check_folder_writable(folder);
  TraceRecord record = traced(arguments, arguments.positional(0));
  choose_layers(arguments, record.trace);
  const std::map<std::string, std::string> files = neurosim_trace_files(record, name);
  std::string names;
  for (const auto& [file, unused] : files) names += file + " ";
  write_folder_atomically(folder, files, names);
  print(fmt::format("{}: {} layers, {}-bit weights, {}-bit inputs\n", printable(*out), record.trace.layers.size(),
                    record.trace.weight_bits, record.trace.input_bits));
  return exit_good;
}

}  // namespace cimcycle
