// SPDX-License-Identifier: Apache-2.0
// cimcycle import neurosim-trace: a recorded network and its layer inputs.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/exit_codes.h"
#include "cli/import_kinds.h"
#include "cli/terminal.h"
#include "compare/trace_network.h"
#include "data/recorded_inputs.h"

namespace cimcycle {
namespace {

constexpr std::string_view written_files = "network.json weights.safetensors inputs.safetensors";

Syntax import_syntax() {
  return {
      "import neurosim-trace",
      "Reads a trace as DNN+NeuroSim V1.3 and V1.4 take it: network CSV, a weight and an input CSV per layer, and\n"
      "the argument line in cmd.txt or trace_command.sh. TRACE is a folder or a .tar.gz of one. Writes a network\n"
      "folder with the recorded layer inputs; run and compare take it, dataset trace:NETWORK.",
      {"TRACE"},
      {{"input-encoding", "WORD", "unsigned or twos_complement (default: as trace.json says, else twos_complement)"},
       {"threads", "N", "threads (default: one per core)"},
       {"out", "NETWORK", "folder to write; a network that lies there is replaced"}}};
}

}  // namespace

int import_neurosim_trace(CommandArguments given) {
  const Arguments arguments(import_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const std::optional<std::string> out = arguments.text("out");
  if (!out) fail_input("import neurosim-trace: --out NETWORK is missing: the folder to write");
  const std::optional<std::string> encoding = arguments.text("input-encoding");
  if (encoding && std::ranges::find(input_encoding_words, *encoding) == input_encoding_words.end()) {
    fail_input("import neurosim-trace: --input-encoding = \"{}\": expected {}", printable(*encoding),
               join(input_encoding_words, " or "));
  }
  check_folder_writable(*out, written_files);
  TraceRecord record = read_neurosim_trace(find_shipped(arguments.positional(0)), arguments.threads());
  if (encoding) record.signed_inputs = *encoding == input_encoding_words[1];
  const RecordedNetwork recorded = network_of_trace(record);
  std::map<std::string, std::string> files = network_files(recorded.network);
  files[std::string(recorded_inputs_name)] = recorded_inputs_file(recorded.inputs);
  write_folder_atomically(*out, files, written_files);
  std::int64_t macs = 0;
  for (const Layer& layer : recorded.network.layers) macs += layer.macs();
  print(fmt::format("{}: {} layers, {}-bit weights, {}-bit {} inputs, {:.4g} million multiply-accumulates\n",
                    printable(*out), record.trace.layers.size(), record.trace.weight_bits, record.trace.input_bits,
                    input_encoding_words[record.signed_inputs ? 1 : 0], static_cast<double>(macs) * 1e-6));
  return exit_good;
}

}  // namespace cimcycle
