// SPDX-License-Identifier: Apache-2.0
// One matrix-vector multiplication that fills a crossbar of a described macro, run through the simulator.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cimcycle::silicon {

/// A pass over all inputs with one setting of the hardware. A macro that changes its setting between the bits of an
/// input takes several.
struct Phase {
  int input_bits = 1;
  std::vector<std::string> set;  ///< overrides of the hardware file, "adc.bits=4"
};

struct Workload {
  int rows = 0;         ///< inputs
  int outputs = 0;      ///< as many as fill the columns
  int weight_bits = 1;  ///< 1: -1 and 1; more: uniform over the symmetric range
  double ones = 0.5;    ///< share of ones among the bits of the inputs
  std::vector<Phase> phases;
};

/// What the crossbar did, all phases together. Buffers, links, the vector unit and leakage are left out, as they are in
/// what is published of macros.
struct MacroFigures {
  double clock_ns = 0;
  double latency_ns = 0;    ///< cycles in which the crossbar reads and converts
  double wordline_pj = 0;   ///< wordlines and the switches that drive them
  double control_pj = 0;    ///< clocks of the drivers' flip-flops, row-group decoders
  double input_pj = 0;      ///< bitlines and cell currents
  double converter_pj = 0;  ///< conversions
  double digital_pj = 0;    ///< shift-adds, accumulators, offset sums
  double operations = 0;    ///< 2 per multiply-accumulate
  double driver_um2 = 0;    ///< of one crossbar: wordline drivers, decoder, level shifters, source-line switches
  double total_pj() const { return wordline_pj + control_pj + input_pj + converter_pj + digital_pj; }
};

/// `chip` is a hardware file. Weights and inputs come from a fixed seed. Throws InputError.
MacroFigures run_macro(const std::filesystem::path& chip, const Workload& workload);

}  // namespace cimcycle::silicon
