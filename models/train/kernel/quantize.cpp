// SPDX-License-Identifier: Apache-2.0
// Quantization of activations with a learned step, each direction in one pass over memory: quantize.h.
#include "quantize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace {

/// Values that one thread takes at a time; sums of a block in float stay exact enough to be added in double.
constexpr std::int64_t block = 4096;

}  // namespace

void quantize_forward(const float* values, float step, float high, std::int64_t count, std::int32_t threads,
                      float* quantized, std::uint8_t* codes) {
  const std::int64_t blocks = (count + block - 1) / block;
#pragma omp parallel for num_threads(threads) schedule(static)
  for (std::int64_t b = 0; b < blocks; ++b) {
    for (std::int64_t i = b * block; i < std::min(count, (b + 1) * block); ++i) {
      // Halves go to the even neighbour, as PyTorch rounds.
      const float code = std::nearbyintf(std::min(std::max(values[i] / step, 0.0f), high));
      quantized[i] = code * step;
      codes[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(code));
    }
  }
}

double quantize_backward(const float* gradient, const float* values, float step, float high, std::int64_t count,
                         std::int32_t threads, float* dvalues) {
  const std::int64_t blocks = (count + block - 1) / block;
  double dstep = 0;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : dstep)
  for (std::int64_t b = 0; b < blocks; ++b) {
    float sum = 0;
    for (std::int64_t i = b * block; i < std::min(count, (b + 1) * block); ++i) {
      const float scaled = values[i] / step;
      const float code = std::nearbyintf(std::min(std::max(scaled, 0.0f), high));
      const bool inside = scaled >= 0 && scaled <= high;
      dvalues[i] = inside ? gradient[i] : 0.0f;
      sum += gradient[i] * (inside ? code - scaled : code);
    }
    dstep += sum;
  }
  return dstep;
}
