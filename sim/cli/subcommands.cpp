// SPDX-License-Identifier: Apache-2.0
#include "cli/subcommands.h"

#include <fmt/format.h>

#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/exit_codes.h"
#include "cli/terminal.h"

namespace cimcycle {

int run_subcommand(std::string_view command, std::string_view summary, std::span<const Command> kinds,
                   CommandArguments arguments) {
  std::vector<std::string_view> names;
  for (const Command& kind : kinds) names.push_back(kind.name);
  if (arguments.empty()) fail_input("{}: KIND is missing; known: {}", command, join(names));
  const std::string& word = arguments.front();
  if (word == "--help" || word == "-h") {
    std::string text = fmt::format("usage: cimcycle {} KIND ...\n\n{}\n\n", command, summary);
    for (const Command& kind : kinds) text += fmt::format("  {:<16}{}\n", kind.name, kind.help);
    print(text + fmt::format("\nThe options of a kind: cimcycle {} KIND --help\n", command));
    return exit_good;
  }
  for (const Command& kind : kinds) {
    if (kind.name == word) return kind.function(arguments.subspan(1));
  }
  fail_input("{}: \"{}\" is no kind{}; known: {}", command, printable(word), did_you_mean(word, names), join(names));
}

}  // namespace cimcycle
