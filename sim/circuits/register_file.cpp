// SPDX-License-Identifier: Apache-2.0
// Structure of a core: DNN+NeuroSim V1.3.
#include "circuits/register_file.h"

#include <algorithm>

namespace cimcycle {

RegisterFile make_register_file(const TechNode& node, const Calibration& calibration, int lines, int line_bits) {
  const FlipFlop flip_flop = make_flip_flop(node);
  RegisterFile file;
  file.lines = lines;
  file.line_bits = line_bits;
  // The decoder drives the select line over the width of a stored line, taken as one cell height per bit.
  const double line_f = node.wire.capacitance_f_per_m * flip_flop.height_m * line_bits;
  file.decoder = make_decoder(node, address_bits_for(lines), DecoderOutput::line, {.n_f = line_f, .p_f = 0},
                              lines * flip_flop.height_m);
  const double bits = static_cast<double>(lines) * line_bits;
  file.block = bits * flip_flop.block + file.decoder.block;
  file.clock_bit_j = flip_flop.energy_j;
  file.write_select_bit_j = file.decoder.energy_j / line_bits;
  file.read_select_bit_j = calibration.epsilon * file.write_select_bit_j;
  return file;
}

Buffer make_buffer(const TechNode& node, const Calibration& calibration, std::int64_t bits, int port_bits,
                   int core_lines, int core_bits) {
  const int width = static_cast<int>(std::min<std::int64_t>(core_bits, bits));
  const std::int64_t lines_needed = (bits + width - 1) / width;
  const int lines = static_cast<int>(std::min<std::int64_t>(core_lines, lines_needed));
  const std::int64_t core_capacity = std::int64_t{lines} * width;
  Buffer buffer;
  buffer.core = make_register_file(node, calibration, lines, width);
  buffer.cores = std::max((bits + core_capacity - 1) / core_capacity, (std::int64_t{port_bits} + width - 1) / width);
  buffer.read_bit_j = buffer.core.clock_bit_j + buffer.core.read_select_bit_j;
  buffer.write_bit_j = buffer.core.clock_bit_j + buffer.core.write_select_bit_j;
  return buffer;
}

}  // namespace cimcycle
