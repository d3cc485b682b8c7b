// SPDX-License-Identifier: Apache-2.0
// Which input positions (all channels of one pixel) a layer's vectors need, and when a tile buffer can let them go.
#pragma once

#include <cstdint>
#include <vector>

#include "network/network.h"

namespace cimcycle {

/// The stream of input positions in raster order, as the vectors (raster order of the outputs) see it.
struct InputWindow {
  std::int64_t position_bits = 0;  ///< of one position: channels x input bits
  int positions = 0;               ///< sent: up to the last one that any vector needs
  /// [vector]: the vector can be loaded when this many positions have arrived. Ascending: the stream never goes back.
  std::vector<int> needed;
  /// [position]: false if no vector needs it; it is sent, but takes no room.
  std::vector<std::uint8_t> kept;
  /// [vector]: positions that leave the buffer once this vector and all before it are loaded.
  std::vector<int> freed;
  /// The most positions that one vector makes the buffer hold: its window and what the raster order puts between.
  int held_at_most = 0;
};

/// Works for convolutions, pooling and linear layers (all positions, one vector).
InputWindow input_window(const Layer& layer);

/// Throws InputError if the positions that one vector makes the buffer hold exceed `tile_buffer_bits`.
void check_window_fits(const InputWindow& window, const Layer& layer, std::int64_t tile_buffer_bits);

}  // namespace cimcycle
