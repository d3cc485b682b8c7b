// SPDX-License-Identifier: Apache-2.0
// Accumulation behind the converters: shift-adders, partial-sum registers, accumulator banks, the sum of a row group's
// activations. Model: docs/models/circuits.md, "Accumulation".
#pragma once

#include "circuits/adder.h"
#include "circuits/array.h"
#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// An adder in front of a register: shift-adder, accumulator.
struct AddRegister {
  Adder adder;
  int register_bits = 0;
  Block block;          ///< adder and register
  double energy_j = 0;  ///< one addition: adder (delta) and the register's flip-flops (gamma)
};
AddRegister make_add_register(const TechNode& node, const Calibration& calibration, int adder_bits, int register_bits,
                              FlipFlopDevices devices = FlipFlopDevices::filled);

/// Area of a crossbar's shift-adders as DNN+NeuroSim lays them out: adders, whole rows of flip-flops, one row of
/// wiring.
double shift_add_bank_area(const TechNode& node, const CellArray& array, const AddRegister& unit, int units,
                           int wiring_rows = 1);

/// Mean energy of adding a converted value at one of the shifts 0, weight_step, 2 weight_step ... combined with 0,
/// digit_step ... into a register of `register_bits` bits. Bits below the shift keep their value, and their flip-flops
/// are not clocked.
double shifted_addition_energy(const TechNode& node, const Calibration& calibration, int register_bits,
                               int weight_slices, int weight_step, int digits, int digit_step);

}  // namespace cimcycle
