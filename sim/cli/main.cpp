// SPDX-License-Identifier: Apache-2.0
// The program: finds the command in the table, runs it, and turns exceptions into one line and an exit code.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <new>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"

namespace cimcycle {
namespace {

int help_command(CommandArguments arguments);
int version_command(CommandArguments arguments);

constexpr std::array commands = std::to_array<Command>({
    {"run", "run a network on a chip: accuracy, cycles and energy together", run_command},
    {"calibrate", "choose gate thresholds (and ADC steps) from training images", calibrate_command},
    {"describe", "a chip's area, clock and energy per action; a network's floorplan on it", describe_command},
    {"explain", "formula, inputs, units and sources of a figure", explain_command},
    {"energy-table", "energy of every layer for 1 to 8 bits, and what bit-width pairs can save", energy_table_command},
    {"sweep", "run many chips and networks: every point of a sweep file", sweep_command},
    {"report", "look again at finished sweeps and runs: front, effects, best point", report_command},
    {"compare", "NeuroSim's numbers beside the simulator's, and why they differ", compare_command},
    {"import", "read traces and configurations of other tools", import_command},
    {"export", "write traces for other tools", export_command},
    {"dataset", "look at the images of a dataset, or save them", dataset_command},
    {"help", "this text, or the options of one command: cimcycle help COMMAND", help_command},
    {"version", "the program's version", version_command},
});

std::string overview() {
  std::string text =
      "cimcycle: a cycle-level simulator of ReRAM crossbar accelerators\n\nusage: cimcycle COMMAND ...\n\n";
  for (const Command& command : commands) text += fmt::format("  {:<14}{}\n", command.name, command.help);
  return text +
         "\nexample: cimcycle run models/resnet20-synthetic-dec3-4-4 --hardware tech/chips/ou16-adc5-22nm.json\n";
}

const Command& find_command(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Command& command : commands) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  fail_input("\"{}\" is no command{}; known: {}", printable(name), did_you_mean(name, names), join(names));
}

int help_command(CommandArguments arguments) {
  if (arguments.size() > 1) fail_input("help: \"{}\" is one argument too many", printable(arguments[1]));
  if (arguments.empty()) {
    print(overview());
    return exit_good;
  }
  const Command& command = find_command(arguments.front());
  if (command.function == help_command || command.function == version_command) {
    print(fmt::format("cimcycle {}: {}\n", command.name, command.help));
    return exit_good;
  }
  const std::vector<std::string> help = {"--help"};
  return command.function(help);
}

int version_command(CommandArguments arguments) {
  if (!arguments.empty()) fail_input("version: \"{}\" is one argument too many", printable(arguments[0]));
  print(fmt::format("cimcycle {}\n", program_version()));
  return exit_good;
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) fail_input("no command; see cimcycle help");
  if (arguments.front() == "--help" || arguments.front() == "-h") return help_command({});
  if (arguments.front() == "--version") return version_command({});
  return find_command(arguments.front()).function(CommandArguments(arguments).subspan(1));
}

int complain(int code, std::string_view text) {
  const std::string line = fmt::format("cimcycle: {}\n", text);
  std::fputs(line.c_str(), stderr);
  return code;
}

int run_program(const std::vector<std::string>& arguments) {
  catch_interrupts();
  try {
    return dispatch(arguments);
  } catch (const Interrupted&) {
    return complain(exit_interrupted, "interrupted, nothing was written");
  } catch (const InputError& error) {
    return complain(exit_bad_input, error.what());
  } catch (const RunError& error) {
    return complain(exit_failed, error.what());
  } catch (const std::bad_alloc&) {
    return complain(exit_failed, "out of memory; if the machine has enough, please report this");
  } catch (const std::exception& error) {
    return complain(exit_failed, fmt::format("internal error, please report it with the command: {}", error.what()));
  } catch (...) {
    return complain(exit_failed, "internal error of unknown kind, please report it with the command");
  }
}

}  // namespace
}  // namespace cimcycle

int main(int argc, char** argv) {
  // argc may be 0: the system call that starts a program does not ask for its name.
  return cimcycle::run_program(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}
