// SPDX-License-Identifier: Apache-2.0
// Which instruction set the kernels use on this machine.
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "crossbar/kernel.h"

namespace cimcycle {
namespace {

struct Candidate {
  const KernelTarget* target;
  bool (*runs_here)();
};

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512bitalg") != 0 &&
         __builtin_cpu_supports("avx512vpopcntdq") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
}
bool has_avx2() { return __builtin_cpu_supports("avx2") != 0; }
bool always() { return true; }

/// Best first.
constexpr Candidate candidates[] = {{&kernel_avx512, has_avx512}, {&kernel_avx2, has_avx2}, {&kernel_generic, always}};

}  // namespace

const KernelTarget& kernel_target() {
  const char* forced = std::getenv("CIMCYCLE_TARGET");
  for (const Candidate& candidate : candidates) {
    if (forced == nullptr && candidate.runs_here()) return *candidate.target;
    if (forced != nullptr && std::string_view(forced) == candidate.target->name) {
      if (!candidate.runs_here()) fail_input("CIMCYCLE_TARGET = {}: this machine cannot run it", forced);
      return *candidate.target;
    }
  }
  fail_input("CIMCYCLE_TARGET = {}: no such target; known: avx512, avx2, generic", printable(forced));
}

}  // namespace cimcycle
