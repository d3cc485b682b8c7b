// SPDX-License-Identifier: Apache-2.0
// The commands of the program, one file each. A command reads its own arguments (those after its name), prints what the
// user asked for and returns the exit code; it throws InputError, RunError or Interrupted instead of exiting.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cimcycle {

/// The arguments after the command's name.
using CommandArguments = std::span<const std::string>;

/// One row of the dispatch table in main.cpp.
struct Command {
  std::string_view name;
  std::string_view help;  ///< one line
  int (*function)(CommandArguments);
};

int run_command(CommandArguments arguments);
int calibrate_command(CommandArguments arguments);
int describe_command(CommandArguments arguments);
int explain_command(CommandArguments arguments);
int energy_table_command(CommandArguments arguments);
int dataset_command(CommandArguments arguments);
int sweep_command(CommandArguments arguments);
int report_command(CommandArguments arguments);
int import_command(CommandArguments arguments);
int export_command(CommandArguments arguments);
int compare_command(CommandArguments arguments);

}  // namespace cimcycle
