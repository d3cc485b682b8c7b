// SPDX-License-Identifier: Apache-2.0
// Built from the adders, comparators, gates and flip-flops of the other files; activity factors as for adders.
#include "circuits/vector_unit.h"

#include <algorithm>

#include "circuits/comparator.h"
#include "circuits/gates.h"

namespace cimcycle {

Multiplier make_multiplier(const TechNode& node, const Calibration& calibration, int multiplicand_bits,
                           int multiplier_bits) {
  const LogicGate nand = standard_nand(node, 2);
  const LogicGate inverter = standard_inverter(node);
  const Adder adder = make_adder(node, calibration, multiplicand_bits);
  const double products = static_cast<double>(multiplicand_bits) * multiplier_bits;
  const int rows = std::max(multiplier_bits - 1, 0);
  const Block and_gate = {.area_m2 = nand.area_m2 + inverter.area_m2, .leakage_w = nand.leakage_w + inverter.leakage_w};
  const double supply = node.transistor.supply_v;

  Multiplier multiplier;
  multiplier.block = products * and_gate + rows * adder.block;
  multiplier.energy_j =
      calibration.delta * products * supply * supply * (nand.swing_f() + inverter.swing_f()) + rows * adder.energy_j;
  // The carries of a row run while the row above still settles: one full ripple and one two-bit step per further row.
  multiplier.delay_s = adder.delay_s + rows * make_adder(node, calibration, 2).delay_s;
  return multiplier;
}

Shifter make_shifter(const TechNode& node, const Calibration& calibration, int bits, int count_bits) {
  const LogicGate nand = standard_nand(node, 2);
  const double muxes = static_cast<double>(bits) * count_bits;
  const double supply = node.transistor.supply_v;
  Shifter shifter;
  // A two-way multiplexer is three NANDs; the select line's inverter is shared by the row.
  shifter.block = 3 * muxes * Block{.area_m2 = nand.area_m2, .leakage_w = nand.leakage_w};
  shifter.energy_j = calibration.delta * 3 * muxes * supply * supply * nand.swing_f();
  StageChain chain;
  for (int stage = 0; stage < count_bits; ++stage) {
    chain.add(2 * nand.resistance_n, nand.output_f + nand.input_f);
    chain.add(nand.resistance_p, nand.output_f + 2 * nand.input_f);
  }
  shifter.delay_s = chain.delay();
  return shifter;
}

VectorLane make_vector_lane(const TechNode& node, const Calibration& calibration, const LaneWidths& widths) {
  const FlipFlop flip_flop = make_flip_flop(node);
  const Multiplier multiplier = make_multiplier(node, calibration, widths.accumulator_bits, widths.accumulator_bits);
  const Adder sum = make_adder(node, calibration, widths.sum_bits);
  const Shifter shifter = make_shifter(node, calibration, widths.sum_bits, bits_for(widths.sum_bits - 1));
  const Comparator clamp = make_comparator(node, calibration, widths.sum_bits);
  const Adder pool_adder = make_adder(node, calibration, widths.accumulator_bits);
  const Comparator pool_comparator = make_pooling_comparator(node, calibration, widths.activation_bits);
  const double clocked_bit_j = calibration.gamma * flip_flop.energy_j;

  VectorLane lane;
  // Two multipliers (accumulator, residual), adders for c, the residual and rounding, shifter, both bounds of the
  // clamp, pooling, and the registers behind product, sum, result and pool.
  const int registers = widths.sum_bits * 2 + widths.activation_bits + widths.accumulator_bits;
  lane.block = 2 * multiplier.block + 3 * sum.block + shifter.block + 2 * clamp.block + pool_adder.block +
               pool_comparator.block + registers * flip_flop.block;
  lane.requantization_j = multiplier.energy_j + 2 * sum.energy_j + shifter.energy_j + 2 * clamp.energy_j +
                          (2 * widths.sum_bits + widths.activation_bits) * clocked_bit_j;
  lane.residual_addition_j = multiplier.energy_j + sum.energy_j + widths.sum_bits * clocked_bit_j;
  const double add_j = pool_adder.energy_j + widths.accumulator_bits * clocked_bit_j;
  const double compare_j = pool_comparator.energy_j + widths.activation_bits * clocked_bit_j;
  lane.pool_operation_j = std::max(add_j, compare_j);
  lane.delay_s = multiplier.delay_s + 3 * sum.delay_s + shifter.delay_s + clamp.delay_s;
  return lane;
}

}  // namespace cimcycle
