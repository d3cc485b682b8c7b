// SPDX-License-Identifier: Apache-2.0
// Mapping: counts worked out by hand, the slow twin's layout on random layers, and the errors.
#include <catch2/catch.hpp>

#include <numeric>

#include "base/error.h"
#include "mapping/mapping.h"
#include "random_case.h"
#include "reference_layout.h"

namespace {

using namespace cimcycle;

Hardware small_chip() {
  Hardware hardware;
  hardware.crossbar = {128, 128};
  hardware.ou = {16, 16};
  hardware.cell.bits = 1;
  hardware.input.digit_bits = 1;
  hardware.chip.crossbars_per_tile = 16;
  return hardware;
}

Layer conv(int channels_in, int channels_out, int hb, int lb) {
  Layer layer;
  layer.name = "conv";
  layer.in = {channels_in, 8, 8};
  layer.out = {channels_out, 8, 8};
  layer.kernel_h = layer.kernel_w = 3;
  layer.padding = 1;
  layer.dec3.hb = hb;
  layer.dec3.lb = lb;
  return layer;
}

std::vector<int> groups_per_crossbar(const LayerMapping& mapping) {
  std::vector<int> counts;
  for (int x = 0; x < mapping.row_crossbars; ++x) {
    counts.push_back(mapping.group_begin[static_cast<std::size_t>(x) + 1] -
                     mapping.group_begin[static_cast<std::size_t>(x)]);
  }
  return counts;
}

}  // namespace

TEST_CASE("144 rows are 5 + 4 row groups when spread evenly and 8 + 1 when filled") {
  Hardware hardware = small_chip();
  CHECK(groups_per_crossbar(map_layer(conv(16, 16, 4, 4), 0, hardware)) == std::vector<int>{5, 4});
  hardware.mapping.rows = RowSpread::fill;
  CHECK(groups_per_crossbar(map_layer(conv(16, 16, 4, 4), 0, hardware)) == std::vector<int>{8, 1});
}

TEST_CASE("a 64-channel layer of 8-bit weights takes 5 x 4 crossbars") {
  const LayerMapping mapping = map_layer(conv(64, 64, 4, 4), 0, small_chip());
  CHECK(mapping.groups.size() == 36);
  CHECK(groups_per_crossbar(mapping) == std::vector<int>{8, 7, 7, 7, 7});
  CHECK(mapping.column_crossbars == 4);
  CHECK(mapping.crossbars() == 20);
  CHECK(mapping.tiles == 2);
  CHECK(mapping.cell_utilization == Approx(576.0 * 64 * 8 / (20 * 128 * 128)));
}

TEST_CASE("channel groups lie one below the other in the same columns") {
  Layer depthwise = conv(96, 96, 8, 0);
  depthwise.groups = 96;
  const LayerMapping mapping = map_layer(depthwise, 0, small_chip());
  CHECK(mapping.groups.size() == 96);  // 9 rows each
  CHECK(mapping.blocks.size() == 1);
  CHECK(mapping.blocks[0].outputs == 1);
  CHECK(groups_per_crossbar(mapping) == std::vector<int>(12, 8));
  CHECK(mapping.crossbars_per_sum == 1);
  CHECK(mapping.cell_utilization == Approx(96.0 * 9 * 8 / (12 * 128 * 128)));

  // Two row groups each; 8 slices leave accumulators for one output block, which two groups of 8 outputs share.
  Layer narrow = conv(24, 64, 8, 0);
  narrow.groups = 8;
  CHECK(groups_per_crossbar(map_layer(narrow, 0, small_chip())) == std::vector<int>{4, 4, 4, 4});

  // 36 row groups and 4 column crossbars each: every group has 5 x 4 crossbars of its own.
  Layer wide = conv(128, 128, 8, 0);
  wide.groups = 2;
  const LayerMapping apart = map_layer(wide, 0, small_chip());
  CHECK(groups_per_crossbar(apart) == std::vector<int>{8, 7, 7, 7, 7, 8, 7, 7, 7, 7});
  CHECK(apart.crossbars_per_sum == 5);
  CHECK(apart.crossbars() == 40);
  CHECK(apart.groups[36].first_row == 576);
}

TEST_CASE("separate LSB crossbars pack their own slices") {
  Hardware hardware = small_chip();
  hardware.mapping.lsb = LsbPlacement::separate_crossbars;
  const LayerMapping mapping = map_layer(conv(16, 64, 6, 2), 0, hardware);
  CHECK(mapping.column_crossbars == 4);      // 6 of 8 column blocks: one output block each
  CHECK(mapping.lsb_column_crossbars == 1);  // 2 slices: four output blocks each
  CHECK(mapping.lsb_block_crossbar == std::vector<int>{0, 0, 0, 0});
  CHECK(map_layer(conv(16, 64, 8, 0), 0, hardware).lsb_column_crossbars == 0);
}

TEST_CASE("mapping equals the slow twin's layout on random layers") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto one = cimcycle_reference::random_case(seed);
    INFO("seed " << seed << ": " << one.text);
    const auto expected = cimcycle_reference::lay_out(one.layer, one.hardware);
    const LayerMapping found = map_layer(one.layer, 0, one.hardware);
    REQUIRE(found.groups.size() == expected.groups.size());
    for (std::size_t g = 0; g < found.groups.size(); ++g) {
      REQUIRE(found.groups[g].first_row == expected.groups[g].first_row);
      REQUIRE(found.groups[g].rows == expected.groups[g].rows);
      REQUIRE(found.groups[g].crossbar == expected.groups[g].crossbar);
    }
    REQUIRE(found.blocks.size() == expected.blocks.size());
    for (std::size_t b = 0; b < found.blocks.size(); ++b) {
      REQUIRE(found.blocks[b].first_output == expected.blocks[b].first_output);
      REQUIRE(found.blocks[b].outputs == expected.blocks[b].outputs);
      REQUIRE(found.blocks[b].crossbar == expected.blocks[b].crossbar);
      if (found.separate_lsb()) REQUIRE(found.lsb_block_crossbar[b] == expected.blocks[b].lsb_crossbar);
    }
    REQUIRE(found.row_crossbars == expected.row_crossbars);
    REQUIRE(found.column_crossbars == expected.column_crossbars);
    REQUIRE(found.lsb_column_crossbars == expected.lsb_column_crossbars);
    REQUIRE(found.msb_slices == expected.msb_slices);
    REQUIRE(found.lsb_slices == expected.lsb_slices);
    REQUIRE(found.digit_bits == expected.digits);
    REQUIRE(found.cell_utilization > 0);
    REQUIRE(found.cell_utilization <= 1);
  }
}

TEST_CASE("impossible mappings say what does not fit") {
  Hardware hardware = small_chip();
  hardware.ou.cols = 32;
  CHECK_THROWS_WITH(
      map_layer(conv(16, 64, 4, 4), 0, hardware),
      "layer conv: the 8 MSB and LSB slices of an output block need 256 columns (ou.cols = 32), crossbar.cols "
      "= 128; use ou.cols <= 16, or larger cell.bits");
  hardware = small_chip();
  hardware.mapping.cells = CellMapping::twos_complement;
  CHECK_THROWS_WITH(
      map_layer(conv(16, 64, 1, 0), 0, hardware),
      "layer conv: hb = 1 stands for -1 and +1, which mapping.cells = twos_complement cannot store; use offset "
      "or differential");
  hardware = small_chip();
  hardware.chip.tiles = 1;
  Network network;
  network.name = "two layers";
  network.image = {64, 8, 8};
  network.layers = {conv(64, 64, 4, 4), conv(64, 64, 4, 4)};
  network.layers[1].input = 0;
  CHECK_THROWS_WITH(
      map_network(network, hardware),
      "two layers needs 40 crossbars on 4 tiles, chip.tiles = 1; set chip.tiles to 4 or more, or \"auto\"");
  hardware.chip.tiles = 4;
  hardware.chip.global_buffer_bits = 65535;
  CHECK_THROWS_WITH(
      map_network(network, hardware),
      "two layers needs 65536 bits of activations at a time, chip.global_buffer_bits = 65535; set it to 65536 "
      "or more, or \"auto\"");
  Layer gated = conv(16, 32, 4, 4);
  gated.dec3.gate = GateKind::max;
  gated.dec3.threshold_per = Dec3::ThresholdPer::output_block;
  gated.dec3.threshold = {1, 2, 3};
  CHECK_THROWS_WITH(map_layer(gated, 0, small_chip()),
                    "layer conv: 3 thresholds per output block, but the layer has 2 output blocks on this hardware; "
                    "calibrate it for this hardware");
  gated.dec3 = conv(16, 32, 4, 4).dec3;
  gated.dec3.gate = GateKind::inputs;
  gated.dec3.threshold = {1};
  CHECK_THROWS_WITH(map_layer(gated, 0, small_chip()),
                    "layer conv: gate inputs needs hardware that sums inputs; set gate.input_sums = true");
}
