// SPDX-License-Identifier: Apache-2.0
// Forward pass of the gated convolution: gated_layer.h.
#include <memory>
#include <utility>
#include <vector>

#include "partial_sums.h"
#include "patches.h"

namespace gated {
namespace {

/// One thread's work: images one by one, tile by tile.
class Forward {
 public:
  Forward(const GatedShape& shape, const Layout& layout, const PackedWeights& high, const PackedWeights* low,
          std::int32_t threshold)
      : shape_(shape),
        layout_(layout),
        high_(high),
        low_(low),
        threshold_(threshold),
        padded_(layout.padded_size(shape)),
        patches_(static_cast<std::size_t>(layout.groups) * layout.quads),
        y_(static_cast<std::size_t>(layout.blocks) * shape.ou_cols),
        block_(shape) {}

  void image(const std::uint8_t* codes, float* y, float* importance) {
    pad_image(shape_, layout_, codes, padded_.data());
    for (int tile = 0; tile < layout_.tiles; ++tile) {
      take_patches(shape_, layout_, padded_.data(), tile, patches_.data());
      std::fill(y_.begin(), y_.end(), Ints{});
      for (int group = 0; group < layout_.groups; ++group) {
        for (int block = 0; block < layout_.blocks; ++block) add_group(tile, group, block, importance);
      }
      store(tile, y);
      add_sums(tile);
    }
  }

  GateSums sums{};

 private:
  void add_group(int tile, int group, int block, float* importance) {
    const Ints* const x = &patches_[static_cast<std::size_t>(group) * layout_.quads];
    const int outputs = layout_.outputs_of(shape_, block);
    const Ints gate = block_.importance(high_, layout_, shape_, group, block, x);
    const Ints valid = valid_lanes(layout_, tile);
    const Ints open = (gate >= BlockSums::limit(shape_, outputs, threshold_)) & valid;
    count(tile, group, block, gate, open, outputs, importance);
    if (shape_.gate == gate_inputs) {
      if (low_ == nullptr && !any(open)) return;
      BlockSums::sum(high_, layout_, shape_, group, block, x, block_.high);
    }
    Ints* const y = &y_[static_cast<std::size_t>(block) * shape_.ou_cols];
    if (low_ == nullptr) {
      for (int j = 0; j < outputs; ++j) y[j] += block_.high[j] & open;
      return;
    }
    for (int j = 0; j < outputs; ++j) y[j] += block_.high[j] << shape_.shift;
    if (!any(open)) return;
    BlockSums::sum(*low_, layout_, shape_, group, block, x, block_.low);
    for (int j = 0; j < outputs; ++j) y[j] += block_.low[j] & open;
  }

  void count(int tile, int group, int block, Ints gate, Ints open, int outputs, float* importance) {
    const float per_output = shape_.gate == gate_mean ? 1.0f / static_cast<float>(outputs) : 1.0f;
    const Floats value = to_floats(gate) * per_output;
    tile_open_ -= open;
    tile_squares_ += reinterpret_cast<Floats>(reinterpret_cast<Ints>(value * value) & valid_lanes(layout_, tile));
    if (importance == nullptr) return;
    std::memcpy(importance + (static_cast<std::size_t>(group) * layout_.blocks + block) * layout_.positions +
                    static_cast<std::size_t>(tile) * lanes,
                &value, sizeof(float) * static_cast<std::size_t>(std::min(lanes, layout_.positions - tile * lanes)));
  }

  void add_sums(int tile) {
    sums.decisions += std::int64_t{layout_.groups} * layout_.blocks * std::min(lanes, layout_.positions - tile * lanes);
    for (int lane = 0; lane < lanes; ++lane) {
      sums.open += tile_open_[lane];
      sums.importance_squares += tile_squares_[lane];
    }
    tile_open_ = Ints{};
    tile_squares_ = Floats{};
  }

  void store(int tile, float* y) const {
    const std::size_t positions = static_cast<std::size_t>(std::min(lanes, layout_.positions - tile * lanes));
    for (int j = 0; j < shape_.outputs; ++j) {
      const Floats value = to_floats(y_[static_cast<std::size_t>(j)]);
      std::memcpy(y + static_cast<std::size_t>(j) * layout_.positions + tile * lanes, &value,
                  sizeof(float) * positions);
    }
  }

  const GatedShape& shape_;
  const Layout& layout_;
  const PackedWeights& high_;
  const PackedWeights* low_;
  std::int32_t threshold_;
  std::vector<std::uint8_t> padded_;
  std::vector<Ints> patches_;
  std::vector<Ints> y_;  ///< [blocks * ou_cols]
  BlockSums block_;
  Ints tile_open_ = {};
  Floats tile_squares_ = {};
};

}  // namespace
}  // namespace gated

int gated_forward(const GatedShape* shape, const std::uint8_t* codes, const std::int8_t* high, const std::int8_t* low,
                  std::int32_t threshold, std::int32_t threads, float* y, float* importance, GateSums* sums) {
  using namespace gated;
  if (!is_usable(*shape)) return 1;
  const Layout layout(*shape);
  const PackedWeights packed_high(*shape, layout, high);
  std::unique_ptr<PackedWeights> packed_low;
  if (low != nullptr) packed_low = std::make_unique<PackedWeights>(*shape, layout, low);
  // Added image by image, so that the sums do not depend on the threads.
  std::vector<GateSums> of_image(static_cast<std::size_t>(shape->images));
#pragma omp parallel num_threads(threads)
  {
    Forward forward(*shape, layout, packed_high, packed_low.get(), threshold);
#pragma omp for schedule(static)
    for (std::int32_t image = 0; image < shape->images; ++image) {
      const std::size_t at = static_cast<std::size_t>(image);
      forward.image(
          codes + at * shape->channels * shape->height * shape->width, y + at * shape->outputs * layout.positions,
          importance == nullptr ? nullptr : importance + at * layout.groups * layout.blocks * layout.positions);
      of_image[at] = std::exchange(forward.sums, GateSums{});
    }
  }
  *sums = GateSums{};
  for (const GateSums& image : of_image) {
    sums->decisions += image.decisions;
    sums->open += image.open;
    sums->importance_squares += image.importance_squares;
  }
  return 0;
}
