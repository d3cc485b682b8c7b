// SPDX-License-Identifier: Apache-2.0
// Commands that come in kinds, such as import: the word after the command chooses.
#pragma once

#include <span>
#include <string_view>

#include "cli/commands.h"

namespace cimcycle {

/// Runs the kind that the first argument names, or prints the kinds for --help. `summary` says what the command does.
/// Throws InputError if there is no such kind.
int run_subcommand(std::string_view command, std::string_view summary, std::span<const Command> kinds,
                   CommandArguments arguments);

}  // namespace cimcycle
