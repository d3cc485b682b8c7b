// SPDX-License-Identifier: Apache-2.0
// The partial-sum kernels compiled for the avx2 target (flags: CMakeLists.txt).
#include "crossbar/kernel.h"

#include "crossbar/count_bits.inc"
#include "crossbar/kernel.inc"

namespace cimcycle {

extern const KernelTarget kernel_avx2 = make_target("avx2");

}  // namespace cimcycle
