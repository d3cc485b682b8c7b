// SPDX-License-Identifier: Apache-2.0
// Which kernels run, and the message for a name that does not exist.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "base/error.h"
#include "crossbar/kernel.h"

TEST_CASE("CIMCYCLE_TARGET forces a target and rejects unknown names") {
  const char* before = std::getenv("CIMCYCLE_TARGET");
  const std::string saved = before == nullptr ? "" : before;
  setenv("CIMCYCLE_TARGET", "generic", 1);
  CHECK(std::string(cimcycle::kernel_target().name) == "generic");
  setenv("CIMCYCLE_TARGET", "neon", 1);
  CHECK_THROWS_WITH(cimcycle::kernel_target(), "CIMCYCLE_TARGET = neon: no such target; known: avx512, avx2, generic");
  if (before == nullptr) {
    unsetenv("CIMCYCLE_TARGET");
  } else {
    setenv("CIMCYCLE_TARGET", saved.c_str(), 1);
  }
}
