// SPDX-License-Identifier: Apache-2.0
// The steps on one image in float: what the integers are measured against.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "onnx/steps.h"

namespace cimcycle::onnx_model {

/// Working memory of one thread, and the results of the last image.
struct FloatMemory {
  std::vector<float> image;
  std::vector<std::vector<float>> results;        ///< [step], channel-major, behind the clamp
  std::vector<std::vector<double>> before_clamp;  ///< [step][channel]: mean over the positions
  std::vector<float> columns, joined, sums;
};

/// Runs all steps on the pixels of an image (steps.image.shape, channel-major).
void run_float(const Steps& steps, std::span<const std::uint8_t> pixels, FloatMemory& memory);

/// Input vectors of a step with weights, of `channels` channels from `input` on: [channels x kernel][output positions].
void unroll(const Step& step, const float* input, int channels, std::vector<float>& columns);

/// The result of a step, or the image's values.
const std::vector<float>& float_values(const FloatMemory& memory, int step);

}  // namespace cimcycle::onnx_model
