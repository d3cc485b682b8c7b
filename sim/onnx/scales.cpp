// SPDX-License-Identifier: Apache-2.0
#include "onnx/scales.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"

namespace cimcycle::onnx_model {
namespace {

/// m and r stay below 2^30, so that the products with two int32 sums and an offset of 2^61 fit an int64.
constexpr double multiplier_limit = 1 << 30;
constexpr double offset_limit = 2305843009213693952.0;  // 2^61
constexpr int shift_limit = 62;
/// The largest multiplier of the logits: rounding the ratios of the scales then costs less than a millionth.
constexpr double logit_multiplier = 1 << 20;
/// Grid of the weights' search: clipped fractions of the largest weight.
constexpr int fractions = 36;
constexpr double first_fraction = 0.4, last_fraction = 1.1;

double fraction_of(int step) { return first_fraction + (last_fraction - first_fraction) * step / (fractions - 1); }

double code_of(double weight, double scale, const WeightProblem& problem) {
  if (problem.only_ends) return weight < 0 ? -1 : 1;
  return std::clamp(std::nearbyint(weight / scale), static_cast<double>(problem.range.min),
                    static_cast<double>(problem.range.max));
}

/// Adding and taking away 1.5 x 2^52 rounds to the nearest integer, halves to even, without a call.
constexpr double rounding = 6755399441055744.0;

/// Squared error of one output's weights at a scale, weighted with the mean squares of their inputs.
double error_at(std::span<const float> weights, const double* importance, double scale, const WeightProblem& problem) {
  const double inverse = 1 / scale, least = problem.range.min, most = problem.range.max;
  double error = 0;
  for (std::size_t r = 0; r < weights.size(); ++r) {
    const double rounded = weights[r] * inverse + rounding - rounding;
    const double code = problem.only_ends ? (weights[r] < 0 ? -1 : 1) : std::min(std::max(rounded, least), most);
    const double difference = weights[r] - code * scale;
    error += difference * difference * importance[r];
  }
  return error;
}

double quantile(std::vector<float>& values, double share) {
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::llround(share * last));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

bool is_integer(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return value == std::floor(value) && std::abs(value) < 1e15; });
}

}  // namespace

Quantization activation_codes(std::vector<float> samples, double percentile, double low, double high) {
  const double share = percentile / 100;
  double most = samples.empty() ? 0 : quantile(samples, share);
  double least = samples.empty() ? 0 : quantile(samples, 1 - share);
  most = std::max(0.0, std::min(most, high));
  least = std::min(0.0, std::max(least, low));
  if (low >= 0) least = 0;
  constexpr double smallest = 1e-9;  // a tensor of zeros
  Quantization codes;
  codes.scale = std::max(most - least, smallest) / 255;
  codes.zero_point = static_cast<int>(std::clamp(std::nearbyint(-least / codes.scale), 0.0, 255.0));
  return codes;
}

WeightCodes weight_codes(const WeightProblem& problem) {
  const std::size_t outputs = problem.gain.size(), rows = problem.weights.size() / outputs;
  std::vector<std::vector<double>> errors(outputs);
  std::vector<double> start(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (const float weight : problem.weights.subspan(o * rows, rows)) {
      start[o] = std::max(start[o], static_cast<double>(std::abs(weight)));
    }
    start[o] = std::max(start[o], 1e-12);
  }
  if (!problem.per_output) std::ranges::fill(start, *std::ranges::max_element(start));
  const double top = std::max(1, problem.range.max);
  parallel_for(static_cast<std::int64_t>(outputs), problem.threads, [&](std::int64_t output, int) {
    const auto o = static_cast<std::size_t>(output);
    const std::size_t group = o / (outputs / static_cast<std::size_t>(problem.groups));
    const double* importance = problem.mean_square.data() + group * rows;
    for (int step = 0; step < fractions; ++step) {
      const double scale = start[o] * fraction_of(step) / top;
      const double error = error_at(problem.weights.subspan(o * rows, rows), importance, scale, problem);
      errors[o].push_back(error * problem.gain[o] * problem.gain[o]);
    }
  });
  if (!problem.per_output) {
    for (std::size_t o = 1; o < outputs; ++o) {
      for (int step = 0; step < fractions; ++step) {
        errors[0][static_cast<std::size_t>(step)] += errors[o][static_cast<std::size_t>(step)];
      }
    }
    std::ranges::fill(errors, std::vector<double>(errors[0]));
  }
  WeightCodes result;
  for (std::size_t o = 0; o < outputs; ++o) {
    const auto best = static_cast<int>(std::ranges::min_element(errors[o]) - errors[o].begin());
    result.scale.push_back(start[o] * fraction_of(best) / top);
    for (std::size_t r = 0; r < rows; ++r) {
      result.codes.push_back(
          static_cast<std::int16_t>(code_of(problem.weights[o * rows + r], result.scale[o], problem)));
    }
  }
  return result;
}

DigitalConstants digital_constants(const DigitalProblem& problem, const std::string& layer) {
  double largest = 0, largest_m = 0;
  for (const double m : problem.m) largest_m = std::max(largest_m, std::abs(m));
  for (const double r : problem.r) largest = std::max(largest, std::abs(r));
  largest = std::max(largest, largest_m);
  DigitalConstants result;
  double scale = 1;
  if (problem.logits) {
    scale = largest > 0 ? logit_multiplier / largest : 1;
    result.unit = 1 / scale;
  }
  int n =
      problem.logits || largest == 0
          ? 0
          : static_cast<int>(std::clamp(std::floor(std::log2(multiplier_limit / largest)), -1.0, double{shift_limit}));
  if (!std::isfinite(largest) || n < 0) {
    fail_input("layer {}: a factor of {} does not fit 32 bits; its scales are too far apart", printable(layer),
               largest);
  }
  const bool exact_m = is_integer(problem.m_shift), exact_r = is_integer(problem.r_shift);
  for (;; --n) {
    if (!problem.logits) scale = std::ldexp(1.0, n);
    Digital digital;
    digital.n = n;
    std::vector<std::int32_t> residual;
    bool fits = true;
    for (std::size_t o = 0; o < problem.m.size(); ++o) {
      const auto m = static_cast<std::int32_t>(std::llround(problem.m[o] * scale));
      const double offset = problem.offset[o] * scale, shift = m * problem.m_shift[o];
      std::int32_t r = 0;
      double r_shift = 0;
      if (!problem.r.empty()) {
        r = static_cast<std::int32_t>(std::llround(problem.r[o] * scale));
        r_shift = r * problem.r_shift[o];
        residual.push_back(r);
      }
      fits = std::isfinite(offset) && std::abs(offset) + std::abs(shift) + std::abs(r_shift) < offset_limit;
      if (!fits) break;
      std::int64_t c = std::llround(offset);
      c += exact_m ? m * static_cast<std::int64_t>(problem.m_shift[o]) : std::llround(shift);
      if (!problem.r.empty()) c += exact_r ? r * static_cast<std::int64_t>(problem.r_shift[o]) : std::llround(r_shift);
      digital.m.push_back(m);
      digital.c.push_back(c);
    }
    if (fits) {
      result.digital = std::move(digital);
      result.r = std::move(residual);
      return result;
    }
    if (n == 0) fail_input("layer {}: its offsets do not fit 64 bits", printable(layer));
  }
}

}  // namespace cimcycle::onnx_model
