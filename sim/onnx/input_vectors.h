// SPDX-License-Identifier: Apache-2.0
// A sample of the vectors that a layer's weights are multiplied with, from calibration images.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "onnx/steps.h"
#include "replay/image_run.h"

namespace cimcycle::onnx_model {

/// Vectors as columns, [rows][vectors].
using InputVectors = Eigen::MatrixXf;

/// Of the steps whose `wanted` is set (conv and linear without groups), from the float network on the first
/// images.count images: positions evenly spread, as many from each image, at most 2,048 in all and 2^26 values of all
/// steps together. Empty for other steps. Does not depend on the number of threads.
std::vector<InputVectors> sample_inputs(const Steps& steps, const std::vector<bool>& wanted, const ImageRun& images);

}  // namespace cimcycle::onnx_model
