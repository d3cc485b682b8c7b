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

/// Fills `pixels` (shape.size() bytes, channel-major). Grey pictures are read as colour and colour as grey only if they
/// are that: another shape than the file's is an InputError. Transparency is dropped, 16-bit samples lose their low
/// byte, palettes are resolved.
void read_picture(const std::filesystem::path& file, const Shape& shape, std::span<std::uint8_t> pixels);

}  // namespace cimcycle
