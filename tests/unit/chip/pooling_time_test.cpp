// SPDX-License-Identifier: Apache-2.0
// Pooling layers: one worked out by hand, and the laws.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "small_chip.h"

using namespace cimcycle;
using small_chip::counts;

namespace {

Layer pooling() {
  // 16 channels of 2 bits, 2 x 2 windows over 2 x 4 positions: two results.
  Layer layer;
  layer.name = "pool";
  layer.kind = LayerKind::max_pool;
  layer.in = {16, 2, 4};
  layer.out = {16, 1, 2};
  layer.kernel_h = layer.kernel_w = 2;
  layer.stride = 2;
  layer.input_bits = layer.output_bits = 2;
  return layer;
}

}  // namespace

TEST_CASE("pooling by hand") {
  // Positions 0-7 are there from cycles 3-10 on. The first window needs position 5: cycles 8-11 of the vector unit (64
  // values, 16 lanes); the second needs position 7: 12-15. Pipeline 16, link 17, latency 18, written in 19.
  const LayerTime time = time_pooling(pooling(), small_chip::hardware(), TimingSpec{});
  CHECK(time.cycles == 20);
  CHECK(time.vector_units == counts(8, 4, {{Stall::input, 8}}));
  CHECK(time.links == counts(8 + 2, 2 * 20 - 10));
  CHECK(time.global_buffer == counts(8 + 2, 2 * 20 - 10));
  CHECK(time.crossbars == CycleCounts{});
  CHECK(time.events == 0);
}

TEST_CASE("pooling with a full tile buffer holds the stream back") {
  Hardware hardware = small_chip::hardware();
  hardware.chip.tile_buffer_bits = 6 * 32;  // six positions: 6 and 7 are read from cycle 12 on
  const LayerTime time = time_pooling(pooling(), hardware, TimingSpec{});
  // Position 7 is read in 13, there in 16: second window in 16-19.
  CHECK(time.cycles == 24);
  CHECK(time.global_buffer.stall(Stall::buffer) == 6);
  CHECK(time.global_buffer.elapsed() == 2 * time.cycles);
  CHECK(time.vector_units == counts(8, 4, {{Stall::input, 8 + 4}}));
  hardware.chip.tile_buffer_bits = 6 * 32 - 1;
  CHECK_THROWS_AS(time_pooling(pooling(), hardware, TimingSpec{}), InputError);
}

TEST_CASE("global average pooling reads everything once") {
  Layer layer = pooling();
  layer.kind = LayerKind::average_pool;
  layer.in = {16, 8, 8};
  layer.out = {16, 1, 1};
  layer.kernel_h = layer.kernel_w = 8;
  const LayerTime time = time_pooling(layer, small_chip::hardware(), TimingSpec{});
  CHECK(time.cycles == 66 + 64 + 1 + 2 + 1);
  CHECK(time.vector_units.busy == 64);
}

TEST_CASE("padding is not read") {
  Layer layer = pooling();
  layer.kernel_h = layer.kernel_w = 3;
  layer.padding = 1;
  layer.stride = 2;
  layer.in = {16, 4, 4};
  layer.out = {16, 2, 2};
  // Values per window: 2 x 2, 2 x 3, 3 x 2, 3 x 3 positions.
  const LayerTime time = time_pooling(layer, small_chip::hardware(), TimingSpec{});
  CHECK(time.vector_units.busy == 4 + 6 + 6 + 9);
  CHECK(time.vector_units.elapsed() == time.cycles);
  CHECK(time.links.elapsed() == 2 * time.cycles);
  CHECK(time.global_buffer.elapsed() == 2 * time.cycles);
}
