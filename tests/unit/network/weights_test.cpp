// SPDX-License-Identifier: Apache-2.0
// The two parts of every weight of every pair, against the formulas of docs/models/numerics.md written out afresh.
#include <catch2/catch.hpp>

#include <cmath>
#include <utility>
#include <vector>

#include "network/network.h"

using namespace cimcycle;

namespace {

struct Pair {
  int hb, lb;
};

/// All pairs of the gate, and the static ones.
std::vector<Pair> pairs() {
  std::vector<Pair> all;
  for (const int hb : {8, 6, 4, 2, 1}) {
    for (const int lb : {6, 4, 2, 1, 0}) {
      if (hb + lb <= 8) all.push_back({hb, lb});
    }
  }
  for (const int hb : {3, 5, 7}) all.push_back({hb, 0});
  return all;
}

Dec3 annotation(Pair pair, Split split) {
  Dec3 dec3;
  dec3.hb = pair.hb;
  dec3.lb = pair.lb;
  dec3.split = split;
  return dec3;
}

}  // namespace

TEST_CASE("hb > 1: the high part is the rounded or truncated quotient, the low part what is missing") {
  int weights = 0;
  for (const Split split : {Split::round, Split::floor}) {
    for (const Pair pair : pairs()) {
      if (pair.hb == 1) continue;
      const Dec3 dec3 = annotation(pair, split);
      const WeightRange range = weight_range(dec3);
      const double step = std::pow(2.0, pair.lb);
      for (int w = range.min; w <= range.max; ++w, ++weights) {
        const SplitWeight parts = split_weight(w, dec3);
        const bool rounds = split == Split::round && pair.lb > 0;
        INFO("hb " << pair.hb << " lb " << pair.lb << " W " << w);
        REQUIRE(parts.high == static_cast<int>(std::floor(w / step + (rounds ? 0.5 : 0.0))));
        REQUIRE(w == static_cast<int>(step) * parts.high + parts.low);
        REQUIRE(high_shift(dec3) == pair.lb);
        // Each part fits its bits.
        REQUIRE(parts.high >= -std::pow(2.0, pair.hb - 1));
        REQUIRE(parts.high <= std::pow(2.0, pair.hb - 1) - 1);
        REQUIRE(parts.low >= (rounds ? -step / 2 : 0.0));
        REQUIRE(parts.low <= (rounds ? step / 2 : step) - 1);
      }
    }
  }
  CHECK(weights > 2500);
}

TEST_CASE("hb = 1: the high part is a sign") {
  for (const Pair pair : pairs()) {
    if (pair.hb != 1 || pair.lb == 0) continue;
    const Dec3 dec3 = annotation(pair, Split::round);
    const WeightRange range = weight_range(dec3);
    CHECK(range.min == -std::pow(2.0, pair.lb));
    CHECK(range.max == std::pow(2.0, pair.lb) - 1);
    CHECK(high_shift(dec3) == pair.lb - 1);
    for (int w = range.min; w <= range.max; ++w) {
      const SplitWeight parts = split_weight(w, dec3);
      REQUIRE(parts.high == (w < 0 ? -1 : 1));
      REQUIRE(w == std::pow(2.0, pair.lb - 1) * parts.high + parts.low);
      REQUIRE(parts.low >= -std::pow(2.0, pair.lb - 1));
      REQUIRE(parts.low <= std::pow(2.0, pair.lb - 1) - 1);
    }
  }
}

TEST_CASE("hb = 1 without low bits: the weight is the sign") {
  for (const Split split : {Split::round, Split::floor}) {
    const Dec3 dec3 = annotation({1, 0}, split);
    CHECK(weight_range(dec3).min == -1);
    CHECK(weight_range(dec3).max == 1);
    CHECK(high_shift(dec3) == 0);
    for (const int w : {-1, 1}) {
      CHECK(split_weight(w, dec3).high == w);
      CHECK(split_weight(w, dec3).low == 0);
    }
  }
}

TEST_CASE("ranges: rounding costs the weights that would carry out of the high part") {
  const auto range = [](int hb, int lb, Split split) {
    const WeightRange r = weight_range(annotation({hb, lb}, split));
    return std::pair(r.min, r.max);
  };
  CHECK(range(4, 4, Split::round) == std::pair(-128, 119));
  CHECK(range(4, 4, Split::floor) == std::pair(-128, 127));
  CHECK(range(8, 0, Split::round) == std::pair(-128, 127));
  CHECK(range(6, 2, Split::round) == std::pair(-128, 125));
  CHECK(range(2, 1, Split::round) == std::pair(-4, 2));
  CHECK(range(3, 0, Split::round) == std::pair(-4, 3));
  CHECK(range(1, 6, Split::round) == std::pair(-64, 63));
  // One more would carry: its high part does not fit any more.
  for (const Pair pair : pairs()) {
    if (pair.hb == 1 || pair.lb == 0) continue;
    const Dec3 dec3 = annotation(pair, Split::round);
    CHECK(split_weight(weight_range(dec3).max + 1, dec3).high == 1 << (pair.hb - 1));
  }
}

TEST_CASE("the accumulator's bound holds whatever gates decide") {
  Layer layer;
  layer.kind = LayerKind::conv;
  layer.in = {1, 1, 3};
  layer.out = {2, 1, 1};
  layer.kernel_w = 3;
  layer.input_bits = 2;
  layer.dec3 = annotation({2, 2}, Split::round);
  // 1 -> 0 and 1; 2 -> 4 and -2, so that the high part alone is larger; -6 -> -4 and -2: floor(-6 / 4 + 1/2) = -1.
  layer.weights = {1, 2, -6, 0, 0, 5};
  CHECK(accumulator_bound(layer) == (1 + 4 + 6) * 3);

  layer.kind = LayerKind::average_pool;
  layer.kernel_h = 5;
  CHECK(accumulator_bound(layer) == 15 * 3);
  layer.kind = LayerKind::max_pool;
  CHECK(accumulator_bound(layer) == 0);
}

TEST_CASE("the multiplier of a mean over fewer elements rounds halves away from zero") {
  Layer layer;
  layer.kernel_h = layer.kernel_w = 3;
  CHECK(mean_multiplier(layer, 7, 9) == 7);
  CHECK(mean_multiplier(layer, 7, 4) == 16);  // 15.75
  CHECK(mean_multiplier(layer, 2, 4) == 5);   // 4.5
  CHECK(mean_multiplier(layer, -2, 4) == -5);
  CHECK(mean_multiplier(layer, 2, 8) == 2);  // 2.25
}
