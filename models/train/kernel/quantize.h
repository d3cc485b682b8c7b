// SPDX-License-Identifier: Apache-2.0
// Unsigned codes of activations with a learned step (LSQ, arXiv 1902.08153), and their gradients. A value below 0 has
// code 0 and no gradient, which makes a ReLU in front of it superfluous.
#pragma once

#include <cstdint>

extern "C" {

/// code = round(clip(value / step, 0, high)), quantized = code x step. high: at most 255. NaN stays NaN.
void quantize_forward(const float* values, float step, float high, std::int64_t count, std::int32_t threads,
                      float* quantized);

/// Gradient of the values, and (returned) of the step: code - value / step inside the range, the code where it is
/// clipped.
double quantize_backward(const float* gradient, const float* values, float step, float high, std::int64_t count,
                         std::int32_t threads, float* dvalues);
}
