// SPDX-License-Identifier: Apache-2.0
// Sizes each component from the hardware description.
#include "circuits/chip_parts.h"

#include <algorithm>

namespace cimcycle {

namespace {

// Cores of register-file buffers and the slack of H-tree wires: the default configuration of DNN+NeuroSim V1.3.
constexpr int tile_core_lines = 32, tile_core_bits = 32;
constexpr int global_core_lines = 128, global_core_bits = 128;
constexpr double tree_delay_tolerance = 0.1;

void add_accumulation(ChipParts& parts) {
  const TechNode& node = parts.node;
  const Calibration& calibration = node.calibration;
  const Hardware& hardware = parts.hardware;
  const SumWidths& widths = parts.widths;
  parts.shift_adder = make_add_register(node, calibration, widths.partial_bits, widths.partial_bits);
  parts.shift_add_unit = parts.shift_adder.adder.block;
  parts.shift_add_j = shifted_addition_energy(node, calibration, widths.partial_bits, widths.slices, hardware.cell.bits,
                                              widths.digits, hardware.input.digit_bits);
  if (hardware.mapping.flip) {
    // A column stored inverted is turned back before it is added: the digit's full sum minus the converted value.
    const Adder turn_back = make_adder(node, calibration, bits_for(widths.largest_converted) + 1);
    parts.shift_add_j += turn_back.energy_j;
    parts.shift_add_unit += turn_back.block;
  }
  if (hardware.mapping.cells == CellMapping::offset) {
    parts.offset_adder = make_adder(node, calibration, std::min(widths.partial_bits + 1, max_sum_bits));
    if (hardware.mapping.offset_sum == OffsetSum::digital) {
      parts.digit_tree = make_popcount_tree(node, calibration, hardware.ou.rows, hardware.input.digit_bits);
      parts.row_sum = make_add_register(node, calibration, widths.row_sum_bits, widths.row_sum_bits);
    }
  }
  parts.accumulator = make_add_register(node, calibration, widths.accumulator_bits, widths.accumulator_bits);
  parts.gate_thresholds = widths.largest_outputs;
  parts.gate_mask_bits = widths.row_groups * widths.column_blocks;
  parts.gate = make_gate_unit(node, calibration,
                              {.outputs_per_block = widths.outputs_per_block,
                               .sum_bits = widths.partial_bits,
                               .thresholds = static_cast<double>(parts.gate_thresholds),
                               .mask_bits = static_cast<double>(parts.gate_mask_bits)});
  if (hardware.gate.input_sums) {
    parts.input_tree = make_popcount_tree(node, calibration, hardware.ou.rows, max_activation_bits);
  }
  if (hardware.schedule.zero_weights == ZeroWeights::skip || hardware.gate.mask_known == MaskKnown::static_) {
    parts.index = make_register_file(node, calibration, widths.row_groups, widths.column_blocks);
  }
}

}  // namespace

ChipParts make_chip_parts(const Hardware& hardware, const ChipSize& size) {
  ChipParts parts;
  parts.hardware = hardware;
  parts.node = load_tech_node(hardware.tech.node);
  parts.cell = load_cell_model(hardware.cell.model);
  const TechNode& node = parts.node;
  const Calibration& calibration = node.calibration;

  parts.widths = make_sum_widths(hardware);
  parts.flip_flop = make_flip_flop(node);
  parts.array = make_array(node, parts.cell, hardware.crossbar.rows, hardware.crossbar.cols);
  parts.drivers = make_wordline_drivers(node, parts.cell, parts.array);
  parts.group_decoder = make_decoder(node, address_bits_for(parts.widths.row_groups), DecoderOutput::line, {});
  parts.source_switches = make_source_line_switches(node, parts.array);
  parts.level_shifters = make_level_shifters(node, calibration, parts.cell);
  parts.mux = make_column_mux(node, calibration, parts.cell, parts.array, hardware.adc.per_crossbar);
  const int adc_bits = hardware.adc.transfer == AdcTransfer::ideal ? parts.widths.lossless_bits : hardware.adc.bits;
  parts.readout = make_readout(hardware, node, parts.cell, adc_bits);
  add_accumulation(parts);

  const ChipSpec& chip = hardware.chip;
  parts.tile_buffer =
      make_buffer(node, calibration, chip.tile_buffer_bits, chip.tile_port_bits, tile_core_lines, tile_core_bits);
  parts.global_buffer = make_buffer(node, calibration, chip.global_buffer_bits.value_or(size.activation_bits),
                                    chip.global_port_bits, global_core_lines, global_core_bits);
  parts.tree_adder = make_add_register(node, calibration, max_sum_bits, max_sum_bits);
  parts.lane = make_vector_lane(node, calibration, {.accumulator_bits = max_sum_bits});
  parts.bus = make_repeated_wire(node, 0);
  parts.tree_wire = make_repeated_wire(node, tree_delay_tolerance);
  return parts;
}

}  // namespace cimcycle
