// SPDX-License-Identifier: Apache-2.0
// Scales and digital constants by hand and by brute force.
#include <catch2/catch.hpp>

#include <cmath>
#include <random>

#include "base/error.h"
#include "onnx/scales.h"

using namespace cimcycle;
using namespace cimcycle::onnx_model;

TEST_CASE("activation codes reach from the lowest to the highest percentile, and 0 has a code") {
  std::vector<float> samples;
  for (int i = 0; i <= 1000; ++i) samples.push_back(static_cast<float>(i) / 100);
  const Quantization all = activation_codes(samples, 100, 0, HUGE_VAL);
  CHECK(all.scale == Approx(10.0 / 255));
  CHECK(all.zero_point == 0);
  CHECK(activation_codes(samples, 90, 0, HUGE_VAL).scale == Approx(9.0 / 255));
  CHECK(activation_codes(samples, 100, 0, 6).scale == Approx(6.0 / 255));  // ReLU6: its end is the top code
  for (float& sample : samples) sample -= 2;
  const Quantization both = activation_codes(samples, 100, -HUGE_VAL, HUGE_VAL);
  CHECK(both.scale == Approx(10.0 / 255));
  CHECK(both.zero_point == 51);
  CHECK(activation_codes({0, 0}, 100, 0, HUGE_VAL).scale > 0);
  CHECK(activation_codes({5, 6}, 100, -HUGE_VAL, HUGE_VAL).zero_point == 0);
}

TEST_CASE("the scale of the least error is found, per output or for all") {
  // Multiples of a step are met exactly by the grid's fraction 1.
  const std::vector<float> weights = {127, -50, 3, 254, -100, 8};
  const std::vector<double> gain = {1, 1}, squares = {1, 1, 1};
  WeightProblem problem{weights, gain, squares, 1, {-128, 127}, false, true, 1};
  const WeightCodes codes = weight_codes(problem);
  const double step = 0.7 / 35;
  CHECK(codes.scale[0] == Approx(1).margin(step));
  CHECK(codes.scale[1] == Approx(2).margin(2 * step));
  problem.per_output = false;
  const WeightCodes one = weight_codes(problem);
  CHECK(one.scale[0] == one.scale[1]);
  problem.only_ends = true;
  problem.range = {-1, 1};
  for (const int code : weight_codes(problem).codes) CHECK(std::abs(code) == 1);
}

TEST_CASE("digital constants compute the real map to a part in 2^29 of a code's range") {
  std::mt19937 random(8);
  std::uniform_real_distribution<double> real(-1, 1);
  for (int trial = 0; trial < 200; ++trial) {
    DigitalProblem problem;
    const double size = std::exp2(20 * real(random));
    for (int o = 0; o < 4; ++o) {
      problem.m.push_back(size * real(random));
      problem.r.push_back(size * real(random));
      problem.offset.push_back(1000 * real(random));
      problem.m_shift.push_back(std::floor(1e5 * real(random)));
      problem.r_shift.push_back(std::floor(255 * real(random)));
    }
    const DigitalConstants found = digital_constants(problem, "layer");
    for (std::size_t o = 0; o < 4; ++o) {
      const std::int64_t acc = static_cast<std::int64_t>(1e5 * real(random)),
                         res = static_cast<std::int64_t>(200 * real(random));
      const double z = static_cast<double>(acc * found.digital.m[o] + res * found.r[o] + found.digital.c[o]);
      const double wanted = problem.m[o] * (static_cast<double>(acc) + problem.m_shift[o]) +
                            problem.r[o] * (static_cast<double>(res) + problem.r_shift[o]) + problem.offset[o];
      const double largest = size * 2e5 + 1000;
      CHECK(std::ldexp(z, -found.digital.n) == Approx(wanted).margin(largest * std::exp2(-28)));
    }
  }
}

TEST_CASE("logits share one unit, and factors that fit no register are refused") {
  const DigitalConstants logits = digital_constants({{3, 1.5}, {}, {0.25, -1}, {0, 0}, {}, true}, "fc");
  CHECK(logits.digital.n == 0);
  CHECK(logits.digital.m == std::vector<std::int32_t>{1 << 20, 1 << 19});
  CHECK(static_cast<double>(logits.digital.c[1]) * logits.unit == Approx(-1).epsilon(1e-5));
  CHECK_THROWS_AS(digital_constants({{1e12}, {}, {0}, {0}, {}, false}, "conv"), InputError);
  CHECK_THROWS_AS(digital_constants({{1}, {}, {1e30}, {0}, {}, false}, "conv"), InputError);
}
