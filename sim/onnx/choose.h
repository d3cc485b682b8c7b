// SPDX-License-Identifier: Apache-2.0
// Quantization after training: codes of weights and activations from what calibration images say.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "onnx/build.h"
#include "onnx/statistics.h"

namespace cimcycle::onnx_model {

struct BitPair {
  int hb = 8;
  int lb = 0;
};

struct QuantizeOptions {
  std::optional<BitPair> pair;           ///< of all conv and linear layers but the first, the last and grouped ones
  std::map<std::string, BitPair> pairs;  ///< of single layers, whichever they are
  double percentile = 99.99;             ///< of activations
  double closed_share = 0.7;             ///< weight of the high parts' own error where weights are split
  int threads = 1;
};

/// The pairs of a file: a JSON object of `"LAYER": [hb, lb]`. Throws InputError.
std::map<std::string, BitPair> read_pairs(const std::string& file);

/// "4,4". Throws InputError, which names `option`.
BitPair parse_pair(const std::string& text, std::string_view option);

/// 8-bit weights with a scale per output, or what the pairs say: layers with low bits get a gate that opens always
/// (threshold 0) and one scale for all outputs. Throws InputError for a pair of a layer that is none.
Choices chosen(const Steps& steps, const Statistics& statistics, const QuantizeOptions& options);

/// Moves the codes of layers with high and low bits so that the high parts alone come close to the layer (round_split),
/// on images of calibration; but of grouped layers and those that read the image. Throws Interrupted.
void round_split_layers(const Steps& steps, const ImageRun& images, const QuantizeOptions& options, Choices& choices);

}  // namespace cimcycle::onnx_model
