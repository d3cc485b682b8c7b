// SPDX-License-Identifier: Apache-2.0
// How far is the simulator from published ReRAM macros? Prints our figures beside the published ones, uncalibrated and
// after one declared fit that leaves out the fitted point. Where the inputs come from: docs/silicon.md
#include <cstdio>
#include <exception>

#include "macros.h"

int main() {
  using namespace cimcycle::silicon;
  const std::filesystem::path root = CIMCYCLE_SOURCE_DIR;
  try {
    std::printf("%s\n", table_of(neurram_lines(root)).c_str());
    std::printf("%s\n", table_of(few_row_lines(root)).c_str());
    std::printf("%s", assumption_sweep(root).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
