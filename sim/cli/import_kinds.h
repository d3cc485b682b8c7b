// SPDX-License-Identifier: Apache-2.0
// The kinds of import and export, one file each; their tables stand in import_command.cpp and export_command.cpp.
#pragma once

#include "cli/commands.h"

namespace cimcycle {

int import_onnx(CommandArguments arguments);
int import_neurosim_trace(CommandArguments arguments);
int import_neurosim_params(CommandArguments arguments);
int export_masks(CommandArguments arguments);
int export_neurosim_trace(CommandArguments arguments);

}  // namespace cimcycle
