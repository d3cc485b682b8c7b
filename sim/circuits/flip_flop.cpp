// SPDX-License-Identifier: Apache-2.0
// Sizes: DNN+NeuroSim V1.3. A flip-flop is as wide as 12 standard inverters and leaks like 8; a clocked bit swings the
// inputs of 8 and the outputs of 10 inverters.
#include "circuits/flip_flop.h"

#include "circuits/gates.h"

namespace cimcycle {

FlipFlop make_flip_flop(const TechNode& node, FlipFlopDevices devices) {
  const LogicGate inverter = devices == FlipFlopDevices::filled ? standard_inverter(node) : sized_inverter(node, 1);
  const double supply = node.transistor.supply_v;
  FlipFlop result;
  result.width_m = 12 * inverter.width_m;
  result.height_m = inverter.height_m;
  result.block = {.area_m2 = result.width_m * result.height_m, .leakage_w = 8 * inverter.leakage_w};
  result.energy_j = supply * supply * (8 * inverter.input_f + 10 * inverter.output_f);
  return result;
}

}  // namespace cimcycle
