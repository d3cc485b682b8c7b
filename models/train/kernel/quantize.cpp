// SPDX-License-Identifier: Apache-2.0
// Quantization of activations with a learned step, each direction in one pass over memory: quantize.h.
#include "quantize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace {

/// Values that one thread takes at a time; sums of a block in float stay exact enough to be added in double.
constexpr std::int64_t block = 4096;

/// Halves go to the even neighbour, as PyTorch rounds. NaN, which is in no order, goes through.
float code_of(float scaled, float high) {
  const float above = scaled < 0 ? 0 : scaled;
  return std::nearbyintf(above > high ? high : above);
}

// Loops over one block stand in functions of their own: inside a parallel region the compiler does not vectorize them.

void quantize_block(const float* values, float step, float high, std::int64_t count, float* quantized) {
  for (std::int64_t i = 0; i < count; ++i) quantized[i] = code_of(values[i] / step, high) * step;
}

/// Returns the gradient of the step.
float differentiate_block(const float* gradient, const float* values, float step, float high, std::int64_t count,
                          float* dvalues) {
  float sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const float scaled = values[i] / step;
    const bool is_inside = scaled >= 0 && scaled <= high;
    dvalues[i] = is_inside ? gradient[i] : 0.0f;
    sum += gradient[i] * (code_of(scaled, high) - (is_inside ? scaled : 0.0f));
  }
  return sum;
}

}  // namespace

void quantize_forward(const float* values, float step, float high, std::int64_t count, std::int32_t threads,
                      float* quantized) {
  const std::int64_t blocks = (count + block - 1) / block;
#pragma omp parallel for num_threads(threads) schedule(static)
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t at = b * block;
    quantize_block(values + at, step, high, std::min(count - at, block), quantized + at);
  }
}

double quantize_backward(const float* gradient, const float* values, float step, float high, std::int64_t count,
                         std::int32_t threads, float* dvalues) {
  const std::int64_t blocks = (count + block - 1) / block;
  std::vector<double> sums(static_cast<std::size_t>(blocks));  // added in their order, whatever the threads
#pragma omp parallel for num_threads(threads) schedule(static)
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t at = b * block;
    sums[static_cast<std::size_t>(b)] =
        differentiate_block(gradient + at, values + at, step, high, std::min(count - at, block), dvalues + at);
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}
