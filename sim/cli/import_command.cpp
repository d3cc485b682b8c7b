// SPDX-License-Identifier: Apache-2.0
// cimcycle import: other tools' files in.
#include <array>

#include "cli/import_kinds.h"
#include "cli/subcommands.h"

namespace cimcycle {

int import_command(CommandArguments arguments) {
  // The one place that lists the kinds.
  constexpr std::array<Command, 3> kinds = {{
      {"onnx", "an ONNX model as a network: quantized as it is, or quantized here", import_onnx},
      {"neurosim-trace", "a trace of DNN+NeuroSim as a network with recorded layer inputs", import_neurosim_trace},
      {"neurosim-params", "a configuration of DNN+NeuroSim (its Param.cpp) as a hardware file", import_neurosim_params},
  }};
  return run_subcommand("import", "Reads the files of another tool and writes them in this program's formats.", kinds,
                        arguments);
}

}  // namespace cimcycle
