// SPDX-License-Identifier: Apache-2.0
// The slow twin of the integer network: layer by layer on the weights themselves, by direct loops.
// Shares plain data structs with the product and no function. Rules: docs/models/numerics.md.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "network/network.h"

namespace cimcycle_reference {

/// Results of one layer on one image, channel-major over the layer's output shape.
struct LayerValues {
  std::vector<std::int64_t> acc;     ///< accumulators; max pooling: the maxima
  std::vector<std::int64_t> values;  ///< activations; accumulator outputs: acc; logits: z
};

/// Gives the accumulators of layer `index`, channel-major, from its input activations.
using Accumulate = std::function<std::vector<std::int64_t>(const cimcycle::Layer& layer, int index,
                                                           const std::vector<int>& activations)>;

/// A network evaluated on one image in plain int64.
struct IntegerNetwork {
  const cimcycle::Network& network;

  /// All layers in order on one image (channel-major). `accumulate` replaces the direct sums of layers with weights (to
  /// put gates or converters in); empty: the weights as they are. Throws std::invalid_argument for an image of another
  /// size.
  std::vector<LayerValues> evaluate(const std::vector<int>& pixels, const Accumulate& accumulate = {}) const;
};

/// sum of W x of a layer with weights, channel-major. `pad_value` per input channel, empty for 0.
std::vector<std::int64_t> direct_sums(const cimcycle::Layer& layer, const std::vector<int>& activations,
                                      const std::vector<int>& pad_value);

/// z / 2^n to the nearest integer, halves away from 0.
std::int64_t round_half_away(std::int64_t z, int n);

}  // namespace cimcycle_reference
