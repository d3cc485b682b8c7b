// SPDX-License-Identifier: Apache-2.0
// A whole network on one image, in one way of doing the numerics (the chip's, with ideal ADCs, all gates open, ...).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "crossbar/layer_reader.h"
#include "mapping/mapping.h"
#include "network/network.h"
#include "replay/digital.h"

namespace cimcycle {

/// Working memory of one thread.
struct PassMemory {
  std::vector<LayerValues> values;     ///< per layer of the network
  std::vector<LayerReading> readings;  ///< per mapped layer
  std::vector<std::int16_t> image;     ///< its codes
  std::vector<std::int16_t> joined;    ///< the inputs of a concat
  std::vector<std::int32_t> pool_sums;
};

/// Called after each layer with weights: index in NetworkMapping::layers and what was read. The observer may count the
/// reading anew for another chip (count_issued).
using LayerObserver = std::function<void(std::size_t mapped, LayerReading& reading)>;

/// What a caller wants to see or change in one pass.
struct PassHooks {
  LayerObserver after_layer;
  /// Every gate decision of a layer: the largest threshold at which it would still open.
  std::function<void(std::size_t mapped, std::int64_t opens_up_to)> gate_decision;
  int first_layer = 0;       ///< earlier layers' values are taken from the memory
  std::size_t replaced = 0;  ///< mapped layer that `replacement` stands in for
  const PackedLayer* replacement = nullptr;
};

class ImagePass {
 public:
  /// `network` and `mapping` must outlive this. `modes`: numerics of each mapped layer, or one entry for all.
  ImagePass(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
            std::span<const NumericsOptions> modes);

  /// Reads every mapped layer with its own recorded input (in the order of the mapping); nothing is handed on, so that
  /// there are no logits.
  void run_recorded(std::span<const std::span<const std::int16_t>> inputs, PassMemory& memory,
                    const PassHooks& hooks) const;

  /// Runs the network. Returns the logits (owned by `memory`).
  std::span<const std::int64_t> run(std::span<const std::uint8_t> image, PassMemory& memory,
                                    const PassHooks& hooks = {}) const;

  /// Reads one layer with this pass's weights on the input that `run` left in `memory`, of this pass or of one whose
  /// network differs in weights alone. Nothing in `memory` changes.
  void read(std::size_t mapped, const PassMemory& memory, LayerReading& reading) const;

  /// The activations that a layer with this `input` reads, as `run` left them in `memory`.
  static std::span<const std::int16_t> input_of(int source, const PassMemory& memory);

  const PackedLayer& packed(std::size_t mapped) const { return packed_[mapped]; }
  /// No layer's ADC can change a sum.
  bool lossless() const;

 private:
  void read_mapped(std::size_t mapped, std::span<const std::int16_t> input, PassMemory& memory,
                   const PassHooks& hooks) const;

  const Network& network_;
  const NetworkMapping& mapping_;
  std::vector<PackedLayer> packed_;
  std::vector<std::vector<int>> pad_;  ///< per mapped layer: what padding holds, per input channel
};

}  // namespace cimcycle
