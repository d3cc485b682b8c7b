// SPDX-License-Identifier: Apache-2.0
// Layers to crossbars: row groups, output blocks, column blocks, and the crossbars and tiles that hold them.
//
//   rows of the layer ->  row groups (ou.rows rows, never across crossbars) -> crossbar rows
//   outputs           ->  output blocks -> column blocks (one slice of one output block each) -> crossbar columns
//
// Channel groups (Layer::groups) lie one below the other: each has row groups of its own, and all use the same columns,
// because an OU read drives one row group. The blocks are those of one channel group.
//
// A layer's crossbars form a grid: `row_crossbars` x `column_crossbars`, once for same_crossbar, and twice (an MSB grid
// and an LSB grid with the same rows) for separate_crossbars.
#pragma once

#include <cstdint>
#include <vector>

#include "hardware/hardware.h"
#include "network/network.h"

namespace cimcycle {

struct RowGroup {
  int first_row = 0;  ///< row of the layer
  int rows = 0;       ///< 1 to ou.rows
  int crossbar = 0;   ///< index along the layer's crossbar rows
};

struct OutputBlock {
  int first_output = 0;  ///< of a channel group (Layer::groups); every group's outputs lie in the same columns
  int outputs = 0;       ///< 1 to outputs per block
  int crossbar = 0;      ///< index along the layer's crossbar columns (of the MSB grid)
};

/// Bits held by each slice of one path, from the least significant slice to the most significant one.
using SliceBits = std::vector<int>;

struct LayerMapping {
  int layer = 0;                    ///< index in the network
  std::vector<RowGroup> groups;     ///< in row order
  std::vector<OutputBlock> blocks;  ///< in output order
  int row_crossbars = 0;
  int crossbars_per_sum = 0;            ///< row crossbars that hold rows of one output; below row_crossbars with groups
  int column_crossbars = 0;             ///< of the grid that holds the MSB slices
  int lsb_column_crossbars = 0;         ///< of the separate LSB grid; 0 if the slices share crossbars or there are none
  std::vector<int> lsb_block_crossbar;  ///< separate LSB grid: crossbar column of each output block
  SliceBits msb_slices;
  SliceBits lsb_slices;              ///< empty if lb = 0
  int outputs_per_block = 0;         ///< ou.cols, or floor(ou.cols / 2) for differential
  int columns_per_output = 1;        ///< 2 for differential
  int digits = 0;                    ///< input digits, ceil(input_bits / digit_bits)
  int low_digits = 0;                ///< digit gating: the least significant ones, which lie behind the gate
  std::vector<int> digit_bits;       ///< bits of each digit, from the least significant to the most significant one
  std::vector<int> group_begin;      ///< groups of crossbar row x: [group_begin[x], group_begin[x + 1])
  std::vector<int> block_begin;      ///< blocks of crossbar column x: [block_begin[x], block_begin[x + 1])
  std::vector<int> lsb_block_begin;  ///< the same for the LSB grid
  /// OU groups that a mask known before the run leaves out (row group major, then output block): 1 = never read. Those
  /// with weights of zero only, if schedule.zero_weights = skip and the layer has neither a gate nor low bits; the
  /// network's removed_groups for a gate without low bits under gate.mask_known = static. Empty: no such mask.
  std::vector<std::uint8_t> removed;
  int first_tile = 0;  ///< a tile is never shared between layers
  int tiles = 0;

  int crossbars() const { return row_crossbars * (column_crossbars + lsb_column_crossbars); }
  /// Digits of what is always read, and of what lies behind the gate: all of them where weights are split.
  int high_digits() const { return digits - low_digits; }
  int digits_behind_gate() const { return low_digits > 0 ? low_digits : digits; }
  /// Slices of what lies behind the gate: those of the low bits, or with digit gating once more those of whole weights.
  int slices_behind_gate() const { return static_cast<int>((low_digits > 0 ? msb_slices : lsb_slices).size()); }
  bool has_static_mask() const { return !removed.empty(); }
  bool separate_lsb() const { return lsb_column_crossbars > 0; }
  /// Cells that hold a weight bit / cells of all crossbars.
  double cell_utilization = 0;
};

struct NetworkMapping {
  std::vector<LayerMapping> layers;  ///< one per layer with weights, in network order
  int tiles = 0;                     ///< used tiles
  int crossbars = 0;                 ///< used crossbars
  int activation_bits = 0;           ///< most bits of activations that are alive at a time, layer by layer
};

/// Whether OU groups of the layer may go unread: a gate decides, or a static mask has decided.
inline bool has_mask(const Layer& layer, const LayerMapping& mapping) {
  return layer.dec3.gate != GateKind::none || mapping.has_static_mask();
}

/// Whether the layer skips OU groups of zeros (schedule.zero_weights): a static mask without a gate.
inline bool skips_zeros(const Layer& layer, const LayerMapping& mapping) {
  return layer.dec3.gate == GateKind::none && mapping.has_static_mask();
}

/// Whether a gate decides before anything of its OU groups is read: it looks at the inputs, or (lb = 0) gate.mask_known
/// says so.
inline bool decides_before_reads(const Layer& layer, const Hardware& hardware) {
  if (layer.dec3.gate == GateKind::inputs) return true;
  return layer.dec3.gate != GateKind::none && !layer.dec3.has_low_part() &&
         hardware.gate.mask_known != MaskKnown::after_read;
}

/// Maps one layer. Throws InputError (with the layer's name) if an output block does not fit a crossbar.
LayerMapping map_layer(const Layer& layer, int index, const Hardware& hardware);

/// Maps all layers and places them on tiles in network order. Throws InputError if chip.tiles is given and too small
/// or chip.global_buffer_bits is given and too small (the text says how many are needed).
NetworkMapping map_network(const Network& network, const Hardware& hardware);

}  // namespace cimcycle
