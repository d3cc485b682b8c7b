// SPDX-License-Identifier: Apache-2.0
#include "onnx/statistics.h"

#include "onnx/float_run.h"

namespace cimcycle::onnx_model {
namespace {

/// Values of one tensor that an image adds to its samples; 128 images are 262,144, of which 26 lie above 99.99 %.
constexpr std::size_t samples_per_image = 2048;

TensorStatistics statistics_of(const std::vector<float>& values, int channels) {
  TensorStatistics result;
  const std::size_t stride = std::max<std::size_t>(1, values.size() / samples_per_image);
  for (std::size_t i = 0; i < values.size(); i += stride) result.samples.push_back(values[i]);
  const std::size_t plane = values.size() / static_cast<std::size_t>(channels);
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    double squares = 0;
    for (std::size_t i = c * plane; i < (c + 1) * plane; ++i) squares += double{values[i]} * values[i];
    result.mean_square.push_back(squares / static_cast<double>(plane));
  }
  return result;
}

void add_means(std::vector<double>& to, const std::vector<double>& from, double share) {
  if (to.empty()) to.assign(from.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) to[i] += share * from[i];
}

void add(TensorStatistics& to, const TensorStatistics& from, double share) {
  to.samples.insert(to.samples.end(), from.samples.begin(), from.samples.end());
  add_means(to.mean_square, from.mean_square, share);
  add_means(to.mean_before, from.mean_before, share);
}

}  // namespace

Statistics measure(const Steps& steps, const ImageRun& images) {
  std::vector<FloatMemory> memory(images.workers());
  std::vector<Statistics> per_image(static_cast<std::size_t>(images.count));
  images.for_each(images.count, "float statistics", [&](std::size_t image, auto pixels, int, std::size_t worker) {
    FloatMemory& own = memory[worker];
    run_float(steps, pixels, own);
    Statistics& result = per_image[image];
    result.image = statistics_of(own.image, steps.image.shape.channels);
    for (std::size_t i = 0; i < steps.steps.size(); ++i) {
      result.steps.push_back(statistics_of(own.results[i], steps.steps[i].out.channels));
      result.steps.back().mean_before = own.before_clamp[i];
    }
  });
  Statistics sum;
  sum.steps.resize(steps.steps.size());
  const double share = 1 / static_cast<double>(images.count);
  for (Statistics& one : per_image) {
    add(sum.image, one.image, share);
    for (std::size_t i = 0; i < sum.steps.size(); ++i) add(sum.steps[i], one.steps[i], share);
    one = {};
  }
  return sum;
}

}  // namespace cimcycle::onnx_model
