// SPDX-License-Identifier: Apache-2.0
// Whether a dataset and a network belong together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "mapping/mapping.h"
#include "network/network.h"

namespace cimcycle {

/// Throws InputError unless images have the network's size and at most as many classes as it has logits, and a network
/// of recorded layers comes with recorded inputs.
void check_fit(const Network& network, const Dataset& dataset);

/// Throws InputError unless `asked` of the dataset's training images are there, and at least one is asked for.
void check_training_images(const Dataset& dataset, std::int64_t asked);

/// The recorded input of every mapped layer, in the order of the mapping; nothing for a dataset of images. Throws
/// InputError where the recording does not fit the network.
std::vector<std::span<const std::int16_t>> recorded_inputs_of(const Network& network, const NetworkMapping& mapping,
                                                              const Dataset& dataset);

}  // namespace cimcycle
