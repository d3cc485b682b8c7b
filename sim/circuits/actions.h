// SPDX-License-Identifier: Apache-2.0
// The actions that cost energy. The simulator counts them in integers; the circuits give one factor each; the ledger
// multiplies and adds in this order, so that a total is the same on any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cimcycle {

/// What report.json's energy_pj is broken down into, in this order. `leakage` has no action: it is power x time.
enum class EnergyComponent {
  wordline,
  bitline,
  array,
  adc,
  offset,
  shift_add,
  accumulate,
  gate,
  buffer,
  interconnect,
  digital,
  leakage,
};
inline constexpr int energy_components = 12;
inline constexpr std::array<std::string_view, energy_components> energy_component_names = {
    "wordline",   "bitline", "array",  "adc",          "offset",  "shift_add",
    "accumulate", "gate",    "buffer", "interconnect", "digital", "leakage"};

enum class Action {
  wordline_activation,  ///< one digit of one row group driven on one crossbar (also if no row is on): decoder,
                        ///< flip-flop clocks
  wordline_row,         ///< a row switched on in such an activation: C V^2
  bitline_column,       ///< a column charged for one OU read
  array_level,          ///< sum over converted columns of digit x stored cell level (0 .. 2^slice_bits - 1)
  array_row,            ///< sum over converted columns of the active digits of their rows (the current of level 0)
  conversion,           ///< one ADC use
  offset_digit,         ///< activations of one row group and digit summed by the popcount tree
  shift_add,            ///< one converted value added into a column's partial sum
  accumulation,         ///< one output's partial sum of one OU group (or LSB partner) added into its accumulator
  gate_comparison,      ///< one output's partial sum, or a row group's sum of inputs, compared with the threshold
  gate_decision,        ///< one OU group (or output block) decided: OR over its comparators, threshold and mask bit
  mask_transfer_bit,    ///< a mask bit sent to a separate LSB crossbar
  index_bit,            ///< a bit of a static mask read: whether an OU group of the row group is there
  input_sum,            ///< the activations of a row group summed for a gate on inputs
  input_register_bit,   ///< a bit loaded into a crossbar's input register
  tile_buffer_write_bit,
  tile_buffer_read_bit,
  global_buffer_write_bit,
  global_buffer_read_bit,
  link_bit,             ///< a bit through the H-tree between the global buffer and a tile
  adder_tree_addition,  ///< one output added over row-wise crossbars
  requantization,       ///< multiply by m, add c, shift and clamp one output
  residual_addition,    ///< multiply a residual by r and add it
  pool_operation,       ///< one value taken into a pooling window (compared or added)
};
inline constexpr int action_kinds = 24;

using ActionCounts = std::array<std::int64_t, action_kinds>;
/// Energy of one action in pJ.
using ActionEnergies = std::array<double, action_kinds>;

struct ActionRow {
  std::string_view name;      ///< key in report.json's action counts and in `explain`
  EnergyComponent component;  ///< the line of the breakdown that it belongs to
  std::string_view meaning;
};

/// One row per action, in the order of the enumerators.
extern const std::array<ActionRow, action_kinds> action_rows;

/// Energy per component in pJ: counts x factors, added in the order of the actions. `leakage` stays 0.
std::array<double, energy_components> energy_of(const ActionCounts& counts, const ActionEnergies& factors);

}  // namespace cimcycle
