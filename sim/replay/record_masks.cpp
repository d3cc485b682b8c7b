// SPDX-License-Identifier: Apache-2.0
#include "replay/record_masks.h"

#include <functional>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "replay/fit.h"
#include "replay/image_pass.h"

namespace cimcycle {
namespace {

/// Shape and place of the masks of one image of a layer; empty without a mask.
LayerMasks empty_masks(const Layer& layer, const LayerMapping& mapping, std::int64_t images) {
  LayerMasks masks;
  masks.name = layer.name;
  masks.shape = {images, layer.out.height, layer.out.width, static_cast<std::int64_t>(mapping.groups.size()),
                 static_cast<std::int64_t>(mapping.blocks.size())};
  return masks;
}

std::int64_t bytes_per_image(const LayerMasks& masks) {
  return std::accumulate(masks.shape.begin() + 1, masks.shape.end(), std::int64_t{1}, std::multiplies<>());
}

/// One byte per (vector, row group, output block).
void unpack(const LayerTrace& trace, std::size_t blocks, std::uint8_t* open) {
  const std::size_t words = static_cast<std::size_t>(trace.mask_words);
  for (std::size_t row = 0; row < trace.open.size() / words; ++row) {
    for (std::size_t b = 0; b < blocks; ++b) {
      *open++ = static_cast<std::uint8_t>(trace.open[row * words + b / 64] >> (b % 64) & 1u);
    }
  }
}

}  // namespace

std::int64_t mask_bytes_per_image(const Network& network, const NetworkMapping& mapping) {
  std::int64_t bytes = 0;
  for (const LayerMapping& mapped : mapping.layers) {
    const Layer& layer = network.layers[static_cast<std::size_t>(mapped.layer)];
    if (has_mask(layer, mapped)) bytes += bytes_per_image(empty_masks(layer, mapped, 1));
  }
  return bytes;
}

std::vector<LayerMasks> record_masks(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                                     const ImageRun& run) {
  check_fit(network, run.dataset);
  std::vector<LayerMasks> result;
  std::vector<LayerMasks*> of_mapped(mapping.layers.size(), nullptr);
  result.reserve(mapping.layers.size());  // pointers into it must hold
  for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
    const Layer& layer = network.layers[static_cast<std::size_t>(mapping.layers[i].layer)];
    if (!has_mask(layer, mapping.layers[i])) continue;
    result.push_back(empty_masks(layer, mapping.layers[i], run.count));
    of_mapped[i] = &result.back();
    result.back().open.resize(static_cast<std::size_t>(run.count * bytes_per_image(result.back())));
  }
  if (result.empty()) fail_input("{}: no layer has a gate or OU groups that are left out", printable(network.name));
  const auto recorded = recorded_inputs_of(network, mapping, run.dataset);
  const NumericsOptions as_described;
  const ImagePass pass(network, mapping, hardware, {&as_described, 1});
  std::vector<PassMemory> memory(run.workers());
  run.for_each(run.count, "masks",
               [&](std::size_t image, std::span<const std::uint8_t> pixels, int, std::size_t worker) {
                 PassHooks hooks;
                 hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
                   LayerMasks* const masks = of_mapped[mapped];
                   if (masks == nullptr) return;
                   unpack(reading.trace, mapping.layers[mapped].blocks.size(),
                          &masks->open[image * static_cast<std::size_t>(bytes_per_image(*masks))]);
                 };
                 if (run.dataset.recorded) {
                   pass.run_recorded(recorded, memory[worker], hooks);
                 } else {
                   pass.run(pixels, memory[worker], hooks);
                 }
               });
  return result;
}

}  // namespace cimcycle
