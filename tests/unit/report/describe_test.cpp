// SPDX-License-Identifier: Apache-2.0
// describe and explain: the estimate against a count by hand, and texts that carry every figure.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "report/describe.h"
#include "report/explain.h"

using namespace cimcycle;

namespace {

/// 32 rows, 20 outputs, (2,2), 2-bit inputs on a 128 x 128 crossbar with 16 x 16 OUs: 2 row groups, 2 output blocks.
struct Small {
  Hardware hardware;
  Network network;
  NetworkMapping mapping;
  ChipModel chip;

  Small() {
    hardware.name = "small";
    hardware.crossbar = {128, 128};
    hardware.ou = {16, 16};
    hardware.cell.bits = 1;
    hardware.input.digit_bits = 1;
    hardware.adc.bits = 5;
    hardware.adc.per_crossbar = 16;
    hardware.chip.crossbars_per_tile = 4;
    hardware.chip.global_buffer_bits = 1 << 20;

    Layer layer;
    layer.name = "fc";
    layer.kind = LayerKind::linear;
    layer.in = {32, 1, 1};
    layer.out = {20, 1, 1};
    layer.input_bits = 2;
    layer.output_bits = 2;
    layer.weights.assign(32 * 20, 1);
    layer.dec3.hb = 2;
    layer.dec3.lb = 2;
    network.name = "tiny";
    network.image = {32, 1, 1};
    network.layers = {layer};

    LayerMapping place;
    place.groups = {{0, 16, 0}, {16, 16, 0}};
    place.blocks = {{0, 16, 0}, {16, 4, 0}};
    place.row_crossbars = place.column_crossbars = 1;
    place.msb_slices = place.lsb_slices = {1, 1};
    place.outputs_per_block = 16;
    place.digits = 2;
    place.digit_bits = {1, 1};
    place.group_begin = {0, 2};
    place.block_begin = {0, 2};
    place.tiles = 1;
    place.cell_utilization = 0.15625;
    mapping = {{place}, 1, 1, 104};

    chip.clock_period_ns = 2;
    chip.budget = {{"cells", 65536, 0.01, 0}, {"adc", 64, 100, 0.5}};
    chip.energy_pj[static_cast<std::size_t>(Action::conversion)] = 0.25;
    chip.figures = {{"adc",
                     "energy per conversion",
                     0.25,
                     "pJ",
                     "p0 x (levels - 1)",
                     {{"p0", 0.00833, "pJ", "tech/adcs/flash.json: p0"}},
                     "docs/models/adc.md",
                     "conversion"},
                    {"clock", "period", 2, "ns", "given", {}, "", ""}};
  }
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the estimate counts every read once") {
  Small small;
  const Estimate work = estimate(small.network, small.mapping, small.hardware, small.chip);
  // 2 digits x 2 row groups x 2 blocks x 4 slices.
  CHECK(work.ou_reads == 32);
  // 2 digits x 2 row groups x 4 slices x 20 outputs.
  CHECK(work.conversions == 320);
  CHECK(work.cycles == 32);
  CHECK(work.weight_bits == 32 * 20 * 4);
  CHECK(work.activation_bits == 104);
  CHECK(work.host_bytes >= 32 * 20 * 2 + 128 * 128 / 8);
}

TEST_CASE("few converters and separate crossbars change the cycles, not the reads") {
  Small small;
  small.hardware.adc.per_crossbar = 2;
  small.chip.adc_cycles = 6;
  // A block of 16 columns takes 8 rounds of 6 cycles, one of 4 columns 2 rounds: 16 reads of each.
  CHECK(estimate(small.network, small.mapping, small.hardware, small.chip).cycles == 16 * 48 + 16 * 12);

  Small separate;
  LayerMapping& place = separate.mapping.layers[0];
  place.lsb_column_crossbars = 1;
  place.lsb_block_begin = {0, 2};
  const Estimate work = estimate(separate.network, separate.mapping, separate.hardware, separate.chip);
  CHECK(work.ou_reads == 32);
  CHECK(work.cycles == 16);

  Small spread;
  spread.mapping.layers[0].row_crossbars = 2;
  spread.mapping.layers[0].group_begin = {0, 1, 2};
  CHECK(estimate(spread.network, spread.mapping, spread.hardware, spread.chip).cycles == 16);
}

TEST_CASE("describe shows the chip, and with a network its floorplan") {
  const Small small;
  const Placement placement{small.network, small.mapping};
  const std::string alone = describe_text(small.hardware, {1, 4}, small.chip, nullptr, {});
  for (const char* part :
       {"small", "2 ns (500 MHz)", "cells", "65,536", "7055 um2", "32.0 uW", "conversion", "250.0 fJ"}) {
    INFO(part << "\n" << alone);
    CHECK(holds(alone, part));
  }
  CHECK_FALSE(holds(alone, "Floorplan"));
  const std::string placed = describe_text(small.hardware, {1, 4}, small.chip, &placement, {});
  for (const char* part : {"Floorplan of tiny", "fc", "2,2", "1 x 1", "64.0 ns per image", "320 conversions"}) {
    INFO(part << "\n" << placed);
    CHECK(holds(placed, part));
  }

  const auto json = describe_json(small.hardware, {1, 4}, small.chip, &placement);
  CHECK(json["area_um2"] == small.chip.area_um2());
  CHECK(json["floorplan"]["layers"][0]["ou_reads"] == 32);
  CHECK(json["actions"].size() == static_cast<std::size_t>(action_kinds));
  CHECK(describe_json(small.hardware, {1, 4}, small.chip, nullptr)["floorplan"].is_null());
}

TEST_CASE("explain carries formula, inputs and sources") {
  const Small small;
  const std::string text = explain_text(figures_of(small.chip, "adc"), {});
  CHECK(text ==
        "adc: energy per conversion = 0.25 pJ\n"
        "  factor of  conversion\n"
        "  formula    p0 x (levels - 1)\n"
        "  source     docs/models/adc.md\n"
        "    p0  0.00833 pJ  tech/adcs/flash.json: p0\n");
  CHECK(figures_of(small.chip, "all").size() == 2);
  const auto json = explain_json(small.chip.figures);
  CHECK(json["energy_factors_pj"] == nlohmann::ordered_json({{"conversion", 0.25}}));
  CHECK(json["figures"][0]["inputs"][0]["value"] == 0.00833);
  CHECK(json["figures"][1]["action"].is_null());
}

TEST_CASE("explain names the nearest component") {
  const Small small;
  CHECK_THROWS_WITH(figures_of(small.chip, "clok"),
                    "explain: \"clok\" is no component; did you mean clock?; known: adc, clock, all");
  CHECK_THROWS_AS(figures_of(small.chip, ""), InputError);
}
