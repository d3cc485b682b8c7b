// SPDX-License-Identifier: Apache-2.0
// Where the slow twin puts rows, outputs, slices and digits, found by walking over single rows and blocks.
// Shares plain data structs with the product and no function. Rules: docs/models/numerics.md.
#pragma once

#include <cstdint>
#include <vector>

#include "hardware/hardware.h"
#include "network/network.h"

namespace cimcycle_reference {

/// A row group: consecutive rows of the layer on one crossbar.
struct Group {
  int first_row = 0;
  int rows = 0;
  int crossbar = 0;  ///< along the rows of the layer
};

/// An output block and the crossbars (along the outputs of the layer) that hold its slices.
struct Block {
  int first_output = 0;
  int outputs = 0;
  int crossbar = 0;      ///< of the MSB slices (same_crossbar: of all slices)
  int lsb_crossbar = 0;  ///< separate_crossbars: of the LSB slices, counted in a grid of its own
};

struct Layout {
  int rows = 0;               ///< wordlines of one input vector
  std::vector<Group> groups;  ///< in row order
  std::vector<Block> blocks;  ///< in output order
  int row_crossbars = 0;
  int column_crossbars = 0;      ///< of the grid with the MSB slices
  int lsb_column_crossbars = 0;  ///< separate_crossbars with lb > 0; else 0
  std::vector<int> msb_slices;   ///< bits per slice, least significant first
  std::vector<int> lsb_slices;
  std::vector<int> digits;     ///< bits per input digit, least significant first
  int columns_per_output = 1;  ///< bitlines of one output in a column block
};

/// Throws std::invalid_argument if an output block does not fit a crossbar.
Layout lay_out(const cimcycle::Layer& layer, const cimcycle::Hardware& hardware);

/// `bits` cut into pieces of `piece` bits; the last (most significant) one may be shorter.
std::vector<int> pieces(int bits, int piece);

/// Sum of the bits of the pieces below `index`: the power of two of piece `index`.
int shift_of(const std::vector<int>& pieces, int index);

/// The input vectors of the layer, [vector][row], gathered one element at a time. `activations` is channel-major;
/// `pad_value` has one entry per channel, or is empty for 0.
std::vector<std::vector<int>> input_vectors(const cimcycle::Layer& layer, const std::vector<int>& activations,
                                            const std::vector<int>& pad_value);

}  // namespace cimcycle_reference
