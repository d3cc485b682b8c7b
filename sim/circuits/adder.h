// SPDX-License-Identifier: Apache-2.0
// Ripple-carry adder of two-input NANDs, and trees of them. Model: docs/models/circuits.md, "Adders".
#pragma once

#include <vector>

#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// One ripple adder. Energy is that of one addition with the activity factor delta.
struct Adder {
  int bits = 0;
  Block block;
  double energy_j = 0;
  double delay_s = 0;
};

/// `bits` >= 1; `load_f` is the capacitance that the sum and the carry drive.
Adder make_adder(const TechNode& node, const Calibration& calibration, int bits, double load_f = 0);

/// A tree that adds `inputs` numbers of `bits` bits; numbers grow by one bit per level.
struct AdderTree {
  int inputs = 0;
  int levels = 0;
  int result_bits = 0;
  Block block;
  double energy_j = 0;  ///< of one addition over all inputs
  double delay_s = 0;
  std::vector<double> level_delays_s;  ///< its parts
};

/// `inputs` >= 1 (1: nothing to add). Level k holds floor(inputs / 2^k) adders, as in DNN+NeuroSim.
AdderTree make_adder_tree(const TechNode& node, const Calibration& calibration, int inputs, int bits,
                          double load_f = 0);

/// A tree that counts digits: the sum of `inputs` numbers of `bits` bits, odd ones passed on to the next level, so that
/// every input is added (inputs - 1 adders in all).
AdderTree make_popcount_tree(const TechNode& node, const Calibration& calibration, int inputs, int bits);

/// Bits of the largest value of an unsigned number: 0 -> 1, 1 -> 1, 2 -> 2, 255 -> 8.
int bits_for(double largest);

}  // namespace cimcycle
