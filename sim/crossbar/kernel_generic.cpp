// SPDX-License-Identifier: Apache-2.0
// The kernels compiled for the generic target (flags: CMakeLists.txt).
#include "crossbar/kernel_vectors.h"

#include "crossbar/count_bits.inc"
#include "crossbar/kernel_input.inc"
#include "crossbar/kernel_sums.inc"
#include "crossbar/kernel_sums_general.inc"
#include "crossbar/kernel_table.inc"

namespace cimcycle {

extern const KernelTarget kernel_generic = make_target("generic");

}  // namespace cimcycle
