// SPDX-License-Identifier: Apache-2.0
// Names of the actions, and the ledger's sum.
#include "circuits/actions.h"

#include <cstddef>

namespace cimcycle {

using enum EnergyComponent;

constinit const std::array<ActionRow, action_kinds> action_rows = {{
    {"wordline_activation", wordline, "one digit of one row group driven on one crossbar: flip-flop clocks, decoder"},
    {"wordline_row", wordline, "a row switched on in such an activation"},
    {"bitline_column", bitline, "a column charged and connected for one OU read"},
    {"array_level", array, "input digit x stored cell level, summed over converted columns"},
    {"array_row", array, "input digits of the rows of converted columns, summed: the current of level 0"},
    {"conversion", adc, "one ADC use"},
    {"offset_digit", offset, "one digit of one row group summed over its rows"},
    {"shift_add", EnergyComponent::shift_add, "one converted value added into its partial sum"},
    {"accumulation", accumulate, "one output's partial sum of one OU group or LSB partner added to its accumulator"},
    {"gate_comparison", gate, "one output's partial sum, or a row group's sum of inputs, compared with its threshold"},
    {"gate_decision", gate, "one OU group or output block decided"},
    {"mask_transfer_bit", gate, "a mask bit sent to a separate LSB crossbar"},
    {"index_bit", gate, "a bit of a static mask read: whether an OU group is there"},
    {"input_sum", gate, "the activations of a row group summed for a gate on inputs"},
    {"input_register_bit", buffer, "a bit loaded into a crossbar's input register"},
    {"tile_buffer_write_bit", buffer, "a bit written into a tile buffer"},
    {"tile_buffer_read_bit", buffer, "a bit read from a tile buffer"},
    {"global_buffer_write_bit", buffer, "a bit written into the global buffer"},
    {"global_buffer_read_bit", buffer, "a bit read from the global buffer"},
    {"link_bit", interconnect, "a bit through the H-tree between global buffer and tile"},
    {"adder_tree_addition", digital, "one output added over row-wise crossbars"},
    {"requantization", digital, "one output multiplied, offset, shifted and clamped"},
    {"residual_addition", digital, "a residual multiplied and added"},
    {"pool_operation", digital, "one value taken into a pooling window"},
}};

std::array<double, energy_components> energy_of(const ActionCounts& counts, const ActionEnergies& factors) {
  std::array<double, energy_components> energy{};
  for (std::size_t action = 0; action < action_kinds; ++action) {
    const auto component = static_cast<std::size_t>(action_rows[action].component);
    energy[component] += static_cast<double>(counts[action]) * factors[action];
  }
  return energy;
}

}  // namespace cimcycle
