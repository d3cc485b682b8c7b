// SPDX-License-Identifier: Apache-2.0
// cimcycle energy-table: what each layer costs as a static layer of 1 to 8 bits, and what pairs of bits can give.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "compare/energy_sources.h"
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
           training_dataset_option,
           {"images", "N", "use the first N training images (default: 32)"},
           {"source", "WORD", "who computes the energies: simulated (default) or neurosim"},
           threads_option,
           {"out", "FILE.json", "write the table for programs into this file"},
           quiet_option}};
}

}  // namespace

int energy_table_command(CommandArguments given) {
  const Arguments arguments(energy_table_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const EnergySource& source =
      energy_source(arguments.text("source").value_or(std::string(energy_sources.front().name)));
  EnergyTableOptions options;
  options.images = arguments.count("images", 1).value_or(usual_energy_images);
  options.threads = arguments.threads();
  options.stop = &stop_requested();
  const std::optional<std::string> out = arguments.text("out");
  if (out) check_file_writable(*out);
  const Hardware hardware = arguments.hardware();
  const std::filesystem::path folder = find_shipped(arguments.positional(0));
  const Network network = load_network(folder);
  const Dataset dataset = open_images(arguments.dataset(folder, network), DataSplit::train);

  EnergyTable table;
  {
    ProgressDisplay progress(arguments.has("quiet"));
    options.progress = progress.function();
    table = source.table(network, hardware, dataset, options);
  }
  if (out) write_file_atomically(*out, json_text(energy_table_json(table, program_version())));
  if (!arguments.has("quiet")) print(energy_table_text(table, style_of_stdout()));
  return exit_good;
}

}  // namespace cimcycle
