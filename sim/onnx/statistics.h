// SPDX-License-Identifier: Apache-2.0
// What calibration images say about every tensor of a float network.
#pragma once

#include <vector>

#include "onnx/steps.h"
#include "replay/image_run.h"

namespace cimcycle::onnx_model {

struct TensorStatistics {
  std::vector<float> samples;       ///< of the values, evenly spread over images and positions
  std::vector<double> mean_square;  ///< per channel
  std::vector<double> mean_before;  ///< per channel, before the clamp
};

struct Statistics {
  TensorStatistics image;
  std::vector<TensorStatistics> steps;
};

/// The float network on the first images.count images. Does not depend on the number of threads.
Statistics measure(const Steps& steps, const ImageRun& images);

}  // namespace cimcycle::onnx_model
