// SPDX-License-Identifier: Apache-2.0
// Flash converter: a multilevel sense amplifier (one sense amplifier per threshold) and its thermometer encoder.
// Model: docs/models/circuits.md, "Flash converter".
#pragma once

#include "circuits/array.h"
#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

struct FlashAdc {
  int bits = 0;
  double levels = 0;   ///< 2^bits
  double area_m2 = 0;  ///< of one converter's sense amplifiers; no data for leakage
  double sense_s = 0;
  double power_per_conductance_v2 = 0;
  double base_power_w = 0;  ///< (levels - 1) x power of a sense amplifier: what does not depend on the column
  /// The part of a conversion's energy that every conversion costs, J.
  double base_energy_j() const { return base_power_w * sense_s; }
};

/// What the sense amplifiers compare.
enum class FlashSense { current, voltage };

/// `bits` 1 to 24 (24 bits are what a lossless converter of the largest possible OU needs).
/// `voltage` needs a node with voltage_sense; throws InputError otherwise.
FlashAdc make_flash_adc(const TechNode& node, int bits, FlashSense sense = FlashSense::current);

/// Power while a column of `column_ohm` (0 or infinite: no cell conducts) is sensed at `read_v`: the whole fit, W.
double flash_power(const TechNode& node, const FlashAdc& adc, double column_ohm, double read_v);

/// Energy that a cell of 1 S adds to a conversion, J/S: the same fit with the exponent taken as 1/resistance, which
/// makes cells add up.
double flash_energy_per_conductance(const TechNode& node, double read_v);

/// Thermometer to binary encoder of one converter. A 1-bit converter has none: all zero.
struct FlashEncoder {
  double leakage_w = 0;
  double delay_s = 0;
  double energy_j = 0;  ///< of one conversion, with the activity of control logic
  double width_m = 0;
  double height_m = 0;
};
FlashEncoder make_flash_encoder(const TechNode& node, const Calibration& calibration, int bits);

/// Area of a crossbar's encoders: packed in rows below the array, whose whole width counts.
double encoder_bank_area(const FlashEncoder& encoder, const CellArray& array, int adcs);

}  // namespace cimcycle
