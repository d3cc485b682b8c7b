// SPDX-License-Identifier: Apache-2.0
// The floorplan: sizes of processing elements and tiles, tiles of each layer, copies of a layer inside its tiles.
// Rules: docs/models/neurosim.md, "Floorplan". All sizes are sides in cells, columns of weights already times slices.
#pragma once

#include <vector>

#include "neurosim/setup.h"
#include "neurosim/trace.h"

namespace cimcycle::neurosim {

struct LayerPlan {
  bool novel = false;
  std::int64_t rows = 0;  ///< of the weight matrix
  std::int64_t cols = 0;  ///< of the weight matrix, in cells
  std::int64_t vectors = 0;
  int tile_rows = 1;  ///< tiles of the layer
  int tile_cols = 1;
  int pe_copy_rows = 1;  ///< copies by whole processing elements (conventional tiles)
  int pe_copy_cols = 1;
  int crossbar_copy_rows = 1;  ///< copies inside a processing element
  int crossbar_copy_cols = 1;
  int pipeline_copies = 1;  ///< copies by whole tiles (pipeline)

  int tiles() const { return tile_rows * tile_cols * pipeline_copies; }
  int copy_rows() const { return pe_copy_rows * crossbar_copy_rows * pipeline_copies; }
  int copy_cols() const { return pe_copy_cols * crossbar_copy_cols; }
  int speed_up() const { return copy_rows() * copy_cols(); }
};

struct Floorplan {
  int novel_pes = 0;  ///< processing elements of a novel tile, 0: none
  int novel_pe = 0;   ///< side of each
  int conventional_tile = 0;
  int conventional_pe = 0;
  std::vector<LayerPlan> layers;
  int novel_tiles = 0;
  int conventional_tiles = 0;
  int grid_rows = 0;
  int grid_cols = 0;
  double global_bus_bits = 0;
  double utilization = 0;  ///< mean over tiles

  int tiles() const { return novel_tiles + conventional_tiles; }
  double layer_utilization(const LayerPlan& layer) const;
  double tile_cells(const LayerPlan& layer) const;
};

/// Throws InputError if the network does not fit the rules (the message says what would).
Floorplan plan(const Setup& setup, const NeurosimTrace& trace);

}  // namespace cimcycle::neurosim
