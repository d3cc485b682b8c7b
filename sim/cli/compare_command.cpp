// SPDX-License-Identifier: Apache-2.0
// cimcycle compare: NeuroSim's composition of a chip beside its log, without its deviations, and beside the simulation.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "cli/traced.h"
#include "compare/comparison_report.h"
#include "report/shell_words.h"

namespace cimcycle {
namespace {

/// The files of a result folder; an earlier result is replaced.
constexpr std::string_view result_files = "compare.json compare.csv compare.html";

Syntax compare_syntax() {
  return {"compare",
          "Says what DNN+NeuroSim says about a chip and a trace, and why the simulator disagrees: (a) the composer\n"
          "against a NeuroSim log, (b) what each of its deviations is worth, (c) against the cycle-level simulation.",
          {},
          {{"network", "NETWORK", "network folder, or a NeuroSim trace (folder or .tar.gz)"},
           hardware_option,
           set_option,
           {"dataset", "NAME", "where the image comes from (default: what the network names)"},
           {"image", "I", "number of the image, from 0 (default: 0)"},
           {"neurosim-log", "LOG", "what NeuroSim printed for the same chip and trace"},
           {"without-deviations", "", "leave (b) out"},
           {"without-simulation", "", "leave (c) out"},
           threads_option,
           {"out", "DIR", "write compare.json, compare.csv and compare.html into this folder"},
           quiet_option}};
}

}  // namespace

int compare_command(CommandArguments given) {
  const Arguments arguments(compare_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const std::optional<std::string> place = arguments.text("network");
  if (!place) fail_input("compare: --network NETWORK is missing: a network folder or a NeuroSim trace");
  const std::optional<std::string> out = arguments.text("out");
  if (out) check_folder_writable(*out, result_files);
  const Hardware hardware = arguments.hardware();
  if (!hardware.neurosim) {
    fail_input("{}: has no section neurosim, which says what NeuroSim is asked; inherit from neurosim-1.3-default",
               arguments.text("hardware").value());
  }
  ComparisonOptions options;
  if (const auto log = arguments.text("neurosim-log")) options.log = *log;
  options.deviations = !arguments.has("without-deviations");
  options.simulation = !arguments.has("without-simulation");
  options.threads = arguments.threads();
  options.stop = &stop_requested();
  const Comparison comparison = compare_chip(traced(arguments, *place), hardware, options);
  if (out) {
    std::vector<std::string> words = {"compare"};
    words.insert(words.end(), given.begin(), given.end());
    const ReportContext context{std::string(program_version()), shell_command(words)};
    write_folder_atomically(*out,
                            {{"compare.json", json_text(comparison_json(comparison, context))},
                             {"compare.csv", comparison_csv(comparison)},
                             {"compare.html", comparison_html(comparison, context)}},
                            result_files);
  }
  if (!arguments.has("quiet")) print(comparison_text(comparison, style_of_stdout()));
  return exit_good;
}

}  // namespace cimcycle
