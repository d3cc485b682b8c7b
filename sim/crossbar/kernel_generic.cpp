// SPDX-License-Identifier: Apache-2.0
// The partial-sum kernels compiled for the generic target (flags: CMakeLists.txt).
#include "crossbar/kernel.h"

#include "crossbar/count_bits.inc"
#include "crossbar/kernel.inc"

namespace cimcycle {

extern const KernelTarget kernel_generic = {"generic",
                                            path_sums<std::uint16_t>,
                                            path_sums<std::uint32_t>,
                                            path_sums<std::uint64_t>,
                                            take_input<std::uint16_t>,
                                            take_input<std::uint32_t>,
                                            take_input<std::uint64_t>,
                                            count_ones,
                                            open_blocks,
                                            add_shifted,
                                            add_constant};

}  // namespace cimcycle
