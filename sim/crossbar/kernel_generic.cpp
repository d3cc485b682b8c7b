// SPDX-License-Identifier: Apache-2.0
// The partial-sum kernels compiled for the generic target (flags: CMakeLists.txt).
#include "crossbar/kernel.h"

#include "crossbar/count_bits.inc"
#include "crossbar/kernel.inc"

namespace cimcycle {

extern const KernelTarget kernel_generic = make_target("generic");

}  // namespace cimcycle
