// SPDX-License-Identifier: Apache-2.0
// Picture files as bytes: PNG (through libpng), PPM and PGM.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "network/network.h"

namespace cimcycle {

/// Sides that a picture may have.
inline constexpr int most_picture_side = 8192;

/// Channels (1: grey, 3: colour), rows and columns of a picture, from its header. Throws InputError.
Shape picture_shape(const std::filesystem::path& file);

/// Fills `pixels` (shape.size() bytes, channel-major). Throws InputError if the picture has another shape. Transparency
/// is dropped, samples of other widths are scaled to 8 bits, palettes are resolved, and a gamma that a PNG file states
/// is brought to that of sRGB.
void read_picture(const std::filesystem::path& file, const Shape& shape, std::span<std::uint8_t> pixels);

}  // namespace cimcycle
