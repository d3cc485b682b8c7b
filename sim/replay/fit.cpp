// SPDX-License-Identifier: Apache-2.0
#include "replay/fit.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {

std::vector<std::span<const std::int16_t>> recorded_inputs_of(const Network& network, const NetworkMapping& mapping,
                                                              const Dataset& dataset) {
  std::vector<std::span<const std::int16_t>> inputs;
  if (!dataset.recorded) return inputs;
  for (const LayerMapping& mapped : mapping.layers) {
    const Layer& layer = network.layers[static_cast<std::size_t>(mapped.layer)];
    const std::string where = fmt::format("{}: layer {}", printable(dataset.name), layer.name);
    const auto found = dataset.recorded->find(layer.name);
    if (found == dataset.recorded->end()) fail_input("{}: no input was recorded for it", where);
    const Shape& shape = found->second.shape;
    const bool fits = layer.kind == LayerKind::linear ? shape.size() == layer.in.size() : shape == layer.in;
    if (!fits) {
      fail_input("{}: recorded are {} x {} x {} values, but {} reads {} x {} x {}", where, shape.channels, shape.height,
                 shape.width, printable(network.name), layer.in.channels, layer.in.height, layer.in.width);
    }
    const bool is_signed = network.reads_signed(layer);
    const int least = is_signed ? -(1 << (layer.input_bits - 1)) : 0;
    const int most = least + (1 << layer.input_bits) - 1;
    const auto [low, high] = std::ranges::minmax(found->second.values);
    if (low < least || high > most) {
      fail_input("{}: recorded values reach from {} to {}, but {} bits ({}) hold {} to {}", where, low, high,
                 layer.input_bits, is_signed ? "two's complement" : "unsigned", least, most);
    }
    inputs.emplace_back(found->second.values);
  }
  return inputs;
}

void check_training_images(const Dataset& dataset, std::int64_t asked) {
  if (asked >= 1 && asked <= dataset.size) return;
  fail_input("--images {}: {} has {} training images; use 1 to {}", asked, printable(dataset.name), dataset.size,
             dataset.size);
}

void check_fit(const Network& network, const Dataset& dataset) {
  if (dataset.recorded) return;  // recorded_inputs_of looks at every layer
  if (network.recorded()) {
    fail_input("{}: holds images, but {} reads recorded inputs; give --dataset trace:DIR", printable(dataset.name),
               printable(network.name));
  }
  if (!(dataset.shape == network.image)) {
    fail_input("{}: images are {} x {} x {}, but {} reads {} x {} x {}", printable(dataset.name),
               dataset.shape.channels, dataset.shape.height, dataset.shape.width, printable(network.name),
               network.image.channels, network.image.height, network.image.width);
  }
  if (dataset.classes > network.layers.back().out.size()) {
    fail_input("{}: {} classes, but {} has {} logits", printable(dataset.name), dataset.classes,
               printable(network.name), network.layers.back().out.size());
  }
}

}  // namespace cimcycle
