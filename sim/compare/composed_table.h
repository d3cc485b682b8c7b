// SPDX-License-Identifier: Apache-2.0
// E(b) as the paper took it: from NeuroSim's composition of the chip, once for every number of weight bits.
#pragma once

#include "replay/energy_table.h"

namespace cimcycle {

/// E(b) from the composer (docs/models/neurosim.md), the mean over the images. Layers without weights cost nothing of
/// their own: NeuroSim knows no residuals and no average pooling, and counts a max pooling with the layer before it.
/// Throws InputError if `hardware` has no section neurosim or the network does not fit dataset or composer.
EnergyTable composed_energy_table(const Network& network, const Hardware& hardware, const Dataset& dataset,
                                  const EnergyTableOptions& options);

}  // namespace cimcycle
