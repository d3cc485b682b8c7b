// SPDX-License-Identifier: Apache-2.0
// Sixteen input vectors side by side: one per lane. The compiler maps the vector types to what the machine has; only
// the dot product of four bytes, for which C++ has no word, is written per instruction set.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512VNNI__)
#include <immintrin.h>
#endif

namespace gated {

inline constexpr int lanes = 16;
using Ints = std::int32_t __attribute__((vector_size(4 * lanes)));
using Floats = float __attribute__((vector_size(4 * lanes)));
using Bytes = std::uint8_t __attribute__((vector_size(lanes)));

template <class Vector>
inline Vector load(const void* from) {
  Vector value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline Floats to_floats(Ints value) { return __builtin_convertvector(value, Floats); }

/// sums + x . w in each lane. x: four unsigned codes per lane, w: four signed weights, the same for all lanes.
inline Ints add_dot4(Ints sums, Ints x, std::int32_t w) {
#if defined(__AVX512VNNI__)
  return reinterpret_cast<Ints>(
      _mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), reinterpret_cast<__m512i>(x), _mm512_set1_epi32(w)));
#else
  for (int byte = 0; byte < 4; ++byte) {
    const std::int32_t weight = static_cast<std::int8_t>(static_cast<std::uint32_t>(w) >> (8 * byte));
    sums += ((x >> (8 * byte)) & 255) * weight;
  }
  return sums;
#endif
}

inline Ints magnitude(Ints value) { return value < 0 ? -value : value; }
inline Ints larger(Ints a, Ints b) { return a > b ? a : b; }

/// e^z for z <= 0, to about 1e-6 of its value; e^-80 below.
inline Floats exp_of_negative(Floats z) {
  z = z < -80.0f ? Floats{} - 80.0f : z;
  const Floats power = z * 1.44269504f;                       // z / ln 2
  const Ints whole = __builtin_convertvector(power, Ints);    // towards zero: the rest lies in (-1, 0]
  const Floats t = (power - to_floats(whole)) * 0.69314718f;  // Taylor series of e^t, t in (-0.7, 0]
  const Floats series =
      1 + t * (1 + t * (0.5f + t * (1 / 6.0f + t * (1 / 24.0f + t * (1 / 120.0f + t * (1 / 720.0f + t / 5040.0f))))));
  return series * reinterpret_cast<Floats>((whole + 127) << 23);
}

/// s'(z), the slope of the logistic function.
inline Floats logistic_slope(Floats z) {
  const Floats e = exp_of_negative(z < 0 ? z : -z);
  return e / ((1 + e) * (1 + e));
}

inline bool any(Ints mask) {
#if defined(__AVX512VNNI__)
  return _mm512_test_epi32_mask(reinterpret_cast<__m512i>(mask), reinterpret_cast<__m512i>(mask)) != 0;
#else
  std::int32_t all = 0;
  for (int lane = 0; lane < lanes; ++lane) all |= mask[lane];
  return all != 0;
#endif
}

}  // namespace gated
