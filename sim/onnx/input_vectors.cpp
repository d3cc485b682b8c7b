// SPDX-License-Identifier: Apache-2.0
#include "onnx/input_vectors.h"

#include <algorithm>

#include "onnx/float_run.h"

namespace cimcycle::onnx_model {
namespace {

constexpr std::int64_t most_vectors = 2048;
constexpr std::int64_t most_values = std::int64_t{1} << 26;

/// Vectors that each image gives of a step.
std::int64_t vectors_per_image(const Step& step, std::int64_t all_rows, std::int64_t images) {
  const std::int64_t vectors = std::min(most_vectors, most_values / std::max<std::int64_t>(1, all_rows));
  return std::clamp<std::int64_t>(vectors / images, 1, std::int64_t{step.out.height} * step.out.width);
}

}  // namespace

std::vector<InputVectors> sample_inputs(const Steps& steps, const std::vector<bool>& wanted, const ImageRun& images) {
  std::int64_t all_rows = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) all_rows += wanted[i] ? steps.steps[i].rows() : 0;
  std::vector<InputVectors> sample(wanted.size());
  if (all_rows == 0) return sample;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Step& step = steps.steps[i];
    if (wanted[i]) sample[i].resize(step.rows(), images.count * vectors_per_image(step, all_rows, images.count));
  }
  std::vector<FloatMemory> memory(images.workers());
  images.for_each(images.count, "input vectors", [&](std::size_t image, auto pixels, int, std::size_t worker) {
    FloatMemory& own = memory[worker];
    run_float(steps, pixels, own);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!wanted[i]) continue;
      const Step& step = steps.steps[i];
      unroll(step, float_values(own, step.inputs.front()).data(), step.in.channels, own.columns);
      const std::int64_t positions = std::int64_t{step.out.height} * step.out.width;
      const std::int64_t taken = sample[i].cols() / images.count;
      for (std::int64_t k = 0; k < taken; ++k) {
        // Another place in each image, so that the border of the images is seen as often as it is there.
        const std::int64_t position = (k * positions / taken + static_cast<std::int64_t>(image)) % positions;
        for (std::int64_t row = 0; row < step.rows(); ++row) {
          sample[i](row, static_cast<std::int64_t>(image) * taken + k) =
              own.columns[static_cast<std::size_t>(row * positions + position)];
        }
      }
    }
  });
  return sample;
}

}  // namespace cimcycle::onnx_model
