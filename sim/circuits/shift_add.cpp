// SPDX-License-Identifier: Apache-2.0
// Adders and registers of the accumulation path.
#include "circuits/shift_add.h"

#include <algorithm>

#include "circuits/gates.h"

namespace cimcycle {

AddRegister make_add_register(const TechNode& node, const Calibration& calibration, int adder_bits, int register_bits,
                              FlipFlopDevices devices) {
  const FlipFlop flip_flop = make_flip_flop(node, devices);
  const LogicGate load = devices == FlipFlopDevices::filled ? standard_inverter(node) : sized_inverter(node, 1);
  AddRegister unit;
  unit.adder = make_adder(node, calibration, adder_bits, load.output_f);
  unit.register_bits = register_bits;
  unit.block = unit.adder.block + register_bits * flip_flop.block;
  unit.energy_j = unit.adder.energy_j + calibration.gamma * register_bits * flip_flop.energy_j;
  return unit;
}

double shift_add_bank_area(const TechNode& node, const CellArray& array, const AddRegister& unit, int units,
                           int wiring_rows) {
  const FlipFlop flip_flop = make_flip_flop(node);
  const int per_row = whole_units(array.row_length_m, flip_flop.width_m);
  const int rows = units_needed(units * unit.register_bits, per_row);
  return units * unit.adder.block.area_m2 + (rows + wiring_rows) * flip_flop.height_m * array.row_length_m;
}

double shifted_addition_energy(const TechNode& node, const Calibration& calibration, int register_bits,
                               int weight_slices, int weight_step, int digits, int digit_step) {
  double sum_j = 0;
  for (int slice = 0; slice < weight_slices; ++slice) {
    for (int digit = 0; digit < digits; ++digit) {
      const int bits = std::max(register_bits - slice * weight_step - digit * digit_step, 1);
      sum_j += make_add_register(node, calibration, bits, bits).energy_j;
    }
  }
  return sum_j / (weight_slices * digits);
}

}  // namespace cimcycle
