// SPDX-License-Identifier: Apache-2.0
// Integer steps of the `calibrated` ADC transfer, chosen per layer and path.
#pragma once

#include <cstdint>

#include "data/dataset.h"
#include "hardware/hardware.h"
#include "network/network.h"

namespace cimcycle {

/// Sets dec3.adc_step_msb and adc_step_lsb of every layer with weights to the steps that change its accumulators least
/// (sum of squares against an ideal ADC, everything read) on the first `images` images.
void calibrate_adc_steps(Network& network, const Hardware& hardware, const Dataset& training, std::int64_t images);

}  // namespace cimcycle
