// SPDX-License-Identifier: Apache-2.0
// How close is the composer to recorded runs of DNN+NeuroSim? One line per run: the worst relative error of each group
// of figures, chip and layers together, and the processor time of the composition.
// CIMCYCLE_REFERENCE names the folder with results/*.json and traces/*.tar.gz; without it nothing is compared.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>

#include "neurosim_runs.h"

using namespace cimcycle::test;

namespace {

constexpr const char* groups[] = {"area", "clock",        "latency", "dynamic energy", "leakage",     "tops_per_watt",
                                  "adc",  "accumulation", "other",   "buffer",         "interconnect"};

void print(const RunComparison& run) {
  if (!run.error.empty()) {
    std::printf("| %s | %s%s |\n", run.name.c_str(), run.crashed ? "NeuroSim ends with an error, so does this: " : "",
                run.error.c_str());
    return;
  }
  std::map<std::string, double> worst;
  const Figure* largest = nullptr;
  for (const Figure& figure : run.figures) {
    double& error = worst[figure.group];
    error = std::max(error, std::abs(figure.error()));
    if (largest == nullptr || std::abs(figure.error()) > std::abs(largest->error())) largest = &figure;
  }
  std::printf("| %s |", run.name.c_str());
  for (const char* const group : groups) {
    if (worst.contains(group)) {
      std::printf(" %.1e |", worst[group]);
    } else {
      std::printf(" - |");
    }
  }
  std::printf(" %.1e %s | %.0f |\n", largest == nullptr ? 0 : std::abs(largest->error()),
              largest == nullptr ? "" : largest->name.c_str(), run.cpu_ms);
}

}  // namespace

int main() {
  const char* const folder = std::getenv("CIMCYCLE_REFERENCE");
  if (folder == nullptr) {
    std::printf("bench_neurosim_fidelity: skipped, CIMCYCLE_REFERENCE names no folder with results and traces\n");
    return 0;
  }
  try {
    std::printf("| run |");
    for (const char* const group : groups) std::printf(" %s |", group);
    std::printf(" worst | cpu ms |\n|---|");
    for (std::size_t i = 0; i < std::size(groups) + 2; ++i) std::printf("---|");
    std::printf("\n");
    RunComparer comparer(folder);
    for (const std::string& run : recorded_runs(folder)) print(comparer.compare(run));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
