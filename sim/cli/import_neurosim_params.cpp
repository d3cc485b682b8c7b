// SPDX-License-Identifier: Apache-2.0
// cimcycle import neurosim-params: a configuration as a hardware file.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/exit_codes.h"
#include "cli/import_kinds.h"
#include "cli/terminal.h"
#include "compare/param_import.h"

namespace cimcycle {
namespace {

constexpr std::uintmax_t max_bytes = 1 << 20;

Syntax import_syntax() {
  return {"import neurosim-params",
          "Reads the options of DNN+NeuroSim: its Param.cpp, or lines `name = value;`. Writes a hardware file that\n"
          "inherits from the shipped chip of that version, and a cell file beside it if the cell is another one.",
          {"FILE"},
          {{"neurosim-version", "1.3|1.4", "default: 1.4 if FILE sets an option of V1.4 alone, else 1.3"},
           {"out", "HARDWARE.json", "file to write"}}};
}

std::optional<NeurosimVersion> version_of(const Arguments& arguments) {
  const std::optional<std::string> word = arguments.text("neurosim-version");
  if (!word) return std::nullopt;
  const auto found = std::ranges::find(neurosim_version_words, *word);
  if (found == neurosim_version_words.end()) {
    fail_input("import neurosim-params: --neurosim-version = \"{}\": expected {}", printable(*word),
               join(neurosim_version_words, " or "));
  }
  return static_cast<NeurosimVersion>(found - neurosim_version_words.begin());
}

}  // namespace

int import_neurosim_params(CommandArguments given) {
  namespace fs = std::filesystem;
  const Arguments arguments(import_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const std::optional<std::string> out = arguments.text("out");
  if (!out) fail_input("import neurosim-params: --out HARDWARE.json is missing: the file to write");
  const fs::path hardware_file(*out);
  const std::string name = hardware_file.stem().string();
  const std::string cell_name = name + "-cell.json";
  const fs::path source = arguments.positional(0);
  const ParamImport import = import_neurosim_params(read_file(source, max_bytes), printable(source.string()), name,
                                                    cell_name, version_of(arguments));
  if (import.cell_json) write_file_atomically(hardware_file.parent_path() / cell_name, *import.cell_json);
  write_file_atomically(hardware_file, import.hardware_json);
  const auto version = neurosim_version_words[static_cast<std::size_t>(import.version)];
  std::string text = fmt::format("{}: a chip of NeuroSim {}\n", printable(*out), version);
  if (import.cell_json)
    text += fmt::format("{}: its cell\n", printable((hardware_file.parent_path() / cell_name).string()));
  if (!import.skipped.empty()) {
    const std::vector<std::string_view> skipped(import.skipped.begin(), import.skipped.end());
    text += fmt::format("not options, so nothing was taken from them: {}\n", join(skipped));
  }
  print(text);
  return exit_good;
}

}  // namespace cimcycle
