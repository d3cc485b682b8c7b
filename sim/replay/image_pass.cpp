// SPDX-License-Identifier: Apache-2.0
#include "replay/image_pass.h"

#include <algorithm>

namespace cimcycle {

ImagePass::ImagePass(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                     std::span<const NumericsOptions> modes)
    : network_(network), mapping_(mapping) {
  for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
    const Layer& layer = network.layers[static_cast<std::size_t>(mapping.layers[i].layer)];
    const NumericsOptions& mode = modes[modes.size() == 1 ? 0 : i];
    packed_.push_back(pack_layer(layer, mapping.layers[i], hardware, network.reads_signed(layer), mode));
    pad_.push_back(network.padding_of(layer));
  }
}

namespace {

/// The codes of the network's image for its pixels.
void encode_image(const Network& network, std::vector<std::int16_t>& image) {
  if (network.image_codes.empty()) return;
  const std::size_t plane = image.size() / static_cast<std::size_t>(network.image.channels);
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = network.image_codes[i / plane * 256 + static_cast<std::size_t>(image[i])];
  }
}

/// A concat's inputs one behind the other.
std::span<const std::int16_t> joined_inputs(const Layer& layer, PassMemory& memory) {
  const auto first = ImagePass::input_of(layer.input, memory);
  memory.joined.assign(first.begin(), first.end());
  for (const int more : layer.more_inputs) {
    const auto next = ImagePass::input_of(more, memory);
    memory.joined.insert(memory.joined.end(), next.begin(), next.end());
  }
  return memory.joined;
}

}  // namespace

bool ImagePass::lossless() const {
  return std::all_of(packed_.begin(), packed_.end(), [](const PackedLayer& layer) { return layer.lossless(); });
}

std::span<const std::int16_t> ImagePass::input_of(int source, const PassMemory& memory) {
  return source == image_input ? std::span<const std::int16_t>(memory.image)
                               : memory.values[static_cast<std::size_t>(source)].activations;
}

void ImagePass::read(std::size_t mapped, const PassMemory& memory, LayerReading& reading) const {
  const Layer& layer = network_.layers[static_cast<std::size_t>(mapping_.layers[mapped].layer)];
  read_layer(packed_[mapped], input_of(layer.input, memory), pad_[mapped], reading);
}

void ImagePass::read_mapped(std::size_t mapped, std::span<const std::int16_t> input, PassMemory& memory,
                            const PassHooks& hooks) const {
  LayerReading& reading = memory.readings[mapped];
  const bool replaced = hooks.replacement != nullptr && hooks.replaced == mapped;
  ImportanceObserver observer;
  if (hooks.gate_decision) observer = [&](std::int64_t level) { hooks.gate_decision(mapped, level); };
  read_layer(replaced ? *hooks.replacement : packed_[mapped], input, pad_[mapped], reading, observer);
  if (hooks.after_layer) hooks.after_layer(mapped, reading);
}

void ImagePass::run_recorded(std::span<const std::span<const std::int16_t>> inputs, PassMemory& memory,
                             const PassHooks& hooks) const {
  memory.readings.resize(packed_.size());
  for (std::size_t mapped = 0; mapped < packed_.size(); ++mapped) read_mapped(mapped, inputs[mapped], memory, hooks);
}

std::span<const std::int64_t> ImagePass::run(std::span<const std::uint8_t> image, PassMemory& memory,
                                             const PassHooks& hooks) const {
  memory.values.resize(network_.layers.size());
  memory.readings.resize(packed_.size());
  if (network_.signed_inputs) {
    memory.image.resize(image.size());
    for (std::size_t i = 0; i < image.size(); ++i) memory.image[i] = static_cast<std::int8_t>(image[i]);
  } else {
    memory.image.assign(image.begin(), image.end());
  }
  encode_image(network_, memory.image);
  std::size_t mapped = 0;
  for (std::size_t i = 0; i < network_.layers.size(); ++i) {
    const Layer& layer = network_.layers[i];
    const bool skip = static_cast<int>(i) < hooks.first_layer;
    const std::size_t own = mapped;
    mapped += layer.has_weights() ? 1 : 0;
    if (skip) continue;
    const auto input = layer.more_inputs.empty() ? input_of(layer.input, memory) : joined_inputs(layer, memory);
    LayerValues& values = memory.values[i];
    if (layer.kind == LayerKind::max_pool) {
      max_pool(layer, input, values);
      continue;
    }
    std::span<const std::int32_t> acc;
    if (!layer.has_weights()) {
      average_pool_sums(layer, input, memory.pool_sums);
      acc = memory.pool_sums;
    } else {
      read_mapped(own, input, memory, hooks);
      acc = memory.readings[own].acc;
    }
    const LayerValues* residual = nullptr;
    LayerValues image_values;
    Shape residual_shape;
    if (layer.residual) {
      if (layer.residual->source == image_input) {
        image_values.activations = memory.image;
        residual = &image_values;
        residual_shape = network_.image;
      } else {
        residual = &memory.values[static_cast<std::size_t>(layer.residual->source)];
        residual_shape = network_.layers[static_cast<std::size_t>(layer.residual->source)].out;
      }
    }
    finish_layer(layer, acc, residual, residual_shape, values);
  }
  return memory.values.back().logits;
}

}  // namespace cimcycle
