// SPDX-License-Identifier: Apache-2.0
// OU groups of pruning-mode layers (lb = 0 with a gate on partial sums) that never open on training images: what the
// hardware may leave out where gate.mask_known is `static`.
#pragma once

#include "hardware/hardware.h"
#include "mapping/mapping.h"
#include "network/network.h"
#include "replay/image_run.h"

namespace cimcycle {

/// Pruning mode with a mask of partial sums: a gate max or mean without low bits.
bool is_pruned(const Layer& layer);

/// Sets dec3.removed_groups of every layer that is_pruned, from all images of `training`, thresholds as they are.
void record_removed_groups(Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                           const ImageRun& training);

}  // namespace cimcycle
