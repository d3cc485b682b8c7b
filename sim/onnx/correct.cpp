// SPDX-License-Identifier: Apache-2.0
#include "onnx/correct.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "crossbar/layer_reader.h"
#include "mapping/mapping.h"
#include "replay/digital.h"

namespace cimcycle::onnx_model {
namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// All images side by side, one layer after the other.
class Correction {
 public:
  Correction(const Steps& steps, const Builder& builder, const Statistics& statistics, const ImageRun& images)
      : builder_(builder),
        statistics_(statistics),
        images_(images),
        hardware_(lossless_chip()),
        network_(builder.frame()),
        last_use_(steps.steps.size()),
        count_(at(images.count)),
        readings_(images.workers()),
        sums_(images.workers()) {
    for (std::size_t i = 0; i < steps.steps.size(); ++i) {
      for (const int input : steps.steps[i].inputs) use(input, i);
      if (steps.steps[i].added) use(*steps.steps[i].added, i);
    }
  }

  Network run() {
    values_.resize(last_use_.size());
    take_images();
    for (std::size_t i = 0; i < last_use_.size(); ++i) {
      network_.layers.push_back(builder_.layer(static_cast<int>(i)));
      run_layer(i);
      for (std::size_t source = 0; source < i; ++source) {
        if (last_use_[source] == i) values_[source].clear();
      }
    }
    return std::move(network_);
  }

 private:
  void use(int source, std::size_t layer) {
    if (source != image_input) last_use_[at(source)] = layer;
  }

  void take_images() {
    pixels_.resize(count_);
    const std::size_t plane = at(network_.image.size()) / at(network_.image.channels);
    images_.for_each(images_.count, "images", [&](std::size_t image, auto pixels, int, std::size_t) {
      std::vector<std::int16_t>& codes = pixels_[image].activations;
      codes.assign(pixels.begin(), pixels.end());
      if (network_.image_codes.empty()) return;
      for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = network_.image_codes[i / plane * 256 + at(codes[i])];
    });
  }

  const Shape& shape_of(int source) const {
    return source == image_input ? network_.image : network_.layers[at(source)].out;
  }

  const LayerValues& source_values(int source, std::size_t image) const {
    return source == image_input ? pixels_[image] : values_[at(source)][image];
  }

  /// Calls body(image, accumulators) for all images; a max pool has none. `packed`: of a layer with weights.
  template <class Body>
  void for_sums(const Layer& layer, const PackedLayer* packed, const Body& body) {
    const std::vector<int> pad = network_.padding_of(layer);
    parallel_for(images_.count, images_.threads, [&](std::int64_t image, int thread) {
      if (images_.stop != nullptr && images_.stop->load()) throw Interrupted();
      const auto worker = at(thread);
      std::span<const std::int16_t> input = source_values(layer.input, at(image)).activations;
      std::vector<std::int16_t> joined;
      if (!layer.more_inputs.empty()) {
        joined.assign(input.begin(), input.end());
        for (const int more : layer.more_inputs) {
          const auto& next = source_values(more, at(image)).activations;
          joined.insert(joined.end(), next.begin(), next.end());
        }
        input = joined;
      }
      if (layer.kind == LayerKind::max_pool) {
        max_pool(layer, input, values_[network_.layers.size() - 1][at(image)]);
        return;
      }
      if (packed != nullptr) {
        read_layer(*packed, input, pad, readings_[worker]);
        body(at(image), std::span<const std::int32_t>(readings_[worker].acc));
      } else {
        average_pool_sums(layer, input, sums_[worker]);
        body(at(image), std::span<const std::int32_t>(sums_[worker]));
      }
    });
  }

  void run_layer(std::size_t index) {
    values_[index].resize(count_);
    Layer& layer = network_.layers.back();
    std::optional<LayerMapping> mapping;
    std::optional<PackedLayer> packed;
    if (layer.has_weights()) {
      mapping = map_layer(layer, 0, hardware_);
      packed = pack_layer(layer, *mapping, hardware_, false, {true, GateMode::all_open});
      if (layer.output == OutputKind::unsigned_activation) correct(index, layer, *packed);
    }
    const int source = layer.residual ? layer.residual->source : image_input;
    for_sums(layer, packed ? &*packed : nullptr, [&](std::size_t image, std::span<const std::int32_t> acc) {
      finish_layer(layer, acc, layer.residual ? &source_values(source, image) : nullptr, shape_of(source),
                   values_[index][image]);
    });
  }

  void correct(std::size_t index, Layer& layer, const PackedLayer& packed) {
    const auto channels = at(layer.out.channels), positions = at(layer.vectors());
    std::vector<std::vector<std::int64_t>> sums(count_), added(count_);
    for_sums(layer, &packed, [&](std::size_t image, std::span<const std::int32_t> acc) {
      sums[image].assign(channels, 0);
      added[image].assign(channels, 0);
      for (std::size_t v = 0; v < positions; ++v) {
        for (std::size_t c = 0; c < channels; ++c) sums[image][c] += acc[v * channels + c];
      }
      if (!layer.residual) return;
      const LayerValues& from = source_values(layer.residual->source, image);
      std::vector<std::int64_t> plane;
      for (std::size_t c = 0; c < channels; ++c) {
        residual_plane(*layer.residual, from, shape_of(layer.residual->source), layer.out, c, plane);
        added[image][c] = std::accumulate(plane.begin(), plane.end(), std::int64_t{0});
      }
    });
    const TensorCodes& codes = builder_.codes(static_cast<int>(index));
    const double all = static_cast<double>(count_ * positions), one = std::ldexp(1.0, layer.digital.n);
    for (std::size_t c = 0; c < channels; ++c) {
      std::int64_t sum = 0, residual = 0;
      for (std::size_t image = 0; image < count_; ++image) {
        sum += sums[image][c];
        residual += added[image][c];
      }
      double mean = static_cast<double>(sum) / all * layer.digital.m[c] + static_cast<double>(layer.digital.c[c]);
      if (layer.residual) {
        const auto& r = layer.residual->multiplier;
        mean += static_cast<double>(residual) / all * r[r.size() == 1 ? 0 : c];
      }
      const double wanted = (statistics_.steps[index].mean_before[c] / codes.scale[c] - codes.shift[c]) * one;
      // A layer of zeros or a tensor outside its range has nothing that an offset could mend.
      const double limit = 255 * one;
      layer.digital.c[c] += std::llround(std::clamp(wanted - mean, -limit, limit));
    }
  }

  const Builder& builder_;
  const Statistics& statistics_;
  const ImageRun& images_;
  const Hardware hardware_;
  Network network_;
  std::vector<std::size_t> last_use_;
  const std::size_t count_;
  std::vector<LayerReading> readings_;
  std::vector<std::vector<std::int32_t>> sums_;
  std::vector<LayerValues> pixels_;
  std::vector<std::vector<LayerValues>> values_;  ///< [layer][image]
};

}  // namespace

Hardware lossless_chip() {
  Hardware hardware;
  hardware.name = "lossless";
  hardware.crossbar = {128, 128};
  hardware.ou = {128, 16};
  hardware.cell.bits = 8;  // one slice a weight: the least to pack
  hardware.input.digit_bits = 1;
  hardware.chip.crossbars_per_tile = 16;
  return hardware;
}

Network corrected_network(const Steps& steps, const Builder& builder, const Statistics& statistics,
                          const ImageRun& images) {
  return Correction(steps, builder, statistics, images).run();
}

}  // namespace cimcycle::onnx_model
