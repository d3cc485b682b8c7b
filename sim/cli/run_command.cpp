// SPDX-License-Identifier: Apache-2.0
// cimcycle run: replays a network over images on a chip, prints the result and writes it into a folder.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "replay/energy_table_file.h"
#include "replay/paper_accounting.h"
#include "replay/replay.h"
#include "report/logits_npy.h"
#include "report/result_folder.h"
#include "report/run_text.h"
#include "report/shell_words.h"

namespace cimcycle {
namespace {

Syntax run_syntax() {
  return {"run",
          "Replays a quantized network over images: accuracy, cycles and energy in one pass.",
          {"NETWORK"},
          {hardware_option,
           set_option,
           test_dataset_option,
           {"images", "N", "use the first N images (default: all)"},
           {"timed-images", "N",
            "images that are timed, for latency and leakage; at most as many as are run (default: all)"},
           {"reference-images", "N",
            "images of the passes with ideal ADCs, 0 for none; at most as many as are run (default: all)"},
           threads_option,
           {"seed", "N", "a number for the report; nothing in a replay is random so far (default: 0)"},
           {"energy-table", "FILE", "energies of the paper's accounting (default: simulated)"},
           {"out", "DIR", "write report.json, report.html and layers.csv into this folder"},
           {"logits", "FILE", "write the logits as an .npy file, int64 [images][classes]"},
           quiet_option}};
}

RunOptions options_of(const Arguments& arguments) {
  RunOptions options;
  options.images = arguments.count("images", 1).value_or(0);
  options.timed_images = arguments.count("timed-images", 0);
  options.reference_images = arguments.count("reference-images", 0);
  options.threads = arguments.threads();
  options.seed = static_cast<std::uint64_t>(arguments.count("seed", 0).value_or(0));
  options.stop = &stop_requested();
  return options;
}

/// The folder of a report holds nothing else, so that it can be replaced as a whole.
void check_apart(const std::filesystem::path& out, const std::filesystem::path& logits) {
  std::error_code error;  // what cannot be followed is compared as it is written
  std::filesystem::path folder = std::filesystem::weakly_canonical(out, error).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const std::filesystem::path file = std::filesystem::weakly_canonical(logits, error).lexically_normal();
  if (std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end()) {
    fail_input("run: --logits {}: lies in the folder of --out, which holds the report alone; name another place",
               printable(logits.string()));
  }
}

}  // namespace

int run_command(CommandArguments given) {
  const Arguments arguments(run_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  // Everything that can be wrong is looked at before the long part.
  RunOptions options = options_of(arguments);
  const std::optional<std::string> out = arguments.text("out");
  const std::optional<std::string> logits = arguments.text("logits");
  if (out) check_result_folder(*out);
  if (out && logits) check_apart(*out, *logits);
  if (logits) check_file_writable(*logits);
  const Hardware hardware = arguments.hardware();
  const std::filesystem::path folder = find_shipped(arguments.positional(0));
  const Network network = load_network(folder);
  const Dataset dataset = open_dataset(arguments.dataset(folder, network), DataSplit::test);
  std::optional<EnergyTable> table;
  if (const auto file = arguments.text("energy-table")) {
    table = read_energy_table(*file);
    check_energy_table(*table, network, *file);
  }
  if (logits && dataset.recorded) fail_input("run: --logits: recorded layer inputs give no logits; leave it out");

  RunResult result;
  {
    ProgressDisplay progress(arguments.has("quiet"));
    options.progress = progress.function();
    result = replay(network, hardware, dataset, options);
  }
  if (table) account(result, network, *table);
  if (logits) write_file_atomically(*logits, logits_npy(result));
  if (out) {
    std::vector<std::string> words = {"run"};
    words.insert(words.end(), given.begin(), given.end());
    write_result_folder(*out, result, {std::string(program_version()), shell_command(words)});
  }
  if (!arguments.has("quiet")) print(run_text(result, style_of_stdout()));
  return exit_good;
}

}  // namespace cimcycle
