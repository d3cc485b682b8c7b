// SPDX-License-Identifier: Apache-2.0
// One chip and one trace, seen by the NeuroSim composer, by NeuroSim itself (its log) and by the cycle-level simulator.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compare/gaps.h"
#include "compare/trace_reader.h"
#include "hardware/hardware.h"
#include "neurosim/result.h"

namespace cimcycle {

/// The chip with one deviation of the composer switched off.
struct DeviationWorth {
  std::string name;
  NeurosimChipResult chip;
};

struct Comparison {
  std::string trace_name;
  Hardware hardware;
  NeurosimResult neurosim;                                          ///< the composer, as described
  std::optional<NeurosimResult> log;                                ///< what NeuroSim printed
  std::vector<DeviationWorth> deviations;                           ///< those that are on, each off in turn
  std::optional<NeurosimResult> simulated_valid, simulated_padded;  ///< absent if not asked for
  std::vector<Gap> gaps;                                            ///< from neurosim to simulated_padded
};

struct ComparisonOptions {
  std::optional<std::filesystem::path> log;
  bool deviations = true;
  bool simulation = true;
  int threads = 1;
  const std::atomic<bool>* stop = nullptr;  ///< as in RunOptions
};

/// Compares. Throws InputError if the description has no section `neurosim`, if composer or simulator cannot hold the
/// network, or if the log has other layers than the trace.
Comparison compare_chip(const TraceRecord& record, const Hardware& hardware, const ComparisonOptions& options);

}  // namespace cimcycle
