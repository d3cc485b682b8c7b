// SPDX-License-Identifier: Apache-2.0
// Register-file buffers: flip-flops with a line decoder, in cores. Model: docs/models/circuits.md, "Buffers".
#pragma once

#include <cstdint>

#include "circuits/decoder.h"
#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// One core of `lines` lines of `line_bits` bits.
struct RegisterFile {
  int lines = 0;
  int line_bits = 0;
  Block block;
  Decoder decoder;
  double clock_bit_j = 0;         ///< one bit's flip-flop clocked
  double read_select_bit_j = 0;   ///< decoder's share of one bit of a read line, with the activity of control logic
  double write_select_bit_j = 0;  ///< the same of a written line, at full activity
};
RegisterFile make_register_file(const TechNode& node, const Calibration& calibration, int lines, int line_bits);

/// A buffer of equal cores, wide enough for a port of `port_bits` bits.
struct Buffer {
  RegisterFile core;
  std::int64_t cores = 0;
  double read_bit_j = 0;   ///< clock_bit_j + read_select_bit_j
  double write_bit_j = 0;  ///< clock_bit_j + write_select_bit_j
};
/// Cores have at most `core_lines` x `core_bits` bits; a buffer that needs less than one core gets one smaller core.
Buffer make_buffer(const TechNode& node, const Calibration& calibration, std::int64_t bits, int port_bits,
                   int core_lines, int core_bits);

}  // namespace cimcycle
