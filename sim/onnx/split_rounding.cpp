// SPDX-License-Identifier: Apache-2.0
#include "onnx/split_rounding.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace cimcycle::onnx_model {
namespace {

constexpr int most_sweeps = 4;
/// Moves that gain less than this are rounding errors of the slopes; costs are in squares of a code.
constexpr float least_gain = 1e-4F;
/// Outputs that share a product with the moments.
constexpr std::int64_t outputs_at_once = 32;

using Matrix = Eigen::MatrixXf;
using Vector = Eigen::VectorXf;

/// One block of rows: the second moments of its inputs, whose mean diagonal is 1.
struct Block {
  std::int64_t first = 0;
  Matrix whole;  ///< M
  Matrix high;   ///< H
};

Block block_of(const InputVectors& vectors, std::int64_t first, std::int64_t rows, const SplitRounding& options) {
  Block block;
  block.first = first;
  const auto part = vectors.middleRows(first, rows);
  block.whole = Matrix::Zero(rows, rows);
  block.whole.selfadjointView<Eigen::Lower>().rankUpdate(part, 1 / static_cast<float>(vectors.cols()));
  block.whole.triangularView<Eigen::StrictlyUpper>() = block.whole.transpose();
  const float mean = block.whole.diagonal().mean();
  if (mean > 0) block.whole /= mean;
  block.high = block.whole * static_cast<float>(options.closed_share);
  for (std::int64_t group = 0; group < rows; group += options.group_rows) {
    const std::int64_t size = std::min<std::int64_t>(options.group_rows, rows - group);
    block.high.block(group, group, size, size) = block.whole.block(group, group, size, size);
  }
  return block;
}

/// The weights of one output in one block.
class Descent {
 public:
  Descent(const Block& block, const SplitRounding& options, const float* targets, std::int16_t* codes)
      : block_(block),
        share_(static_cast<float>(options.closed_share)),
        step_(static_cast<float>(1 << options.dec3.lb)),
        highest_(1 << (options.dec3.hb - 1)),
        range_(weight_range(options.dec3)),
        dec3_(options.dec3),
        targets_(targets),
        codes_(codes) {}

  int high_of(std::int64_t row) const { return split_weight(codes_[row], dec3_).high; }
  float high_error(std::int64_t row) const { return targets_[row] - step_ * static_cast<float>(high_of(row)); }
  float whole_error(std::int64_t row) const { return targets_[row] - static_cast<float>(codes_[row]); }

  /// `high_slope` and `whole_slope`: H and M times the errors; kept so.
  void run(Eigen::Ref<Vector> high_slope, Eigen::Ref<Vector> whole_slope) {
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
      bool changed = false;
      for (std::int64_t row = 0; row < block_.whole.rows(); ++row) {
        changed = move(row, high_slope, whole_slope) || changed;
      }
      if (!changed) return;
    }
  }

 private:
  /// The code nearest to the target among those with this high part.
  int code_with(std::int64_t row, int high) const {
    const float middle = step_ * static_cast<float>(high);
    const float nearest = std::clamp(std::nearbyint(targets_[row]), middle - step_ / 2, middle + step_ / 2 - 1);
    return static_cast<int>(std::clamp(nearest, static_cast<float>(range_.min), static_cast<float>(range_.max)));
  }

  bool move(std::int64_t row, Eigen::Ref<Vector>& high_slope, Eigen::Ref<Vector>& whole_slope) {
    const int high = high_of(row);
    float best = -least_gain, best_high_change = 0, best_change = 0;
    for (const int next : {high - 1, high + 1}) {
      if (next < -highest_ || next >= highest_) continue;
      const float high_change = step_ * static_cast<float>(high - next);
      const auto change = static_cast<float>(codes_[row] - code_with(row, next));
      const float cost = share_ * high_change * (2 * high_slope[row] + high_change * block_.high(row, row)) +
                         (1 - share_) * change * (2 * whole_slope[row] + change * block_.whole(row, row));
      if (cost >= best) continue;
      best = cost;
      best_high_change = high_change;
      best_change = change;
    }
    if (best_high_change == 0) return false;
    high_slope += best_high_change * block_.high.col(row);
    whole_slope += best_change * block_.whole.col(row);
    codes_[row] = static_cast<std::int16_t>(codes_[row] - static_cast<int>(best_change));
    return true;
  }

  const Block& block_;
  const float share_, step_;
  const int highest_;
  const WeightRange range_;
  const Dec3& dec3_;
  const float* targets_;
  std::int16_t* codes_;
};

}  // namespace

void round_split(std::span<std::int16_t> codes, std::span<const float> targets, const InputVectors& vectors,
                 const SplitRounding& options) {
  if (options.closed_share == 0) return;
  const std::int64_t rows = vectors.rows(), outputs = std::ssize(codes) / rows;
  for (std::int64_t first = 0; first < rows; first += options.block_rows) {
    const std::int64_t size = std::min<std::int64_t>(options.block_rows, rows - first);
    const Block block = block_of(vectors, first, size, options);
    parallel_for((outputs + outputs_at_once - 1) / outputs_at_once, options.threads, [&](std::int64_t part, int) {
      const std::int64_t begin = part * outputs_at_once, count = std::min(outputs_at_once, outputs - begin);
      Matrix high(size, count), whole(size, count);
      std::vector<Descent> descents;
      for (std::int64_t o = 0; o < count; ++o) {
        const std::int64_t at = (begin + o) * rows + first;
        descents.emplace_back(block, options, targets.data() + at, codes.data() + at);
        for (std::int64_t row = 0; row < size; ++row) {
          high(row, o) = descents.back().high_error(row);
          whole(row, o) = descents.back().whole_error(row);
        }
      }
      high = (block.high * high).eval();
      whole = (block.whole * whole).eval();
      for (std::int64_t o = 0; o < count; ++o) {
        descents[static_cast<std::size_t>(o)].run(high.col(o), whole.col(o));
      }
    });
  }
}

}  // namespace cimcycle::onnx_model
