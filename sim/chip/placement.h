// SPDX-License-Identifier: Apache-2.0
// Which tile holds which crossbar of a layer.
#pragma once

#include "mapping/mapping.h"

namespace cimcycle {

/// Number of an MSB crossbar among the layer's crossbars: column by column, the rows of a column next to each other,
/// so that the crossbars that one adder tree sums share a tile where possible.
inline int msb_crossbar(const LayerMapping& mapping, int row, int column) {
  return column * mapping.row_crossbars + row;
}

/// The same for a crossbar of the separate LSB grid, which follows the MSB grid.
inline int lsb_crossbar(const LayerMapping& mapping, int row, int column) {
  return mapping.row_crossbars * mapping.column_crossbars + msb_crossbar(mapping, row, column);
}

/// Tile of a crossbar, counted from the layer's first tile (LayerMapping::first_tile).
inline int tile_of(int crossbar, int crossbars_per_tile) { return crossbar / crossbars_per_tile; }

}  // namespace cimcycle
