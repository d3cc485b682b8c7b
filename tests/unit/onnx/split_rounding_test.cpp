// SPDX-License-Identifier: Apache-2.0
// Rounding of split weights against the sums it stands for, written out, and against all choices of small layers.
#include "onnx/split_rounding.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace cimcycle;
using namespace cimcycle::onnx_model;

namespace {

struct Case {
  int outputs = 1, rows = 4;
  SplitRounding options;
  InputVectors vectors;
  std::vector<float> targets;
  std::vector<std::int16_t> nearest;
};

/// Vectors of 0 to 1 with a common part, as behind a Relu; targets anywhere in the range.
Case make_case(std::uint64_t seed, int outputs, int rows, int hb, int lb) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> uniform(0, 1);
  Case made;
  made.outputs = outputs;
  made.rows = rows;
  made.options.dec3.hb = hb;
  made.options.dec3.lb = lb;
  made.vectors.resize(rows, 40);
  for (int v = 0; v < 40; ++v) {
    const float common = uniform(random);
    for (int r = 0; r < rows; ++r) made.vectors(r, v) = common + uniform(random) - 0.5F;
  }
  const WeightRange range = weight_range(made.options.dec3);
  for (int i = 0; i < outputs * rows; ++i) {
    const float target = static_cast<float>(range.min) + uniform(random) * static_cast<float>(range.max - range.min);
    made.targets.push_back(target);
    made.nearest.push_back(static_cast<std::int16_t>(std::lround(target)));
  }
  return made;
}

/// The objective of one output, from the vectors themselves.
double cost(const Case& of, const std::vector<std::int16_t>& codes, int output) {
  const SplitRounding& options = of.options;
  double diagonal = 0, high = 0, whole = 0;
  for (int v = 0; v < of.vectors.cols(); ++v) {
    double high_sum = 0, whole_sum = 0, groups = 0, group = 0;
    for (int r = 0; r < of.rows; ++r) {
      const auto at = static_cast<std::size_t>(output * of.rows + r);
      const double x = of.vectors(r, v);
      const double error = double{of.targets[at]} - (1 << options.dec3.lb) * split_weight(codes[at], options.dec3).high;
      diagonal += x * x;
      group += error * x;
      whole_sum += (of.targets[at] - codes[at]) * x;
      if ((r + 1) % options.group_rows != 0 && r + 1 != of.rows) continue;
      groups += group * group;
      high_sum += group;
      group = 0;
    }
    // Entries of two groups count with the share: all of them so, those of one group to the full.
    high += options.closed_share * high_sum * high_sum + (1 - options.closed_share) * groups;
    whole += whole_sum * whole_sum;
  }
  return (options.closed_share * high + (1 - options.closed_share) * whole) * of.rows / diagonal;
}

std::vector<std::int16_t> rounded(const Case& of) {
  std::vector<std::int16_t> codes = of.nearest;
  round_split(codes, of.targets, of.vectors, of.options);
  return codes;
}

/// The code nearest to the target with this high part; nothing outside the range.
std::optional<int> code_with(const Case& of, std::size_t at, int high) {
  std::optional<int> best;
  const WeightRange range = weight_range(of.options.dec3);
  for (int code = range.min; code <= range.max; ++code) {
    if (split_weight(code, of.options.dec3).high != high) continue;
    if (!best || std::abs(code - double{of.targets[at]}) < std::abs(*best - double{of.targets[at]})) best = code;
  }
  return best;
}

}  // namespace

TEST_CASE("no single move of a high part makes the result better") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Case made = make_case(seed, 3, 9, seed % 2 == 0 ? 4 : 2, seed % 3 == 0 ? 2 : 4);
    made.options.group_rows = 4;
    made.options.block_rows = 12;
    made.options.closed_share = seed % 4 == 0 ? 1.0 : 0.7;
    const std::vector<std::int16_t> codes = rounded(made);
    for (int o = 0; o < made.outputs; ++o) {
      const double least = cost(made, codes, o);
      CHECK(least <= cost(made, made.nearest, o) + 1e-3);
      for (int r = 0; r < made.rows; ++r) {
        const auto at = static_cast<std::size_t>(o * made.rows + r);
        const int high = split_weight(codes[at], made.options.dec3).high;
        CHECK(codes[at] == code_with(made, at, high));
        for (const int next : {high - 1, high + 1}) {
          const std::optional<int> code = code_with(made, at, next);
          if (!code) continue;
          std::vector<std::int16_t> moved = codes;
          moved[at] = static_cast<std::int16_t>(*code);
          CHECK(cost(made, moved, o) > least - 1e-3);
        }
      }
    }
  }
}

TEST_CASE("layers of four rows come close to the best of all choices") {
  double best_sum = 0, found_sum = 0, nearest_sum = 0;
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    Case made = make_case(seed, 1, 4, 2, 2);
    made.options.group_rows = 2;
    double best = HUGE_VAL;
    for (int choice = 0; choice < 256; ++choice) {
      std::vector<std::int16_t> codes;
      for (std::size_t r = 0; r < 4; ++r) {
        const std::optional<int> code = code_with(made, r, (choice >> (2 * r) & 3) - 2);
        if (code) codes.push_back(static_cast<std::int16_t>(*code));
      }
      if (codes.size() == 4) best = std::min(best, cost(made, codes, 0));
    }
    const double found = cost(made, rounded(made), 0);
    CHECK(found >= best - 1e-3);
    best_sum += best;
    found_sum += found;
    nearest_sum += cost(made, made.nearest, 0);
  }
  // Coordinate descent ends where no single move helps, so that it may miss the best.
  CHECK(found_sum < best_sum + 0.25 * (nearest_sum - best_sum));
}

TEST_CASE("without a share of the high parts codes stay the nearest; threads and blocks of groups change nothing") {
  Case made = make_case(7, 70, 48, 4, 4);
  made.options.closed_share = 0;
  CHECK(rounded(made) == made.nearest);
  made.options.closed_share = 0.7;
  const std::vector<std::int16_t> one = rounded(made);
  CHECK(one != made.nearest);
  made.options.threads = 3;
  CHECK(rounded(made) == one);
  // Rows of two blocks see nothing of each other: the same as two layers.
  made.options.block_rows = 32;
  const std::vector<std::int16_t> blocks = rounded(made);
  Case front = made;
  front.rows = 32;
  front.vectors = made.vectors.topRows(32);
  front.targets.clear();
  front.nearest.clear();
  for (int o = 0; o < made.outputs; ++o) {
    front.targets.insert(front.targets.end(), made.targets.begin() + o * 48, made.targets.begin() + o * 48 + 32);
    front.nearest.insert(front.nearest.end(), made.nearest.begin() + o * 48, made.nearest.begin() + o * 48 + 32);
  }
  const std::vector<std::int16_t> own = rounded(front);
  for (int o = 0; o < made.outputs; ++o) {
    CHECK(std::equal(own.begin() + o * 32, own.begin() + o * 32 + 32, blocks.begin() + o * 48));
  }
}
