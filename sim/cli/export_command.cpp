// SPDX-License-Identifier: Apache-2.0
// cimcycle export: this program's files out to other tools.
#include <array>

#include "cli/import_kinds.h"
#include "cli/subcommands.h"

namespace cimcycle {

int export_command(CommandArguments arguments) {
  // The one place that lists the kinds.
  constexpr std::array<Command, 2> kinds = {{
      {"masks", "every gate decision of the first images, as NumPy arrays", export_masks},
      {"neurosim-trace", "a network and what its layers read for one image as a trace of DNN+NeuroSim",
       export_neurosim_trace},
  }};
  return run_subcommand("export", "Writes files that another tool reads.", kinds, arguments);
}

}  // namespace cimcycle
