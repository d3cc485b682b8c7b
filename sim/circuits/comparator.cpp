// SPDX-License-Identifier: Apache-2.0
// The comparator bit is DNN+NeuroSim V1.3's; magnitude, OR and registers of the gate are built from the same cells.
#include "circuits/comparator.h"

#include <algorithm>

#include "circuits/gates.h"

namespace cimcycle {

namespace {

struct Cells {
  explicit Cells(const TechNode& node)
      : inverter(standard_inverter(node)),
        nand2(standard_nand(node, 2)),
        nand3(standard_nand(node, 3)),
        nor2(decoder_nor(node, 2)),
        supply2(node.transistor.supply_v * node.transistor.supply_v) {}
  LogicGate inverter, nand2, nand3, nor2;
  double supply2;
};

Block block_of(const LogicGate& gate) { return {.area_m2 = gate.area_m2, .leakage_w = gate.leakage_w}; }

/// A comparator bit is 4 inverters, 4 two-input and 3 three-input NANDs.
Block bit_block(const Cells& cells) {
  return 4 * block_of(cells.inverter) + 4 * block_of(cells.nand2) + 3 * block_of(cells.nand3);
}

double bit_energy(const Cells& cells) {
  return cells.supply2 * (4 * cells.inverter.swing_f() + 4 * cells.nand2.swing_f() + 3 * cells.nand3.swing_f());
}

double bit_delay(const Cells& cells) {
  StageChain chain;
  chain.add(2 * cells.nand2.resistance_n, cells.nand2.output_f + cells.nand3.input_f);
  chain.add(cells.nand3.resistance_p, cells.nand3.output_f + cells.nand2.input_f);
  return chain.delay();
}

}  // namespace

Comparator make_comparator(const TechNode& node, const Calibration& calibration, int bits) {
  const Cells cells(node);
  Comparator comparator;
  comparator.bits = bits;
  comparator.block = bits * bit_block(cells);
  comparator.energy_j = calibration.epsilon * bits / 2.0 * bit_energy(cells);
  comparator.delay_s = bits * bit_delay(cells);
  return comparator;
}

Comparator make_pooling_comparator(const TechNode& node, const Calibration& calibration, int bits, FoldRule rule) {
  const Cells cells(node);
  const double minimum = node.features(node.layout.minimum_nmos_width_features);
  const double height = cells.inverter.height_m;
  // The declared widths put the sizing for inputs in series on the N side; the wide NOR folds instead of filling a
  // cell.
  const double p_width = minimum * node.p_to_n_ratio();
  const LogicGate nor2 =
      make_gate(node, LogicKind::nor, 2, fill_cell(node, {.n = 4 * minimum, .p = p_width}), height, rule);
  const LogicGate wide = make_gate(node, LogicKind::nor, bits, {.n = 2 * bits * minimum, .p = p_width}, height);
  Comparator comparator = make_comparator(node, calibration, bits);
  comparator.block += 5 * bits * block_of(cells.inverter) + 6 * block_of(cells.inverter) + block_of(cells.nand2) +
                      block_of(cells.inverter) + block_of(nor2) + block_of(wide);
  const double out = cells.inverter.output_f;
  const double glue = cells.supply2 * ((cells.nand2.input_f + out) + (nor2.input_f + out) +
                                       2 * cells.inverter.swing_f() + (wide.input_f + out));
  comparator.energy_j += calibration.epsilon * glue;
  return comparator;
}

GateUnit make_gate_unit(const TechNode& node, const Calibration& calibration, const GateShape& shape) {
  const Cells cells(node);
  const FlipFlop flip_flop = make_flip_flop(node);
  const int signed_bits = shape.sum_bits + 1;
  const Comparator comparator = make_comparator(node, calibration, signed_bits);
  // |P|: every bit is inverted if the sign is set, an exclusive or of four NANDs. The missing +1 of a negative number
  // enters the comparison as a carry.
  const Block magnitude = 4 * signed_bits * block_of(cells.nand2);
  const double magnitude_j = calibration.delta * 4 * signed_bits * cells.supply2 * cells.nand2.swing_f();
  const Block or2 = block_of(cells.nor2) + block_of(cells.inverter);
  const double or2_j = calibration.epsilon * cells.supply2 * (cells.nor2.swing_f() + cells.inverter.swing_f());
  const int ors = shape.outputs_per_block - 1;

  GateUnit unit;
  unit.block = shape.outputs_per_block * (magnitude + comparator.block) + ors * or2 +
               (shape.thresholds * shape.sum_bits + shape.mask_bits) * flip_flop.block;
  unit.comparison_j = magnitude_j + comparator.energy_j;
  unit.decision_j = ors * or2_j + shape.sum_bits * flip_flop.energy_j + flip_flop.energy_j;

  StageChain chain;
  chain.add(2 * cells.nand2.resistance_n, cells.nand2.output_f + 2 * cells.nand2.input_f);
  chain.add(cells.nand2.resistance_p, cells.nand2.output_f + cells.inverter.input_f);
  chain.repeat(comparator.delay_s);
  for (int reach = 1; reach < shape.outputs_per_block; reach *= 2) {
    chain.add(2 * cells.nor2.resistance_p, cells.nor2.output_f + cells.inverter.input_f);
    chain.add(cells.inverter.resistance_n, cells.inverter.output_f + cells.nor2.input_f);
  }
  unit.delay_s = chain.delay();
  return unit;
}

}  // namespace cimcycle
