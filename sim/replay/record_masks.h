// SPDX-License-Identifier: Apache-2.0
// Every mask element of a network on some images: which OU groups were read, or had their low part read.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mapping/mapping.h"
#include "network/network.h"
#include "replay/image_run.h"

namespace cimcycle {

/// The masks of one layer.
struct LayerMasks {
  std::string name;
  /// Images, rows and columns of the results, row groups, output blocks.
  std::array<std::int64_t, 5> shape{};
  /// Bytes in that order, row-major: 1 = the gate is open. Gates that decide once for all row groups repeat themselves;
  /// granularity `output`: 1 if one of the block's outputs asked.
  std::vector<std::uint8_t> open;
};

/// Bytes of the masks of one image, all layers together.
std::int64_t mask_bytes_per_image(const Network& network, const NetworkMapping& mapping);

/// Masks of all layers that have one (a gate, or groups left out for good) with the chip's own numerics, in network
/// order. Throws InputError if there is no such layer or the dataset does not fit the network.
std::vector<LayerMasks> record_masks(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                                     const ImageRun& run);

}  // namespace cimcycle
