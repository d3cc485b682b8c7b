// SPDX-License-Identifier: Apache-2.0
// The two halves of check_network. A loader needs them apart: the structure says which tensors to read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "network/network.h"

namespace cimcycle {

/// Everything but weights and digital constants: names, connections, shapes, bits, annotations. Throws InputError.
void check_structure(const Network& network, const std::string& file);

/// Weights, m, c, n, r and removed groups of a network with a good structure. Throws InputError.
void check_values(const Network& network, const std::string& file);

/// The words for inputs that are no layers; no layer may have such a name.
inline constexpr std::string_view image_word = "image", recorded_word = "recorded";

/// "image", "recorded" or the name of the layer.
std::string source_name(const Network& network, int source);

/// Output positions of a window along one side, with `padding` on both sides together; below 1 if it does not fit.
constexpr std::int64_t positions(int size, std::int64_t window, int stride, std::int64_t padding) {
  const std::int64_t room = size + padding - window;
  return room < 0 ? 0 : room / stride + 1;
}

/// "[16, 32, 32]"
std::string shape_text(const Shape& shape);

/// As they stand in network.json: one number where all are the same, else [height, width] or [top, left, bottom,
/// right].
std::string directions_text(const Directions& directions);
std::string border_text(const Border& border);

}  // namespace cimcycle
