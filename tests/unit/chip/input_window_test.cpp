// SPDX-License-Identifier: Apache-2.0
// Input windows against plain loops over every vector and position.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>

#include "base/error.h"
#include "chip/input_window.h"

using namespace cimcycle;

namespace {

std::set<int> positions_of(const Layer& layer, int oy, int ox) {
  std::set<int> positions;
  for (int ky = 0; ky < layer.kernel_h; ++ky) {
    for (int kx = 0; kx < layer.kernel_w; ++kx) {
      const int y = oy * layer.stride.height + ky * layer.dilation.height - layer.padding.top;
      const int x = ox * layer.stride.width + kx * layer.dilation.width - layer.padding.left;
      if (y >= 0 && x >= 0 && y < layer.in.height && x < layer.in.width) positions.insert(y * layer.in.width + x);
    }
  }
  return positions;
}

}  // namespace

TEST_CASE("windows equal the plain loops") {
  std::mt19937 random(5);
  for (int trial = 0; trial < 400; ++trial) {
    const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    Layer layer;
    layer.in = {3, pick(1, 7), pick(1, 7)};
    layer.input_bits = 4;
    layer.kernel_h = pick(1, 4);
    layer.kernel_w = pick(1, 4);
    layer.padding = {pick(0, 2), pick(0, 2), pick(0, 2), pick(0, 2)};
    layer.stride = {pick(1, 3), pick(1, 3)};
    layer.dilation = {pick(1, 2), pick(1, 3)};
    const Border& padding = layer.padding;
    const int height = layer.in.height + padding.top + padding.bottom - static_cast<int>(layer.window_height());
    const int width = layer.in.width + padding.left + padding.right - static_cast<int>(layer.window_width());
    if (height < 0 || width < 0) continue;
    layer.out = {1, height / layer.stride.height + 1, width / layer.stride.width + 1};

    const InputWindow window = input_window(layer);
    REQUIRE(window.position_bits == 12);
    std::vector<std::set<int>> users(static_cast<std::size_t>(layer.in.height * layer.in.width));
    std::vector<int> needed;
    int last = 0;
    for (int v = 0; v < layer.vectors(); ++v) {
      for (const int p : positions_of(layer, v / layer.out.width, v % layer.out.width)) {
        users[static_cast<std::size_t>(p)].insert(v);
        last = std::max(last, p + 1);
      }
      needed.push_back(last);
    }
    REQUIRE(window.needed == needed);
    REQUIRE(window.positions == last);
    int most = 0;
    for (int v = 0; v < layer.vectors(); ++v) {
      int freed = 0, held = 0;
      for (int p = 0; p < last; ++p) {
        const auto& u = users[static_cast<std::size_t>(p)];
        REQUIRE(bool(window.kept[static_cast<std::size_t>(p)]) == !u.empty());
        freed += !u.empty() && *u.rbegin() == v;
        held += p < needed[static_cast<std::size_t>(v)] && !u.empty() && *u.rbegin() >= v;
      }
      REQUIRE(window.freed[static_cast<std::size_t>(v)] == freed);
      most = std::max(most, held);
    }
    REQUIRE(window.held_at_most == most);
  }
}

TEST_CASE("a linear layer needs all its positions") {
  Layer layer;
  layer.name = "fc";
  layer.kind = LayerKind::linear;
  layer.in = {64, 2, 2};
  layer.out = {10, 1, 1};
  layer.input_bits = 8;
  const InputWindow window = input_window(layer);
  CHECK(window.needed == std::vector<int>{4});
  CHECK(window.freed == std::vector<int>{4});
  CHECK(window.held_at_most == 4);
  check_window_fits(window, layer, 4 * 512);
  CHECK_THROWS_WITH(
      check_window_fits(window, layer, 4 * 512 - 1),
      "layer fc: a tile must hold 2048 bits of input (4 positions of 512 bits), chip.tile_buffer_bits = 2047; "
      "use at least 2048");
}

TEST_CASE("a 3 x 3 window in raster order holds two rows and three positions") {
  Layer layer;
  layer.in = layer.out = {16, 32, 32};
  layer.kernel_h = layer.kernel_w = 3;
  layer.padding = 1;
  CHECK(input_window(layer).held_at_most == 2 * 32 + 3);
}
