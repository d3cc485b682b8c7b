// SPDX-License-Identifier: Apache-2.0
// A network between ONNX and integers: the layers that this program has, with float constants, and the quantization of
// each tensor where the model states it.
//
//   result = clamp(sum * factor + offset + added * added_factor, low, high)        per output channel
//
// sum is that of a convolution or linear layer, of an average pool's window, or the value itself (concat). A max pool
// has neither factor nor clamp.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "network/network.h"

namespace cimcycle::onnx_model {

/// Codes of a tensor: value = scale * (code - zero_point), codes from `least` to `most`.
struct Quantization {
  double scale = 1;
  int zero_point = 0;
  int least = 0;
  int most = 255;
  bool operator==(const Quantization&) const = default;
};

/// Integer weights that the model states: value = scale[output] * code.
struct WeightCodes {
  std::vector<std::int16_t> codes;
  std::vector<double> scale;  ///< per output
};

/// Every stride-th row and column, and channels of zeros around: what an addition may make of its other input
/// (option A of He et al., CVPR 2016).
struct Selection {
  Directions stride = 1;
  int pad_front = 0, pad_back = 0;
  bool operator==(const Selection&) const = default;
};

struct Step {
  std::string name;
  LayerKind kind = LayerKind::conv;
  std::vector<int> inputs;  ///< steps, or image_input; more than one for concat only
  Shape in, out;
  int kernel_h = 1, kernel_w = 1;
  Directions stride = 1, dilation = 1;
  Border padding = 0;
  int groups = 1;
  bool counts_padding = true;  ///< average pool: whether padding is part of the mean
  std::vector<float> weights;  ///< [outputs][rows of an output], for the input's real values
  std::optional<WeightCodes> weight_codes;
  std::vector<double> factor, offset;  ///< [out.channels], but for max_pool
  std::optional<int> added;            ///< step (or the image) whose result is added; selected, it has the shape `out`
  Selection added_selection;
  double added_factor = 1;
  std::vector<double> added_channel_factor;  ///< [out.channels]: a batch norm behind the addition; empty: 1
  bool feeds_sum = false;  ///< its sum itself is added by one other step, which holds factor and offset (a projection)
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::optional<Quantization> quantization;  ///< of its results, where the model states it
  bool is_logits = false;

  bool has_weights() const { return kind == LayerKind::conv || kind == LayerKind::linear; }
  bool is_clamped() const { return low > -std::numeric_limits<double>::infinity() || high < 1e300; }
  int rows() const {
    return kind == LayerKind::linear ? static_cast<int>(in.size()) : in.channels / groups * kernel_h * kernel_w;
  }
};

/// Values of the image: value[c] = scale[c] * code + offset[c], code the pixel's byte or what `quantization` makes of
/// it.
struct ImageValues {
  Shape shape;
  std::vector<double> scale, offset;         ///< per channel, of the bytes
  std::optional<Quantization> quantization;  ///< of those values, where the model states it
};

struct Steps {
  ImageValues image;
  std::vector<Step> steps;         ///< in execution order; the last one gives the logits
  std::vector<std::string> notes;  ///< what was left out, for the user
};

}  // namespace cimcycle::onnx_model
