// SPDX-License-Identifier: Apache-2.0
// Why the analytic composer and the cycle-level simulator disagree, step by step from one to the other.
#pragma once

#include <string_view>
#include <vector>

#include "hardware/hardware.h"
#include "neurosim/result.h"
#include "neurosim/trace.h"

namespace cimcycle {

/// One step. The steps of a list add up to the whole difference, in latency and in dynamic energy.
struct Gap {
  std::string_view name;     ///< "vectors", "overlap", ...
  std::string_view meaning;  ///< one line
  double latency_ns = 0;
  double dynamic_energy_pj = 0;
};

/// The way from `composed` (of `hardware` as described) to `simulated` (of the same trace with all its vectors). The
/// first steps switch deviations of the composer off, one after the other and cumulatively; the rest compares groups.
std::vector<Gap> gaps_between(const Hardware& hardware, const NeurosimTrace& trace, const NeurosimResult& composed,
                              const NeurosimResult& simulated);

}  // namespace cimcycle
