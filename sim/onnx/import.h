// SPDX-License-Identifier: Apache-2.0
// From an ONNX file to a network: reading, lowering, and quantization where the model states none.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "network/network.h"
#include "onnx/choose.h"
#include "onnx/loss.h"
#include "onnx/lower.h"
#include "replay/progress.h"

namespace cimcycle::onnx_model {

/// Ranges of options.
inline constexpr double largest_mean = 1e6, least_std = 1e-6, largest_std = 1e6;
inline constexpr double least_percentile = 90, most_percentile = 100;

struct ImportOptions {
  Preprocessing preprocessing;
  /// Opens the images of a split, for a model that reads images of this shape: the training images choose the scales of
  /// a float model, the test images show the loss. This and all options up to `percentile` are for float models only; a
  /// model that states its quantization keeps it.
  std::function<Dataset(DataSplit split, const Shape& image)> open_images;
  std::optional<std::int64_t> images;       ///< training images to use, from the first one on (default: 128)
  std::optional<std::int64_t> test_images;  ///< test images of the loss (default: as many, or all there are)
  std::optional<BitPair> pair;
  std::map<std::string, BitPair> pairs;
  std::optional<double> closed_share;  ///< of split weights: 0 to 1, 0 rounds to the nearest code
  std::optional<double> percentile;    ///< of activations that are not clipped
  int threads = 1;
  ProgressFunction progress;
  const std::atomic<bool>* stop = nullptr;
};

struct Imported {
  Network network;                       ///< named after the file
  std::optional<QuantizationLoss> loss;  ///< of a float model
  std::int64_t test_images = 0;          ///< on which the loss was measured
  std::vector<std::string> notes;        ///< what was left out of the model
};

/// Throws InputError: the file cannot be read, holds what cannot be imported, or needs options that are missing or
/// excluded; Interrupted if `stop` is set.
Imported import_model(const std::string& file, const ImportOptions& options);

}  // namespace cimcycle::onnx_model
