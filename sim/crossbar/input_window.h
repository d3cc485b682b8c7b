// SPDX-License-Identifier: Apache-2.0
// A layer's input as its rows see it: the tensor with its border, and the window of one input vector in row order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "crossbar/packed_layer.h"

namespace cimcycle {

/// Bytes that gather may write, and padded inputs hold, behind the last activation.
inline constexpr std::size_t gather_surplus = 8;

/// The input with its border, as the low bits of each value (a signed value's two's complement digits).
/// `input`: channel-major, in.size() values; `pad`: per input channel, what padding holds.
void pad_input(const PackedLayer& layer, std::span<const std::int16_t> input, std::span<const int> pad,
               std::vector<std::uint8_t>& padded);

/// Where the window of an input vector begins in a padded input.
const std::uint8_t* window_of(const PackedLayer& layer, const std::vector<std::uint8_t>& padded, int vector);

/// The activations of a window, in the order of the rows; `to`: [rows + gather_surplus].
void gather(const PackedLayer& layer, const std::uint8_t* window, std::uint8_t* to);

}  // namespace cimcycle
