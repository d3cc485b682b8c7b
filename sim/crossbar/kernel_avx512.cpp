// SPDX-License-Identifier: Apache-2.0
// The kernels compiled for AVX-512 with BITALG, VPOPCNTDQ and VNNI (flags: CMakeLists.txt).
#include <immintrin.h>

#include "crossbar/kernel_vectors.h"

namespace cimcycle {
namespace {

/// Ones in every element of a vector, or in one word.
template <class Word, class Value>
inline Value count_bits(const Value& value) {
  Value v = value;
  if constexpr (sizeof(Value) == sizeof(Word)) {
    return static_cast<Value>(__builtin_popcountll(v));
  } else if constexpr (sizeof(Value) > 64) {
    Vector<Word, 64 / sizeof(Word)> parts[sizeof(Value) / 64];
    __builtin_memcpy(parts, &v, sizeof v);
    for (auto& part : parts) part = count_bits<Word>(part);
    __builtin_memcpy(&v, parts, sizeof v);
    return v;
  } else if constexpr (sizeof(Value) == 32) {
    static_assert(sizeof(Word) == 2);
    return reinterpret_cast<Value>(_mm256_popcnt_epi16(reinterpret_cast<__m256i>(v)));
  } else if constexpr (sizeof(Word) == 2) {
    return reinterpret_cast<Value>(_mm512_popcnt_epi16(reinterpret_cast<__m512i>(v)));
  } else if constexpr (sizeof(Word) == 4) {
    return reinterpret_cast<Value>(_mm512_popcnt_epi32(reinterpret_cast<__m512i>(v)));
  } else {
    return reinterpret_cast<Value>(_mm512_popcnt_epi64(reinterpret_cast<__m512i>(v)));
  }
}

/// total[c] += sum over k of x[k] * weight[4 c + k], k = 0..3.
inline Lanes<std::int32_t> add_products(Lanes<std::int32_t> total, const std::uint8_t* x, const std::int8_t* weight) {
  std::int32_t quad;
  __builtin_memcpy(&quad, x, sizeof quad);
  return reinterpret_cast<Lanes<std::int32_t>>(
      _mm512_dpbusd_epi32(reinterpret_cast<__m512i>(total), _mm512_set1_epi32(quad), _mm512_loadu_si512(weight)));
}

}  // namespace
}  // namespace cimcycle

#include "crossbar/kernel_input.inc"
#include "crossbar/kernel_sums.inc"
#include "crossbar/kernel_sums_general.inc"
#include "crossbar/kernel_table.inc"

namespace cimcycle {

extern const KernelTarget kernel_avx512 = make_target("avx512");

}  // namespace cimcycle
