// SPDX-License-Identifier: Apache-2.0
// One bit of the adder is nine two-input NANDs: DNN+NeuroSim V1.3.
#include "circuits/adder.h"

#include <cmath>

#include "circuits/gates.h"

namespace cimcycle {

namespace {

constexpr int nands_per_bit = 9;

double ripple_delay(const LogicGate& nand, int bits, double load_f) {
  const double in = nand.input_f, out = nand.output_f;
  const double pull_down = 2 * nand.resistance_n;  // two devices in series
  StageChain chain;
  chain.add(pull_down, out + 3 * in);
  chain.add(nand.resistance_p, out + 2 * in);
  if (bits > 2) {
    const double carry = chain.add(pull_down, out + 3 * in) + chain.add(nand.resistance_p, out + 2 * in);
    chain.repeat((bits - 3) * carry);
  }
  chain.add(pull_down, out + 3 * in);
  chain.add(nand.resistance_p, out + in);
  chain.add(pull_down, out + load_f);
  return chain.delay();
}

void add_level(const TechNode& node, const Calibration& calibration, AdderTree& tree, int adders, int bits,
               double load_f) {
  const Adder adder = make_adder(node, calibration, bits, load_f);
  tree.block += adders * adder.block;
  tree.energy_j += adders * adder.energy_j;
  tree.delay_s += adder.delay_s;
  tree.level_delays_s.push_back(adder.delay_s);
  ++tree.levels;
}

}  // namespace

Adder make_adder(const TechNode& node, const Calibration& calibration, int bits, double load_f) {
  const LogicGate nand = standard_nand(node, 2);
  const double supply = node.transistor.supply_v;
  Adder adder;
  adder.bits = bits;
  adder.block = {.area_m2 = nands_per_bit * bits * nand.area_m2, .leakage_w = nands_per_bit * bits * nand.leakage_w};
  const double first_bit = 14 * nand.input_f + 7 * nand.output_f;
  const double further_bit = 13 * nand.input_f + 7 * nand.output_f;
  adder.energy_j = calibration.delta * supply * supply * (first_bit + (bits - 1) * further_bit);
  adder.delay_s = ripple_delay(nand, bits, load_f);
  return adder;
}

AdderTree make_adder_tree(const TechNode& node, const Calibration& calibration, int inputs, int bits, double load_f) {
  AdderTree tree;
  tree.inputs = inputs;
  for (int reach = 1, pairs = inputs / 2; reach < inputs; reach *= 2, pairs /= 2) {
    add_level(node, calibration, tree, pairs, bits + tree.levels, load_f);
  }
  tree.result_bits = bits + tree.levels;
  return tree;
}

AdderTree make_popcount_tree(const TechNode& node, const Calibration& calibration, int inputs, int bits) {
  AdderTree tree;
  tree.inputs = inputs;
  for (int numbers = inputs; numbers > 1; numbers = units_needed(numbers, 2)) {
    add_level(node, calibration, tree, numbers / 2, bits + tree.levels, 0);
  }
  tree.result_bits = bits + tree.levels;
  return tree;
}

int bits_for(double largest) {
  int bits = 1;
  for (double capacity = 2; capacity <= largest; capacity *= 2) ++bits;
  return bits;
}

}  // namespace cimcycle
