// SPDX-License-Identifier: Apache-2.0
// A run of the cycle-level simulator in the groups that NeuroSim reports, so that both can stand side by side.
#pragma once

#include "network/network.h"
#include "neurosim/result.h"
#include "replay/run_result.h"

namespace cimcycle {

/// Sorts the figures of a run of one image into NeuroSim's groups (docs/neurosim-comparison.md, "Groups"). A pooling
/// layer counts with the layer before it. The floorplan stays empty.
NeurosimResult simulated_groups(const RunResult& run, const Network& network);

}  // namespace cimcycle
