// SPDX-License-Identifier: Apache-2.0
// The component models of one described chip, each computed once; clock, energies and areas are read off them.
#pragma once

#include <algorithm>
#include <optional>

#include "circuits/adder.h"
#include "circuits/array.h"
#include "circuits/cell_model.h"
#include "circuits/chip_model.h"
#include "circuits/column_mux.h"
#include "circuits/comparator.h"
#include "circuits/decoder.h"
#include "circuits/flip_flop.h"
#include "circuits/readout.h"
#include "circuits/register_file.h"
#include "circuits/row_drivers.h"
#include "circuits/shift_add.h"
#include "circuits/sum_widths.h"
#include "circuits/tech_node.h"
#include "circuits/vector_unit.h"
#include "circuits/wires.h"
#include "hardware/hardware.h"

namespace cimcycle {

struct ChipParts {
  Hardware hardware;
  TechNode node;
  CellModel cell;
  SumWidths widths;
  FlipFlop flip_flop;

  // Around a crossbar.
  CellArray array;
  WordlineDrivers drivers;
  Decoder group_decoder;  ///< selects the row group that is driven
  SourceLineSwitches source_switches;
  LevelShifters level_shifters;
  ColumnMux mux;
  Readout readout;  ///< a converter, with the resolution that is built and priced

  // Behind the converters.
  AddRegister shift_adder;  ///< adder and register of one output's partial sum
  Block shift_add_unit;     ///< what stands behind each converter: the adder without the registers
  double shift_add_j = 0;   ///< one converted value added, mean over the shifts of an 8-bit weight and activation
  std::optional<AdderTree> digit_tree;  ///< popcount over a row group; absent without digital offset sums
  AddRegister row_sum;                  ///< its sum over digits
  std::optional<Adder> offset_adder;    ///< corrects a partial sum by the row sum; absent without offsets
  AddRegister accumulator;
  GateUnit gate;
  int gate_thresholds = 0;
  int gate_mask_bits = 0;
  /// Sums the activations of a row group as they are loaded; absent without gate.input_sums.
  std::optional<AdderTree> input_tree;
  /// Which OU groups of a row group are read, a line per row group; absent without static masks.
  std::optional<RegisterFile> index;

  // Of a tile and of the chip.
  Buffer tile_buffer;
  Buffer global_buffer;
  AddRegister tree_adder;
  VectorLane lane;
  RepeatedWire bus;        ///< fastest wire, inside a tile
  RepeatedWire tree_wire;  ///< of the H-tree

  /// The tree and the register of its sum.
  Block input_sum_block() const { return input_tree->block + input_tree->result_bits * flip_flop.block; }
  double input_sum_j() const {
    return input_tree ? input_tree->energy_j + input_tree->result_bits * flip_flop.energy_j : 0;
  }
  double index_read_bit_j() const { return index ? index->clock_bit_j + index->read_select_bit_j : 0; }
  /// Columns that are converted at a time.
  int columns_per_round() const { return std::min(hardware.adc.per_crossbar, hardware.ou.cols); }
};

/// Reads node and cell and computes every part. Throws InputError.
ChipParts make_chip_parts(const Hardware& hardware, const ChipSize& size);

}  // namespace cimcycle
