// SPDX-License-Identifier: Apache-2.0
#include "crossbar/input_window.h"

#include <algorithm>
#include <cstring>

namespace cimcycle {

void pad_input(const PackedLayer& packed, std::span<const std::int16_t> input, std::span<const int> pad,
               std::vector<std::uint8_t>& padded) {
  const Layer& layer = *packed.layer;
  const unsigned value_mask = (1u << layer.input_bits) - 1u;
  const std::size_t plane =
      static_cast<std::size_t>(packed.padded_height) * static_cast<std::size_t>(packed.padded_width);
  padded.resize(plane * static_cast<std::size_t>(layer.in.channels) + gather_surplus);
  const std::int16_t* from = input.data();
  for (int c = 0; c < layer.in.channels; ++c) {
    std::uint8_t* to = &padded[plane * static_cast<std::size_t>(c)];
    if (layer.padding != Border(0)) {
      std::fill(to, to + plane,
                static_cast<std::uint8_t>(static_cast<unsigned>(pad[static_cast<std::size_t>(c)]) & value_mask));
    }
    for (int y = 0; y < layer.in.height; ++y) {
      std::uint8_t* row = to + (y + layer.padding.top) * packed.padded_width + layer.padding.left;
      for (int x = 0; x < layer.in.width; ++x)
        row[x] = static_cast<std::uint8_t>(static_cast<unsigned>(*from++) & value_mask);
    }
  }
}

const std::uint8_t* window_of(const PackedLayer& layer, const std::vector<std::uint8_t>& padded, int vector) {
  const Directions& stride = layer.layer->stride;
  const int width = layer.layer->out.width;
  return padded.data() + std::int64_t{vector / width} * stride.height * layer.padded_width +
         vector % width * stride.width;
}

void gather(const PackedLayer& layer, const std::uint8_t* window, std::uint8_t* to) {
  const std::size_t length = static_cast<std::size_t>(layer.run_length);
  if (length > gather_surplus) {
    for (const int offset : layer.run_offset) {
      std::memcpy(to, window + offset, length);
      to += length;
    }
    return;
  }
  // Every copy is a fixed number of bytes, so that it is one instruction; the next run overwrites the surplus.
  for (const int offset : layer.run_offset) {
    std::memcpy(to, window + offset, gather_surplus);
    to += length;
  }
  std::memset(to, 0, gather_surplus - length);
}

}  // namespace cimcycle
