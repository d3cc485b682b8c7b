// SPDX-License-Identifier: Apache-2.0
// The argument line of NeuroSim: which files, how many bits, and in V1.4 how many rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/trace_files.h"

namespace cimcycle {

/// V1.3: network CSV, weight bits, input bits, then per layer a weight CSV and an input CSV. V1.4 gives two more
/// numbers after the bits: rows of a crossbar and rows read at once.
struct TraceArguments {
  std::string network;
  int weight_bits = 0;  ///< 1 to 16
  int input_bits = 0;   ///< 1 to 16
  std::optional<int> crossbar_rows, parallel_rows;
  struct LayerFiles {
    std::string weights, inputs;
  };
  std::vector<LayerFiles> layers;
};

/// Parses the line. Leading lines that begin with # are skipped, and so is the name of a program in front. Throws
/// InputError.
TraceArguments parse_trace_arguments(const TraceFile& file);

}  // namespace cimcycle
