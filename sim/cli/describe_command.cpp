// SPDX-License-Identifier: Apache-2.0
// cimcycle describe: a chip without a run, and a network laid out on it.
#include "cli/arguments.h"
#include "cli/chip_of.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/terminal.h"
#include "report/describe.h"
#include "report/report_json.h"

namespace cimcycle {

int describe_command(CommandArguments given) {
  const Arguments arguments(
      {"describe",
       "Shows a chip's clock, area, leakage and energy per action; with a network also its floorplan\n"
       "and an estimate of memory and time.",
       {},
       {hardware_option, set_option, network_option, json_option}},
      given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const ChipAndNetwork subject = chip_of(arguments);
  std::optional<Placement> placement;
  if (subject.network) placement.emplace(Placement{*subject.network, *subject.mapping});
  const Placement* const placed = placement ? &*placement : nullptr;
  print(arguments.has("json") ? json_text(describe_json(subject.hardware, subject.size, subject.chip, placed))
                              : describe_text(subject.hardware, subject.size, subject.chip, placed, style_of_stdout()));
  return exit_good;
}

}  // namespace cimcycle
