// SPDX-License-Identifier: Apache-2.0
// Labelled images as an .npz file: arrays `images` (N, C, H, W) and `labels` (N,).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "network/network.h"

namespace cimcycle {

/// The bytes of an .npz file (uncompressed) of images (uint8, as many as labels, shape.size() bytes each) and labels
/// (each 0 to 9999; written as uint8 if all fit, else as uint16). Throws InputError at 4 GiB.
std::string npz_file(Shape shape, std::span<const std::uint8_t> images, std::span<const int> labels);

}  // namespace cimcycle
