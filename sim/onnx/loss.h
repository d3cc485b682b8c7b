// SPDX-License-Identifier: Apache-2.0
// What quantization costs: every layer's signal-to-noise against float, and the accuracy of both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "network/network.h"
#include "onnx/build.h"
#include "replay/image_run.h"

namespace cimcycle::onnx_model {

struct LayerLoss {
  std::string name;
  std::string_view kind;
  std::optional<double> snr_db;  ///< 10 log10(sum of squares of the float values / of the differences); none: no noise
};

struct QuantizationLoss {
  std::vector<LayerLoss> layers;                   ///< of layers that give activations, and the logits
  std::optional<double> float_top1, integer_top1;  ///< empty without labels
};

/// Runs both on the first images.count images.
QuantizationLoss measure_loss(const Steps& steps, const Builder& builder, const Network& network,
                              const ImageRun& images);

}  // namespace cimcycle::onnx_model
