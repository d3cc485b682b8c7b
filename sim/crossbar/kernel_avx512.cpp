// SPDX-License-Identifier: Apache-2.0
// The partial-sum kernels compiled for the avx512 target (flags: CMakeLists.txt).
#include "crossbar/kernel.h"

namespace cimcycle {
namespace {

// AVX-512 with BITALG and VPOPCNTDQ counts per vector element; GCC 12 uses it for the plain builtins.
inline std::uint16_t count_bits(std::uint16_t v) { return static_cast<std::uint16_t>(__builtin_popcount(v)); }
inline std::uint32_t count_bits(std::uint32_t v) { return static_cast<std::uint32_t>(__builtin_popcount(v)); }
inline std::uint64_t count_bits(std::uint64_t v) { return static_cast<std::uint64_t>(__builtin_popcountll(v)); }

}  // namespace
}  // namespace cimcycle

#include "crossbar/kernel.inc"

namespace cimcycle {

extern const KernelTarget kernel_avx512 = make_target("avx512");

}  // namespace cimcycle
