// SPDX-License-Identifier: Apache-2.0
// What a network may need at most, so that a hostile file cannot ask for unbounded memory.
#pragma once

#include <cstdint>

namespace cimcycle::limits {

inline constexpr int layers = 4096;
inline constexpr int side = 65536;                              ///< channels, rows, columns, kernel, stride
inline constexpr std::int64_t results = std::int64_t{1} << 26;  ///< activations of the image or of one layer
inline constexpr std::int64_t weights = std::int64_t{1} << 28;  ///< of all layers together
inline constexpr int name_length = 100;
inline constexpr int image_bits = 8;
/// Steps of a calibrated ADC: sums of 2^20 and more come from no operation unit.
inline constexpr int adc_step = 1 << 20;

}  // namespace cimcycle::limits
