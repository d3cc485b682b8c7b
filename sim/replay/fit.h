// SPDX-License-Identifier: Apache-2.0
// Whether a network can look at a dataset's images.
#pragma once

#include "data/dataset.h"
#include "network/network.h"

namespace cimcycle {

/// Throws InputError if the images have another shape than the network reads, or more classes than it has logits.
void check_fit(const Network& network, const Dataset& dataset);

}  // namespace cimcycle
