// SPDX-License-Identifier: Apache-2.0
// The NeuroSim composer: area, clock, latency, energy and leakage of a chip on a trace, added up analytically from the
// circuit components as DNN+NeuroSim V1.3 and V1.4 do. Model: docs/models/neurosim.md
#pragma once

#include "hardware/hardware.h"
#include "neurosim/result.h"
#include "neurosim/trace.h"

namespace cimcycle {

struct CellModel;
struct TechNode;

/// Composes the chip that `hardware` (with a section `neurosim`) describes for the network of the trace. Throws
/// InputError if the description has no such section, asks for what the model has no data for, or if the network does
/// not fit the floorplan rules; the message names key or layer.
NeurosimResult compose(const Hardware& hardware, const NeurosimTrace& trace);

/// The same with a node and a cell at hand instead of the files that the description names.
NeurosimResult compose(const Hardware& hardware, const TechNode& node, const CellModel& cell,
                       const NeurosimTrace& trace);

}  // namespace cimcycle
