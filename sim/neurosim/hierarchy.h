// SPDX-License-Identifier: Apache-2.0
// Processing elements, tiles and the chip around them, built for a floorplan. Model: docs/models/neurosim.md,
// "Processing element", "Tile", "Chip".
#pragma once

#include <map>

#include "circuits/comparator.h"
#include "neurosim/crossbar.h"
#include "neurosim/floorplan.h"
#include "neurosim/parts.h"

namespace cimcycle::neurosim {

/// Bits of a converted value as partial sums start from: the code, or a row's digit sums in a sequential read.
int partial_code_bits(const Setup& setup);
/// Bits of a partial sum that leaves a crossbar.
int partial_sum_bits(const Setup& setup);

struct PeModel {
  int side = 0;       ///< cells
  int crossbars = 0;  ///< per side
  double trees = 0;   ///< adder trees over the rows of crossbars
  AreaParts area;
  double side_m = 0;           ///< of a square of the same area
  double fixed_leakage_w = 0;  ///< without the adder trees
  double built_tree_leakage_w = 0;
  int output_bits = 0;  ///< of a value on the output bus
  double input_register_bits = 0;
  double output_register_bits = 0;
  double input_bus_j = 0;  ///< of one bit
  double output_bus_j = 0;
  double input_bus_s = 0;
  double output_bus_s = 0;
};

struct TileModel {
  bool novel = false;
  int pes = 0;       ///< processing elements that add up: N of a novel tile, per side of a conventional one
  int pe_count = 0;  ///< all of them
  PeModel pe;
  int sum_bits = 0;     ///< that leave a processing element
  int output_bits = 0;  ///< of a value in the output buffer
  double trees = 0;     ///< accumulation units
  BufferModel input;
  BufferModel output;
  WireTree wires;
  AreaParts area;
  double side_m = 0;
  double fixed_leakage_w = 0;  ///< buffers
  double built_accumulation_leakage_w = 0;
};

struct ChipModel {
  double units = 0;  ///< activation units, and trees of the global accumulation
  int sum_bits = 0;  ///< of the global accumulation
  BufferModel buffer;
  WireTree novel_wires;  ///< children of the side of a novel tile
  WireTree conventional_wires;
  /// X-Y buses (V1.4).
  double bus_rows_m = 0;
  double bus_cols_m = 0;
  double bus_rows_s_per_m = 0;
  double bus_cols_s_per_m = 0;
  double bus_bit_per_m_j = 0;
  double pool_units = 0;
  double pool_unit_j = 0;
  double pool_latency = 0;
  double activation_unit_j = 0;
  AreaParts area;
  double peripheral_leakage_w = 0;  ///< trees, buffer, activation: what DNN+NeuroSim leaves out
};

struct Hierarchy {
  CrossbarModel crossbar;
  TileModel novel;
  TileModel conventional;
  ChipModel chip;
  const TileModel& tile(bool is_novel) const { return is_novel ? novel : conventional; }
};

Hierarchy make_hierarchy(const Setup& setup, const Ticks& ticks, const Floorplan& plan, const NeurosimTrace& trace);

}  // namespace cimcycle::neurosim
