// SPDX-License-Identifier: Apache-2.0
// Address decoder: predecoding NANDs, one NOR and one driver per line. Model: docs/models/circuits.md, "Decoders".
#pragma once

#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// What stands behind the NOR of a line.
enum class DecoderOutput {
  line,  ///< two inverters of twice the minimum size
  mux,   ///< enable NAND and two standard inverters that drive both sides of a pass gate
};

struct Decoder {
  int address_bits = 0;
  Block block;
  double width_m = 0;
  double height_m = 0;
  double energy_j = 0;  ///< one access at full activity; reads are charged with epsilon
  double delay_s = 0;
  double output_ramp = 0;  ///< of the first driver inverter, 1/s
};

/// Capacitance that one line drives: of a `mux` decoder the gates of the N and of the P devices apart.
struct DecoderLoad {
  double n_f = 0;
  double p_f = 0;  ///< `mux` only
};

/// `address_bits` 0 (a single line) is no decoder: all zero. With `along_m` > 0 the cells are stacked along that
/// height, otherwise in one column. `driver_size`: of the last inverters, in minimum inverters.
Decoder make_decoder(const TechNode& node, int address_bits, DecoderOutput output, DecoderLoad load, double along_m = 0,
                     double driver_size = 2);

/// Address bits that select one of `lines`.
int address_bits_for(int lines);

}  // namespace cimcycle
