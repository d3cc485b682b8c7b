// SPDX-License-Identifier: Apache-2.0
// cimcycle energy-table: what each layer costs as a static layer of 1 to 8 bits, and what pairs of bits can give.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "replay/energy_table.h"
#include "report/energy_table.h"
#include "report/report_json.h"

namespace cimcycle {
namespace {

Syntax energy_table_syntax() {
  return {"energy-table",
          "Energy of every layer as a static layer of 1 to 8 bits, and what each pair (hb, lb) can save at most.",
          {"NETWORK"},
          {hardware_option,
           set_option,
           {"dataset", "NAME", "its training images are used (default: the dataset that the network names)"},
           {"images", "N", "use the first N training images (default: 32)"},
           {"source", "WORD", "who computes the energies: simulated (default)"},
           {"threads", "N", "threads (default: one per core); results do not depend on it"},
           {"out", "FILE.json", "write the table for programs into this file"},
           {"quiet", "", "print nothing but errors"}}};
}

/// One row per word of energy_source_names.
using TableFunction = EnergyTable (*)(const Network&, const Hardware&, const Dataset&, const EnergyTableOptions&);
constexpr std::array<TableFunction, energy_source_names.size()> table_functions = {simulated_energy_table};

TableFunction table_function(const Arguments& arguments) {
  const std::string word = arguments.text("source").value_or(std::string(energy_source_names.front()));
  for (std::size_t i = 0; i < energy_source_names.size(); ++i) {
    if (word == energy_source_names[i]) return table_functions[i];
  }
  fail_input("energy-table: --source {}: no such source{}; known: {}", printable(word),
             did_you_mean(word, energy_source_names), join(energy_source_names));
}

}  // namespace

int energy_table_command(CommandArguments given) {
  const Arguments arguments(energy_table_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const TableFunction make_table = table_function(arguments);
  EnergyTableOptions options;
  options.images = arguments.count("images", 1).value_or(usual_energy_images);
  options.threads = arguments.threads();
  options.stop = &stop_requested();
  const std::optional<std::string> out = arguments.text("out");
  if (out) check_file_writable(*out);
  const Hardware hardware = arguments.hardware();
  const std::filesystem::path folder = find_shipped(arguments.positional(0));
  const Network network = load_network(folder);
  const std::string name = dataset_name(arguments.text("dataset"), folder, network);
  if (name.empty()) fail_input("energy-table: --dataset NAME is missing, and the network names none");
  const Dataset dataset = open_images(name, DataSplit::train);

  EnergyTable table;
  {
    ProgressDisplay progress(arguments.has("quiet"));
    options.progress = progress.function();
    table = make_table(network, hardware, dataset, options);
  }
  if (out) write_file_atomically(*out, json_text(energy_table_json(table, program_version())));
  if (!arguments.has("quiet")) print(energy_table_text(table, style_of_stdout()));
  return exit_good;
}

}  // namespace cimcycle
