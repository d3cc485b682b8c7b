// SPDX-License-Identifier: Apache-2.0
// Rounding, requantization and pooling against values worked out by hand.
#include <catch2/catch.hpp>

#include "replay/digital.h"
#include "replay/hits.h"

using namespace cimcycle;

TEST_CASE("halves round away from zero") {
  STATIC_REQUIRE(round_half_away(5, 1) == 3);
  STATIC_REQUIRE(round_half_away(-5, 1) == -3);
  STATIC_REQUIRE(round_half_away(4, 3) == 1);
  STATIC_REQUIRE(round_half_away(-4, 3) == -1);
  STATIC_REQUIRE(round_half_away(3, 3) == 0);
  STATIC_REQUIRE(round_half_away(-7, 0) == -7);
}

TEST_CASE("requantization clamps to the activation's range") {
  Layer layer;
  layer.out = {1, 1, 4};
  layer.output_bits = 4;
  layer.digital = {{3}, {2}, 2};
  const std::vector<std::int32_t> acc = {-10, 0, 3, 100};  // z = -28, 2, 11, 302
  LayerValues values;
  finish_layer(layer, acc, nullptr, {}, values);
  CHECK(values.activations == std::vector<std::int16_t>{0, 1, 3, 15});
  layer.output = OutputKind::signed_activation;
  finish_layer(layer, acc, nullptr, {}, values);
  CHECK(values.activations == std::vector<std::int16_t>{-7, 1, 3, 7});
}

TEST_CASE("option A takes every second row and column and pads channels") {
  Layer layer;
  layer.out = {3, 1, 1};
  layer.digital = {{0, 0, 0}, {0, 0, 0}, 0};
  layer.residual = Residual{0, Residual::Kind::option_a, 2, 1, 1, {5}};
  LayerValues source, values;
  source.activations = {7, 1, 1, 1};  // 1 x 2 x 2
  finish_layer(layer, std::vector<std::int32_t>{9, 9, 9}, &source, {1, 2, 2}, values);
  CHECK(values.activations == std::vector<std::int16_t>{0, 35, 0});
}

TEST_CASE("pooling: padding adds 0 to an average and takes no part in a maximum") {
  Layer layer;
  layer.kind = LayerKind::average_pool;
  layer.in = {1, 2, 2};
  layer.out = {1, 2, 2};
  layer.kernel_h = layer.kernel_w = 2;
  layer.stride = 2;
  layer.padding = 1;
  const std::vector<std::int16_t> input = {-1, -2, -3, -4};
  std::vector<std::int32_t> sums;
  average_pool_sums(layer, input, sums);
  CHECK(sums == std::vector<std::int32_t>{-1, -2, -3, -4});
  LayerValues values;
  max_pool(layer, input, values);
  CHECK(values.activations == std::vector<std::int16_t>{-1, -2, -3, -4});
}

TEST_CASE("a mean that does not count padding divides by the elements of the window") {
  Layer layer;
  layer.kind = LayerKind::average_pool;
  layer.in = {1, 3, 3};
  layer.out = {1, 2, 2};
  layer.kernel_h = layer.kernel_w = 3;
  layer.stride = 2;
  layer.padding = 1;
  layer.counts_padding = false;
  layer.digital = {{455}, {0}, 12};  // 2^12 / 9; windows of 4 elements multiply by 1024 (1023.75), a quarter of 2^12
  const std::vector<std::int16_t> input = {8, 8, 16, 8, 16, 16, 4, 4, 4};
  std::vector<std::int32_t> sums;
  average_pool_sums(layer, input, sums);
  CHECK(sums == std::vector<std::int32_t>{40, 56, 32, 40});
  LayerValues values;
  finish_layer(layer, sums, nullptr, {}, values);
  CHECK(values.activations == std::vector<std::int16_t>{10, 14, 8, 10});
}

TEST_CASE("accuracy is the share of right images, and nothing without a label") {
  Hits hits(3);
  const std::vector<std::int64_t> second = {1, 5};
  hits.record(0, 1, second);
  hits.record(1, 0, second);
  hits.record(2, 1, second);
  CHECK(hits.top1() == 2.0 / 3.0);
  hits.record(1, no_label, second);
  CHECK_FALSE(hits.top1());
  CHECK_FALSE(Hits(0).top1());
}

TEST_CASE("the lowest class wins a tie") { CHECK(top_class(std::vector<std::int64_t>{1, 5, 5}) == 1); }
