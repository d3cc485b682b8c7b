// SPDX-License-Identifier: Apache-2.0
// Bias correction: each layer's offsets take up the mean error that it and those before it make.
#pragma once

#include "hardware/hardware.h"
#include "onnx/build.h"
#include "onnx/statistics.h"

namespace cimcycle::onnx_model {

/// A chip on which nothing is lost, for running integer networks.
Hardware lossless_chip();

/// The network with corrected offsets: of every conv and linear layer that gives activations, so that the mean of z is,
/// per channel and over the images, the float layer's mean before its clamp. Each layer sees what the corrected integer
/// layers before it give. Does not depend on the number of threads.
Network corrected_network(const Steps& steps, const Builder& builder, const Statistics& statistics,
                          const ImageRun& images);

}  // namespace cimcycle::onnx_model
