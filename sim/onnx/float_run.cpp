// SPDX-License-Identifier: Apache-2.0
#include "onnx/float_run.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

namespace cimcycle::onnx_model {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// Calls body(kernel index, input row or column) for the kernel elements of one direction that lie on the input.
template <class Body>
void for_kernel(int output, int kernel, int stride, int dilation, int padding, int size, Body&& body) {
  for (int k = 0; k < kernel; ++k) {
    const int position = output * stride + k * dilation - padding;
    if (position >= 0 && position < size) body(k, position);
  }
}

}  // namespace

void unroll(const Step& step, const float* input, int channels, std::vector<float>& columns) {
  const std::int64_t positions = std::int64_t{step.out.height} * step.out.width;
  const std::int64_t plane = std::int64_t{step.in.height} * step.in.width;
  const int kernel = step.kernel_h * step.kernel_w;
  columns.assign(at(channels * kernel * positions), 0.0F);
  for (int c = 0; c < channels; ++c) {
    for (int y = 0; y < step.out.height; ++y) {
      for_kernel(y, step.kernel_h, step.stride.height, step.dilation.height, step.padding.top, step.in.height,
                 [&](int ky, int row) {
                   for (int x = 0; x < step.out.width; ++x) {
                     for_kernel(x, step.kernel_w, step.stride.width, step.dilation.width, step.padding.left,
                                step.in.width, [&](int kx, int column) {
                                  const std::int64_t to =
                                      (std::int64_t{c} * kernel + ky * step.kernel_w + kx) * positions +
                                      y * step.out.width + x;
                                  columns[at(to)] = input[c * plane + std::int64_t{row} * step.in.width + column];
                                });
                   }
                 });
    }
  }
}

namespace {

void multiply(const Step& step, const std::vector<float>& input, std::vector<float>& columns,
              std::vector<float>& sums) {
  const std::int64_t positions = std::int64_t{step.out.height} * step.out.width;
  const int channels = step.in.channels / step.groups, outputs = step.out.channels / step.groups;
  const std::int64_t rows = step.rows();
  const bool is_plain = step.kind == LayerKind::linear || (step.kernel_h == 1 && step.kernel_w == 1 &&
                                                           step.stride == Directions(1) && step.padding == Border(0));
  sums.resize(at(step.out.size()));
  for (int group = 0; group < step.groups; ++group) {
    const float* from = input.data() + std::int64_t{group} * channels * step.in.height * step.in.width;
    if (!is_plain) {
      unroll(step, from, channels, columns);
      from = columns.data();
    }
    const ConstMap weights(step.weights.data() + group * outputs * rows, outputs, rows);
    const ConstMap vectors(from, rows, positions);
    Eigen::Map<Matrix>(sums.data() + group * outputs * positions, outputs, positions).noalias() = weights * vectors;
  }
}

void pool(const Step& step, const std::vector<float>& input, std::vector<float>& values) {
  const bool is_max = step.kind == LayerKind::max_pool;
  const std::int64_t plane = std::int64_t{step.in.height} * step.in.width;
  const std::int64_t kernel = std::int64_t{step.kernel_h} * step.kernel_w;
  values.resize(at(step.out.size()));
  std::size_t to = 0;
  for (int c = 0; c < step.out.channels; ++c) {
    for (int y = 0; y < step.out.height; ++y) {
      for (int x = 0; x < step.out.width; ++x) {
        float value = is_max ? -HUGE_VALF : 0.0F;
        std::int64_t elements = 0;
        for_kernel(y, step.kernel_h, step.stride.height, 1, step.padding.top, step.in.height, [&](int, int row) {
          for_kernel(x, step.kernel_w, step.stride.width, 1, step.padding.left, step.in.width, [&](int, int column) {
            const float one = input[at(c * plane + std::int64_t{row} * step.in.width + column)];
            value = is_max ? std::max(value, one) : value + one;
            ++elements;
          });
        });
        // Behind it comes a factor of 1 / kernel elements.
        if (!step.counts_padding) value *= static_cast<float>(kernel) / static_cast<float>(elements);
        values[to++] = value;
      }
    }
  }
}

/// What an addition takes of its other input, which has the shape `given`.
std::vector<float> selected(const Selection& selection, const std::vector<float>& values, const Shape& given,
                            const Shape& out) {
  std::vector<float> result(at(out.size()), 0.0F);
  for (int c = 0; c < given.channels; ++c) {
    std::size_t to = at((std::int64_t{c} + selection.pad_front) * out.height * out.width);
    for (int y = 0; y < out.height; ++y) {
      for (int x = 0; x < out.width; ++x) {
        const std::int64_t row = (std::int64_t{c} * given.height + y * selection.stride.height) * given.width;
        result[to++] = values[at(row + x * selection.stride.width)];
      }
    }
  }
  return result;
}

/// factor, offset, addition and clamp; returns the means before the clamp.
std::vector<double> finish(const Step& step, const std::vector<float>& sums, const std::vector<float>* added,
                           std::vector<float>& result) {
  const std::size_t positions = at(std::int64_t{step.out.height} * step.out.width);
  std::vector<double> means;
  result.resize(sums.size());
  for (std::size_t c = 0; c < at(step.out.channels); ++c) {
    const double own = step.added_channel_factor.empty() ? 1 : step.added_channel_factor[c];
    const double added_factor = step.added_factor * own;
    double mean = 0;
    for (std::size_t i = c * positions; i < (c + 1) * positions; ++i) {
      double value = sums[i] * step.factor[c] + step.offset[c];
      if (added != nullptr) value += added_factor * (*added)[i];
      mean += value;
      result[i] = static_cast<float>(std::clamp(value, step.low, step.high));
    }
    means.push_back(mean / static_cast<double>(positions));
  }
  return means;
}

}  // namespace

const std::vector<float>& float_values(const FloatMemory& memory, int step) {
  return step == image_input ? memory.image : memory.results[at(step)];
}

void run_float(const Steps& steps, std::span<const std::uint8_t> pixels, FloatMemory& memory) {
  const ImageValues& image = steps.image;
  const std::size_t plane = at(std::int64_t{image.shape.height} * image.shape.width);
  memory.image.resize(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t c = i / plane;
    memory.image[i] = static_cast<float>(image.scale[c] * pixels[i] + image.offset[c]);
  }
  memory.results.resize(steps.steps.size());
  memory.before_clamp.resize(steps.steps.size());
  for (std::size_t i = 0; i < steps.steps.size(); ++i) {
    const Step& step = steps.steps[i];
    const std::vector<float>* input = &float_values(memory, step.inputs.front());
    if (step.inputs.size() > 1) {
      memory.joined.clear();
      for (const int from : step.inputs) {
        const std::vector<float>& part = float_values(memory, from);
        memory.joined.insert(memory.joined.end(), part.begin(), part.end());
      }
      input = &memory.joined;
    }
    if (step.kind == LayerKind::max_pool) {
      pool(step, *input, memory.results[i]);
      continue;
    }
    if (step.has_weights()) {
      multiply(step, *input, memory.columns, memory.sums);
    } else {
      pool(step, *input, memory.sums);
    }
    const std::vector<float>* added = step.added ? &float_values(memory, *step.added) : nullptr;
    std::vector<float> part;
    if (step.added && step.added_selection != Selection{}) {
      const Shape& given = *step.added == image_input ? image.shape : steps.steps[at(*step.added)].out;
      part = selected(step.added_selection, *added, given, step.out);
      added = &part;
    }
    memory.before_clamp[i] = finish(step, memory.sums, added, memory.results[i]);
  }
}

}  // namespace cimcycle::onnx_model
