// SPDX-License-Identifier: Apache-2.0
// Charge-decrement converter: the neuron of the NeuRRAM chip. One amplifier per column adds up a multi-bit input on a
// capacitor, then takes charge away bit by bit. Model: docs/models/circuits.md, "Charge-decrement converter".
#pragma once

#include "circuits/tech_node.h"

namespace cimcycle {

struct ChargeDecrementAdc {
  int bits = 0;             ///< of the output, sign included
  int pulses = 0;           ///< of the array: one per bit of the input digit
  double area_m2 = 0;       ///< no data for leakage
  double conversion_s = 0;  ///< integration of the whole digit, sampling and all decrements
  double conduction_s = 0;  ///< time in which cells of a full digit conduct: all pulses
  double power_w = 0;       ///< of the amplifier, while it converts
  double energy_j() const { return power_w * conversion_s; }
};

/// `bits` of output from a digit of `digit_bits` bits. Throws InputError if the node has no section charge_decrement.
ChargeDecrementAdc make_charge_decrement_adc(const TechNode& node, int bits, int digit_bits);

}  // namespace cimcycle
