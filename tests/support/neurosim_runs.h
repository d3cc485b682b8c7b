// SPDX-License-Identifier: Apache-2.0
// Recorded runs of DNN+NeuroSim (results/*.json beside traces/*.tar.gz) against the composer. The folder comes from the
// caller; nothing of it ships with the product.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "neurosim/composer.h"

namespace cimcycle::test {

/// One figure of a run.
struct Figure {
  std::string name;  ///< "chip area", "layer 3 adc energy"
  std::string group;
  double composed = 0;
  double recorded = 0;
  /// composed / recorded - 1; where the record is 0, the composed value itself.
  double error() const { return recorded == 0 ? composed : composed / recorded - 1; }
};

struct RunComparison {
  std::string name;
  bool crashed = false;  ///< the recorded program ended with an error
  std::string error;     ///< what the composer said instead of a result
  std::vector<Figure> figures;
  double cpu_ms = 0;  ///< of compose, trace in memory
};

/// The names of the runs in FOLDER/results, sorted.
std::vector<std::string> recorded_runs(const std::filesystem::path& folder);

/// Composes runs of a folder; traces are read once.
class RunComparer {
 public:
  explicit RunComparer(std::filesystem::path folder) : folder_(std::move(folder)) {}
  RunComparison compare(const std::string& run);

 private:
  const NeurosimTrace& trace(const std::string& name);
  std::filesystem::path folder_;
  std::map<std::string, NeurosimTrace> traces_;
};

}  // namespace cimcycle::test
