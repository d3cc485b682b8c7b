// SPDX-License-Identifier: Apache-2.0
// cimcycle explain: formula, inputs, units and sources of a chip's figures.
#include "cli/arguments.h"
#include "cli/chip_of.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/terminal.h"
#include "report/explain.h"
#include "report/report_json.h"

namespace cimcycle {

int explain_command(CommandArguments given) {
  const Arguments arguments({"explain",
                             "Shows how the figures of a component come about: formula, inputs, units, sources.\n"
                             "COMPONENT is a word such as adc, wordline or clock; all shows every figure.",
                             {"COMPONENT"},
                             {hardware_option, set_option, network_option, json_option}},
                            given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const ChipAndNetwork subject = chip_of(arguments);
  const std::vector<Figure> figures = figures_of(subject.chip, arguments.positional(0));
  print(arguments.has("json") ? json_text(explain_json(figures)) : explain_text(figures, style_of_stdout()));
  return exit_good;
}

}  // namespace cimcycle
