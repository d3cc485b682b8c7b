// SPDX-License-Identifier: Apache-2.0
// Structure and sizes: DNN+NeuroSim V1.3.
#include "circuits/sram.h"

#include <cmath>

#include "circuits/decoder.h"
#include "circuits/gates.h"

namespace cimcycle {

SramCore make_sram_core(const TechNode& node, const Calibration& calibration, int lines, int line_bits,
                        const SramCell& cell) {
  const LogicGate inverter = standard_inverter(node);
  const LayoutSpec& layout = node.layout;
  const double supply = node.transistor.supply_v;
  const double column_m = lines * node.features(cell.cell_height_features);
  const double row_m = line_bits * node.features(cell.cell_width_features);
  const Decoder decoder = make_decoder(node, address_bits_for(lines), DecoderOutput::line,
                                       {.n_f = node.wire.capacitance_f_per_m * row_m, .p_f = 0}, column_m);
  // Below the array: per column three cells of height for precharge, as many for the write driver, in whole rows.
  const double cell_height = node.features(layout.cell_height_features);
  const auto block_area = [&](double width) {
    const int per_row = whole_units(row_m, width);
    return units_needed(line_bits, per_row) * 3 * cell_height * row_m;
  };
  const double precharge_width = 2 * node.features(layout.poly_width_features + layout.poly_gap_features);

  SramCore core;
  core.block.area_m2 =
      column_m * row_m + decoder.block.area_m2 + block_area(precharge_width) + block_area(inverter.width_m);
  // A precharge device as wide as a cell leaves room for it alone, as an inverter without N device.
  const double single_m = node.features(layout.cell_height_features - 2 * layout.edge_features);
  const double precharge_w = single_m * node.transistor.off_current_p_a_per_m / 2 * supply;
  core.block.leakage_w = decoder.block.leakage_w + line_bits * (precharge_w + 3 * inverter.leakage_w);
  core.read_bit_j = calibration.epsilon * decoder.energy_j / line_bits;
  core.write_bit_j = decoder.energy_j / line_bits + inverter.swing_f() * supply * supply;
  core.precharge_bit_j = 2 * node.wire.capacitance_f_per_m * column_m * supply * supply;
  core.delay_s = decoder.delay_s;
  return core;
}

}  // namespace cimcycle
