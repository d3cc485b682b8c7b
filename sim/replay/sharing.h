// SPDX-License-Identifier: Apache-2.0
// What chips that run the same network on the same images have in common, so that it is worked out once for all.
#pragma once

#include <string>

#include "chip/layer_time.h"
#include "hardware/hardware.h"

namespace cimcycle {

/// Chips with equal keys read equal partial sums and decide gates alike. The key holds every hardware key but those of
/// which it is known that no sum depends on them, so that a new hardware key separates chips until someone has looked.
/// ADCs that lose nothing are all alike.
std::string numerics_key(const Hardware& hardware);

/// Of chips with equal numerics: those that also issue the same reads.
std::string reads_key(const Hardware& hardware);

/// Of chips with equal reads: those on which every layer takes the same cycles. `spec` is the chip's timing_of.
std::string timing_key(const Hardware& hardware, const TimingSpec& spec);

}  // namespace cimcycle
