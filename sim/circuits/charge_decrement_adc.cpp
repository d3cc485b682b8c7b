// SPDX-License-Identifier: Apache-2.0
// Sequence of operations: Wan et al., Nature 608 (2022), Extended Data Fig. 4.
#include "circuits/charge_decrement_adc.h"

#include <cmath>

#include "base/error.h"

namespace cimcycle {

ChargeDecrementAdc make_charge_decrement_adc(const TechNode& node, int bits, int digit_bits) {
  if (!node.charge_decrement) {
    fail_input("{}: charge_decrement: missing, but adc.type = charge_decrement; use a node that has this section",
               node.file);
  }
  const ChargeDecrementSpec& spec = *node.charge_decrement;
  ChargeDecrementAdc adc;
  adc.bits = bits;
  adc.pulses = digit_bits;
  adc.area_m2 = spec.area_m2;
  // Bit k of the digit is integrated 2^k times.
  const double integrations = std::ldexp(1.0, digit_bits) - 1;
  adc.conversion_s = spec.sample_s + integrations * spec.integrate_s + bits * spec.decrement_s;
  adc.conduction_s = digit_bits * spec.pulse_s;
  adc.power_w = spec.amplifier_w;
  return adc;
}

}  // namespace cimcycle
