// SPDX-License-Identifier: Apache-2.0
// Structure and stage loads: DNN+NeuroSim V1.3.
#include "circuits/decoder.h"

#include <algorithm>

#include "circuits/gates.h"

namespace cimcycle {

namespace {

struct Cells {
  LogicGate inverter, nand, nor, driver;
  int nands = 0;   ///< two-input NANDs of the predecoder
  int nors = 0;    ///< one per line; none up to two address bits
  int tracks = 0;  ///< metal tracks between predecoder and NORs
  bool has_nor() const { return nors > 0; }
  double nor_input_f() const { return has_nor() ? nor.input_f : 0; }
};

Cells cells_of(const TechNode& node, int address_bits, double driver_size) {
  const bool has_nor = address_bits > 2;
  const int odd = address_bits % 2;
  Cells cells;
  cells.inverter = standard_inverter(node);
  cells.nand = standard_nand(node, 2);
  cells.nor = decoder_nor(node, units_needed(address_bits, 2));
  cells.driver = sized_inverter(node, driver_size);
  cells.nands = 4 * (address_bits / 2);
  cells.nors = has_nor ? 1 << address_bits : 0;
  cells.tracks = has_nor ? cells.nands + 2 * odd : 0;
  return cells;
}

void set_layout(const TechNode& node, const Cells& cells, DecoderOutput output, double along_m, Decoder& decoder) {
  const double height = cells.nand.height_m;
  const double tracks = node.features(node.layout.metal_pitch_features) * cells.tracks;
  const double line = (cells.has_nor() ? cells.nor.width_m : 0) + 2 * cells.driver.width_m +
                      (output == DecoderOutput::mux ? cells.nand.width_m : 0);
  if (along_m > 0) {
    const int per_column = whole_units(along_m, height);
    decoder.height_m = std::max(along_m, height);
    decoder.width_m = cells.nand.width_m * units_needed(cells.nands, per_column) + tracks +
                      line * units_needed(cells.nors, per_column);
  } else {
    decoder.height_m = std::max({cells.nors, cells.nands, 1}) * height;
    // The layout keeps room for a NOR of one input where a decoder needs none.
    const double nor_room = cells.has_nor() ? 0 : cells.nor.width_m;
    decoder.width_m = cells.inverter.width_m + cells.nand.width_m + tracks + nor_room + line;
  }
  decoder.block.area_m2 = decoder.width_m * decoder.height_m;
}

void set_delay(const Cells& cells, DecoderOutput output, DecoderLoad load, Decoder& decoder) {
  const bool mux = output == DecoderOutput::mux;
  const LogicGate &nand = cells.nand, &driver = cells.driver;
  const double next_input = mux ? nand.input_f : cells.inverter.input_f;
  StageChain chain;
  chain.add(cells.inverter.resistance_n, cells.inverter.output_f + 2 * nand.input_f);
  if (cells.has_nor()) {
    chain.add(2 * nand.resistance_n, nand.output_f + cells.nor.input_f * cells.nors / 4);
    chain.add(2 * cells.nor.resistance_p, cells.nor.output_f + next_input);
  } else {
    // DNN+NeuroSim lets the NANDs of a decoder without NORs drive the load of the N side, and starts the drivers anew.
    chain.add(2 * nand.resistance_n, nand.output_f + load.n_f);
    chain.restart();
  }
  if (mux) {
    chain.add(nand.resistance_n, nand.output_f + cells.inverter.input_f);
    chain.add(driver.resistance_p, driver.output_f + driver.input_f + load.n_f);
    decoder.output_ramp = chain.ramp();
    chain.add(driver.resistance_n, driver.output_f + load.p_f);
  } else {
    chain.add(driver.resistance_n, driver.output_f + driver.input_f);
    decoder.output_ramp = chain.ramp();
    chain.add(driver.resistance_p, driver.output_f + load.n_f);
  }
  decoder.delay_s = chain.delay();
}

double access_energy(const TechNode& node, const Cells& cells, DecoderOutput output, int address_bits) {
  const bool mux = output == DecoderOutput::mux;
  const LogicGate &inverter = cells.inverter, &nand = cells.nand, &driver = cells.driver;
  const double predecoder = (inverter.input_f + 2 * nand.input_f) * 2 * (address_bits / 2);
  const double odd_address = address_bits % 2 == 1 ? inverter.input_f + cells.nor_input_f() * cells.nors / 2 : 0;
  const double nands = (nand.output_f + cells.nor_input_f() * cells.nors / 4) * cells.nands / 4;
  const double line = (cells.has_nor() ? cells.nor.output_f : 0) + (mux ? nand.input_f : inverter.input_f);
  const double drivers = mux ? nand.output_f + driver.input_f + driver.output_f + driver.input_f + driver.output_f
                             : 2 * (driver.input_f + driver.output_f);
  const double supply = node.transistor.supply_v;
  return supply * supply * (predecoder + odd_address + nands + line + drivers);
}

}  // namespace

Decoder make_decoder(const TechNode& node, int address_bits, DecoderOutput output, DecoderLoad load, double along_m,
                     double driver_size) {
  Decoder decoder;
  decoder.address_bits = address_bits;
  if (address_bits == 0) return decoder;
  const Cells cells = cells_of(node, address_bits, driver_size);
  set_layout(node, cells, output, along_m, decoder);
  set_delay(cells, output, load, decoder);
  decoder.energy_j = access_energy(node, cells, output, address_bits);
  const double drivers_leakage =
      output == DecoderOutput::mux ? cells.nand.leakage_w + 2 * cells.inverter.leakage_w : 2 * cells.driver.leakage_w;
  // Lines are counted by their NORs: the drivers of a decoder without NORs take no area and do not leak.
  const double line_leakage = cells.nor.leakage_w + drivers_leakage;
  decoder.block.leakage_w =
      address_bits * cells.inverter.leakage_w + cells.nands * cells.nand.leakage_w + cells.nors * line_leakage;
  return decoder;
}

int address_bits_for(int lines) {
  int bits = 0;
  while ((1 << bits) < lines) ++bits;
  return bits;
}

}  // namespace cimcycle
