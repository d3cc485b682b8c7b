// SPDX-License-Identifier: Apache-2.0
// Every figure of every recorded run within 0.01 %; runs that crashed must end with an error here.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "neurosim_runs.h"

using namespace cimcycle::test;

TEST_CASE("the composer says what DNN+NeuroSim said") {
  const char* const folder = std::getenv("CIMCYCLE_REFERENCE");
  if (folder == nullptr || !std::filesystem::is_directory(std::filesystem::path(folder) / "results")) {
    WARN("skipped: CIMCYCLE_REFERENCE names no folder with results and traces");
    return;
  }
  RunComparer comparer(folder);
  const auto runs = recorded_runs(folder);
  REQUIRE_FALSE(runs.empty());
  for (const std::string& name : runs) {
    const RunComparison run = comparer.compare(name);
    INFO(name << " " << run.error);
    CHECK(run.crashed == !run.error.empty());
    CHECK(run.figures.empty() == run.crashed);
    for (const Figure& figure : run.figures) {
      INFO(figure.name << ": composed " << figure.composed << ", recorded " << figure.recorded);
      CHECK(std::abs(figure.error()) < 1e-4);
    }
  }
}
