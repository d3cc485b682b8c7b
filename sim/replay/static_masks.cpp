// SPDX-License-Identifier: Apache-2.0
#include "replay/static_masks.h"

#include <algorithm>

#include "replay/image_pass.h"

namespace cimcycle {
namespace {

/// Marks the (row group, output block) pairs that are open for any vector of one image.
void mark_open(const LayerTrace& trace, std::size_t groups, std::size_t blocks, std::vector<std::uint8_t>& opened) {
  const std::size_t words = static_cast<std::size_t>(trace.mask_words);
  opened.resize(groups * blocks);
  for (std::size_t v = 0; v < static_cast<std::size_t>(trace.vectors); ++v) {
    for (std::size_t g = 0; g < groups; ++g) {
      for (std::size_t b = 0; b < blocks; ++b) {
        opened[g * blocks + b] |=
            static_cast<std::uint8_t>(trace.open[(v * groups + g) * words + b / 64] >> (b % 64) & 1u);
      }
    }
  }
}

}  // namespace

bool is_pruned(const Layer& layer) { return layer.has_weights() && layer.dec3.looks_at_sums() && layer.dec3.lb == 0; }

void record_removed_groups(Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                           const ImageRun& training) {
  const auto layer_of = [&](std::size_t mapped) -> Layer& {
    return network.layers[static_cast<std::size_t>(mapping.layers[mapped].layer)];
  };
  if (std::none_of(network.layers.begin(), network.layers.end(), is_pruned)) return;
  const NumericsOptions as_described;
  const ImagePass pass(network, mapping, hardware, {&as_described, 1});
  std::vector<PassMemory> memory(training.workers());
  std::vector<std::vector<std::vector<std::uint8_t>>> opened(
      training.workers(), std::vector<std::vector<std::uint8_t>>(mapping.layers.size()));
  training.for_each(training.count, "static masks",
                    [&](std::size_t, std::span<const std::uint8_t> pixels, int, std::size_t worker) {
                      PassHooks hooks;
                      hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
                        if (!is_pruned(layer_of(mapped))) return;
                        mark_open(reading.trace, mapping.layers[mapped].groups.size(),
                                  mapping.layers[mapped].blocks.size(), opened[worker][mapped]);
                      };
                      pass.run(pixels, memory[worker], hooks);
                    });
  for (std::size_t mapped = 0; mapped < mapping.layers.size(); ++mapped) {
    if (!is_pruned(layer_of(mapped))) continue;
    auto& removed = layer_of(mapped).dec3.removed_groups;
    removed.assign(mapping.layers[mapped].groups.size() * mapping.layers[mapped].blocks.size(), 1);
    for (const auto& worker : opened) {
      for (std::size_t i = 0; i < worker[mapped].size(); ++i) {
        if (worker[mapped][i] != 0) removed[i] = 0;
      }
    }
  }
}

}  // namespace cimcycle
