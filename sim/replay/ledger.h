// SPDX-License-Identifier: Apache-2.0
// From what was read to what is paid for: integer action counts of a layer. Energy is counts x factors
// (circuits/actions.h).
#pragma once

#include "chip/layer_time.h"
#include "circuits/actions.h"
#include "crossbar/layer_reader.h"
#include "hardware/hardware.h"
#include "mapping/mapping.h"
#include "network/network.h"
#include "replay/run_result.h"

namespace cimcycle {

/// Counts of a layer with weights for one image or a sum of images: reads, conversions, statistics and all actions of
/// crossbars and gates. `treatment` is the chip itself or one of the baselines on the same inputs.
LayerCounts count_reads(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware,
                        const ReadStats& stats, GateTreatment treatment);

/// Actions of one image that do not depend on its content: register loads, buffers, links, adder trees, digital part.
/// `mapping` is null for pooling layers.
ActionCounts count_movement(const Layer& layer, const Network& network, const LayerMapping* mapping,
                            const Hardware& hardware);

/// Bits of one value of the layer's residual; 0 without one.
int residual_bits(const Layer& layer, const Network& network);

}  // namespace cimcycle
