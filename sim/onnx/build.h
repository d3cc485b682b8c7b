// SPDX-License-Identifier: Apache-2.0
// Steps and codes to a network of integers.
#pragma once

#include <string>
#include <vector>

#include "network/network.h"
#include "onnx/steps.h"

namespace cimcycle::onnx_model {

/// How a tensor's codes stand for its values: value = scale * (code + shift), per channel. `shift` is minus the zero
/// point, which need not be an integer for an image.
struct TensorCodes {
  std::vector<double> scale, shift;
  int bits = 8;
  bool is_uniform() const;
};

/// Everything that is chosen about the integers. Vectors are per step.
struct Choices {
  std::vector<Quantization> results;  ///< of steps that give activations; a max pool has that of its input
  std::vector<WeightCodes> weights;   ///< for weights_on(codes)
  std::vector<Dec3> dec3;
};

class Builder {
 public:
  /// Both must outlive this. Throws InputError where codes cannot be had as the format has them.
  Builder(const Steps& steps, const Choices& choices);

  /// Codes of a step's results, or of the image.
  const TensorCodes& codes(int step) const;
  /// The layer of one step.
  Layer layer(int step) const;
  /// Real value of one logit.
  double logit_unit() const;
  /// Image, names and dataset; without layers.
  Network frame() const;
  /// frame() with all layers; network_files checks it.
  Network network() const;

 private:
  TensorCodes joined_codes(const Step& step) const;
  double add_digital(const Step& step, int index, Layer& layer) const;

  const Steps& steps_;
  const Choices& choices_;
  TensorCodes image_;
  std::vector<TensorCodes> codes_;
};

/// Codes of the image: its bytes, or what its quantization says.
TensorCodes image_codes(const ImageValues& image);

/// The step's weights for its input's codes: those of an image with a scale per channel are multiplied by it.
std::vector<float> weights_on(const Step& step, const TensorCodes& input);

/// Choices of a model that states all of its quantization. Throws InputError that lists the steps that lack some.
Choices stated_choices(const Steps& steps, const std::string& file);

}  // namespace cimcycle::onnx_model
