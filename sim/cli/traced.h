// SPDX-License-Identifier: Apache-2.0
// A network and one image as a NeuroSim trace, as export and compare use it.
#pragma once

#include <string>

#include "cli/arguments.h"
#include "compare/trace_reader.h"

namespace cimcycle {

/// What `place` gives: the trace itself if it is one (a folder or an archive), else the network of that folder on image
/// --image of --dataset or of the dataset that it names. Throws InputError.
TraceRecord traced(const Arguments& arguments, const std::string& place);

}  // namespace cimcycle
