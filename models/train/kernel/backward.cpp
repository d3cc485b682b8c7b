// SPDX-License-Identifier: Apache-2.0
// Backward pass of the gated convolution: gated_layer.h. Partial sums are computed again instead of being kept: written
// out they would be gigabytes for one batch of a VGG-8 layer.
#include <omp.h>

#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "float_weights.h"
#include "partial_sums.h"
#include "patches.h"

namespace gated {
namespace {

/// Slopes of the logistic function below this count as 0: a gate that far from its threshold learns nothing.
constexpr float least_slope = 1e-5f;

class Backward {
 public:
  Backward(const GatedShape& shape, const Layout& layout, const Weights& weights, std::int32_t threshold,
           const GateSlope& gate)
      : dhigh(shape, layout, Side::rows, nullptr),
        shape_(shape),
        layout_(layout),
        weights_(weights),
        threshold_(threshold),
        gate_(gate),
        padded_(layout.padded_size(shape)),
        dx_(shape, layout),
        patches_(static_cast<std::size_t>(layout.groups) * layout.quads),
        dy_(static_cast<std::size_t>(layout.blocks) * shape.ou_cols),
        through_mask_(static_cast<std::size_t>(shape.ou_cols)),
        to_high_(static_cast<std::size_t>(shape.ou_cols)),
        vectors_(static_cast<std::size_t>(lanes) * dhigh.vectors()),
        dx_rows_(static_cast<std::size_t>(lanes) * dhigh.vectors()),
        block_(shape) {}

  void image(const std::uint8_t* codes, const float* dy, float* dx) {
    pad_image(shape_, layout_, codes, padded_.data());
    dx_.clear();
    for (int tile = 0; tile < layout_.tiles; ++tile) {
      take_patches(shape_, layout_, padded_.data(), tile, patches_.data());
      take_dy(tile, dy);
      tile_dtheta_ = Floats{};
      for (int group = 0; group < layout_.groups; ++group) {
        has_vectors_ = false;
        std::fill(dx_rows_.begin(), dx_rows_.end(), Floats{});
        for (int block = 0; block < layout_.blocks; ++block) add_group(tile, group, block);
        for (int row = 0; row < layout_.rows_of(shape_, group); ++row) {
          dx_.add(tile, group * shape_.ou_rows + row, dx_rows_[static_cast<std::size_t>(row)]);
        }
      }
      for (int lane = 0; lane < lanes; ++lane) dtheta += tile_dtheta_[lane];
    }
    dx_.add_to(dx);
  }

  FloatWeights dhigh;
  double dtheta = 0;

 private:
  void take_dy(int tile, const float* dy) {
    const std::size_t positions = static_cast<std::size_t>(std::min(lanes, layout_.positions - tile * lanes));
    for (int j = 0; j < shape_.outputs; ++j) {
      Floats value = {};
      std::memcpy(&value, dy + static_cast<std::size_t>(j) * layout_.positions + tile * lanes,
                  sizeof(float) * positions);
      dy_[static_cast<std::size_t>(j)] = value;
    }
  }

  void add_group(int tile, int group, int block) {
    const Ints* const x = &patches_[static_cast<std::size_t>(group) * layout_.quads];
    const Floats* const dy = &dy_[static_cast<std::size_t>(block) * shape_.ou_cols];
    const int outputs = layout_.outputs_of(shape_, block);
    const bool has_low = weights_.low != nullptr;
    const bool looks_at_inputs = shape_.gate == gate_inputs;
    const Ints importance = block_.importance(weights_.high, layout_, shape_, group, block, x);
    const Ints valid = valid_lanes(layout_, tile);
    const Ints open = (importance >= BlockSums::limit(shape_, outputs, threshold_)) & valid;
    const float per_output = shape_.gate == gate_mean ? 1.0f / static_cast<float>(outputs) : 1.0f;
    const Floats slope =
        logistic_slope((to_floats(importance) * per_output - gate_.theta) * (gate_.slope / gate_.scale));
    const Ints learns = (slope > least_slope) & valid;
    if (any(open)) {
      for (int j = 0; j < outputs; ++j) through_mask_[static_cast<std::size_t>(j)] = kept(dy[j], open);
      add_dx((has_low ? weights_.low_floats : weights_.high_floats).at(group, block), through_mask_, outputs);
      // Without low parts the mask is all that lies between Wh and y.
      if (!has_low) add_outer(x, group, block, through_mask_, outputs);
    }
    if (!any(learns)) return;
    if (has_low) BlockSums::sum(*weights_.low, layout_, shape_, group, block, x, block_.low);
    if (!has_low && looks_at_inputs) BlockSums::sum(weights_.high, layout_, shape_, group, block, x, block_.high);
    const std::vector<Ints>& behind = has_low ? block_.low : block_.high;
    Floats dmask = Floats{} + gate_.open_cost;
    for (int j = 0; j < outputs; ++j) dmask += dy[j] * to_floats(behind[static_cast<std::size_t>(j)]);
    const Floats dimportance = kept(dmask * slope * (gate_.slope / gate_.scale), learns);
    tile_dtheta_ -= dimportance;
    if (gate_.reaches_sums == 0) return;
    if (looks_at_inputs) {
      for (int row = 0; row < layout_.rows_of(shape_, group); ++row) {
        dx_rows_[static_cast<std::size_t>(row)] += dimportance;
      }
      return;
    }
    if (shape_.gate == gate_max) return add_largest(x, group, block, importance, dimportance, outputs);
    spread(dimportance * per_output, outputs);
    add_dx(weights_.high_floats.at(group, block), to_high_, outputs);
    add_outer(x, group, block, to_high_, outputs);
  }

  static Floats kept(Floats value, Ints where) {
    return reinterpret_cast<Floats>(reinterpret_cast<Ints>(value) & where);
  }

  /// dI to all partial sums of the block.
  void spread(Floats gradient, int outputs) {
    for (int j = 0; j < outputs; ++j) {
      const Ints sum = block_.high[static_cast<std::size_t>(j)];
      // |Ph| has no slope at 0.
      to_high_[static_cast<std::size_t>(j)] = kept(sum < 0 ? -gradient : gradient, sum != 0);
    }
  }

  /// dI to the first of the largest partial sums and on to its inputs and weights: one output in each lane, so that
  /// weights are picked and rows of dhigh addressed by it, a sixteenth of the products over all outputs.
  void add_largest(const Ints* x, int group, int block, Ints importance, Floats gradient, int outputs) {
    Ints winner = {};
    Ints is_negative = {};
    for (int j = outputs - 1; j >= 0; --j) {
      const Ints sum = block_.high[static_cast<std::size_t>(j)];
      const Ints takes = magnitude(sum) == importance;
      winner = takes ? Ints{} + j : winner;
      is_negative = takes ? sum < 0 : is_negative;
    }
    gradient = kept(is_negative != 0 ? -gradient : gradient, importance != 0);  // |Ph| has no slope at 0
    const Floats* const rows = weights_.high_outputs.at(group, block);
    const int vectors = weights_.high_outputs.vectors();
    for (int v = 0; v < vectors; ++v) {
      const Floats here = kept(gradient, winner / lanes == v);
      for (int row = 0; row < layout_.rows_of(shape_, group); ++row) {
        dx_rows_[static_cast<std::size_t>(row)] += here * __builtin_shuffle(rows[row * vectors + v], winner % lanes);
      }
    }
    if (!has_vectors_) take_vectors(x);
    const int row_vectors = dhigh.vectors();
    Floats* const to = dhigh.at(group, block);
    for (int lane = 0; lane < lanes; ++lane) {
      for (int v = 0; v < row_vectors; ++v) {
        to[winner[lane] * row_vectors + v] += vectors_[static_cast<std::size_t>(v * lanes + lane)] * gradient[lane];
      }
    }
  }

  /// Rows' gradients: sum over outputs of coefficient x weight.
  void add_dx(const Floats* weights, const std::vector<Floats>& coefficient, int outputs) {
    const int row_vectors = dhigh.vectors();
    for (int v = 0; v < row_vectors; ++v) {
      Floats sums[lanes];
      Floats* const rows = &dx_rows_[static_cast<std::size_t>(v) * lanes];
      for (int i = 0; i < lanes; ++i) sums[i] = rows[i];
      for (int j = 0; j < outputs; ++j) {
        const Floats factor = coefficient[static_cast<std::size_t>(j)];
        const Floats& row_weights = weights[j * row_vectors + v];
        for (int i = 0; i < lanes; ++i) sums[i] += factor * row_weights[i];
      }
      for (int i = 0; i < lanes; ++i) rows[i] = sums[i];
    }
  }

  /// dhigh += coefficient (outputs x lanes) times the lanes' input vectors.
  void add_outer(const Ints* x, int group, int block, const std::vector<Floats>& coefficient, int outputs) {
    if (!has_vectors_) take_vectors(x);
    const int row_vectors = dhigh.vectors();
    Floats* const to = dhigh.at(group, block);
    for (int v = 0; v < row_vectors; ++v) {
      const Floats* const rows = &vectors_[static_cast<std::size_t>(v) * lanes];
      int j = 0;
      // Eight independent sums hide the latency of an addition.
      for (; j + 8 <= outputs; j += 8) add_products<8>(rows, &coefficient[static_cast<std::size_t>(j)], to, j, v);
      for (; j < outputs; ++j) add_products<1>(rows, &coefficient[static_cast<std::size_t>(j)], to, j, v);
    }
  }

  template <int count>
  void add_products(const Floats* rows, const Floats* coefficient, Floats* to, int first, int v) const {
    const int row_vectors = dhigh.vectors();
    Floats sum[count];
    for (int j = 0; j < count; ++j) sum[j] = to[(first + j) * row_vectors + v];
    for (int lane = 0; lane < lanes; ++lane) {
      for (int j = 0; j < count; ++j) sum[j] += rows[lane] * coefficient[j][lane];
    }
    for (int j = 0; j < count; ++j) to[(first + j) * row_vectors + v] = sum[j];
  }

  /// The group's codes with rows as lanes: [row vectors][input vectors].
  void take_vectors(const Ints* x) {
    for (int v = 0; v < dhigh.vectors(); ++v) {
      for (int lane = 0; lane < lanes; ++lane) {
        std::int32_t four[4] = {};
        for (int q = 0; q < 4 && v * 4 + q < layout_.quads; ++q) four[q] = x[v * 4 + q][lane];
        vectors_[static_cast<std::size_t>(v * lanes + lane)] =
            to_floats(__builtin_convertvector(load<Bytes>(four), Ints));
      }
    }
    has_vectors_ = true;
  }

  const GatedShape& shape_;
  const Layout& layout_;
  const Weights& weights_;
  std::int32_t threshold_;
  const GateSlope& gate_;
  std::vector<std::uint8_t> padded_;
  GradientImage dx_;
  std::vector<Ints> patches_;
  std::vector<Floats> dy_;                      ///< [blocks * ou_cols]
  std::vector<Floats> through_mask_, to_high_;  ///< [ou_cols]: gradients of what a mask multiplies, of Ph by the gate
  std::vector<Floats> vectors_;
  std::vector<Floats> dx_rows_;  ///< of one row group
  BlockSums block_;
  Floats tile_dtheta_ = {};
  bool has_vectors_ = false;
};

}  // namespace
}  // namespace gated

int gated_backward(const GatedShape* shape, const std::uint8_t* codes, const std::int8_t* high, const std::int8_t* low,
                   std::int32_t threshold, const GateSlope* gate, const float* dy, std::int32_t threads, float* dx,
                   float* dhigh, double* dtheta) {
  using namespace gated;
  if (!is_usable(*shape)) return 1;
  const Layout layout(*shape);
  const Weights weights(*shape, layout, high, low);
  // Added in the order of images and threads: the same threads give the same sums, however they take turns.
  std::vector<double> dtheta_of_image(static_cast<std::size_t>(shape->images));
  std::vector<std::unique_ptr<Backward>> of_thread(static_cast<std::size_t>(threads));
#pragma omp parallel num_threads(threads)
  {
    std::unique_ptr<Backward>& own = of_thread[static_cast<std::size_t>(omp_get_thread_num())];
    own = std::make_unique<Backward>(*shape, layout, weights, threshold, *gate);
    Backward& backward = *own;
#pragma omp for schedule(static)
    for (std::int32_t image = 0; image < shape->images; ++image) {
      const std::size_t at = static_cast<std::size_t>(image);
      const std::size_t codes_per_image = static_cast<std::size_t>(shape->channels) * shape->height * shape->width;
      backward.image(codes + at * codes_per_image, dy + at * shape->outputs * layout.positions,
                     dx + at * codes_per_image);
      dtheta_of_image[at] = std::exchange(backward.dtheta, 0.0);
    }
#pragma omp for schedule(static)
    for (std::int32_t output = 0; output < shape->outputs; ++output) {
      for (const std::unique_ptr<Backward>& part : of_thread) {
        if (part == nullptr) continue;  // there may be fewer threads than were asked for
        for (int row = 0; row < layout.rows; ++row) {
          dhigh[static_cast<std::size_t>(output) * layout.rows + row] += part->dhigh.value(output, row);
        }
      }
    }
  }
  *dtheta = std::accumulate(dtheta_of_image.begin(), dtheta_of_image.end(), 0.0);
  return 0;
}
