// SPDX-License-Identifier: Apache-2.0
// Random chips within the limits of the hardware description: every figure is finite, and positive where it must be.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>

#include "chips.h"

using namespace cimcycle;

namespace {

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  int between(int low, int high) { return low + static_cast<int>(random_() % static_cast<unsigned>(high - low + 1)); }
  bool coin() { return between(0, 1) == 1; }
  /// Every order of magnitude equally likely, both ends included.
  int wide(int low, int high) {
    const int bits = between(0, static_cast<int>(std::log2(high)));
    return std::clamp(between(1 << bits, 2 << bits), low, high);
  }

 private:
  std::mt19937 random_;
};

Hardware random_chip(Draw& draw) {
  Hardware hardware = flash_chip();
  hardware.crossbar = {.rows = draw.wide(1, 4096), .cols = draw.wide(2, 4096)};
  hardware.ou = {.rows = draw.between(1, hardware.crossbar.rows), .cols = draw.between(2, hardware.crossbar.cols)};
  hardware.cell.bits = draw.between(1, 4);
  hardware.cell.model = draw.coin() ? "reram-1t1r-neurosim" : "reram-1t1r-wan2022";
  hardware.input.digit_bits = draw.between(1, 8);
  hardware.adc.type = static_cast<AdcType>(draw.between(0, 2));
  hardware.adc.transfer = static_cast<AdcTransfer>(draw.between(0, 4));
  hardware.adc.bits = draw.between(1, 12);
  hardware.adc.per_crossbar = draw.wide(1, 4096);
  hardware.adc.sample_and_hold = draw.coin();
  if (hardware.adc.transfer == AdcTransfer::levels) hardware.adc.levels = {1};
  hardware.mapping.cells = static_cast<CellMapping>(draw.between(0, 2));
  if (hardware.mapping.cells == CellMapping::offset) {
    hardware.mapping.flip = draw.coin();
    hardware.mapping.offset_sum = static_cast<OffsetSum>(draw.between(0, 1));
  }
  hardware.array.current = static_cast<ArrayCurrent>(draw.between(0, 1));
  if (hardware.adc.type == AdcType::charge_decrement) {
    hardware.array.current = ArrayCurrent::physical;
    hardware.tech.node = "130nm";
  }
  hardware.chip.crossbars_per_tile = draw.wide(1, 4096);
  hardware.chip.tile_buffer_bits = draw.wide(1, 1 << 29);
  hardware.chip.tile_port_bits = draw.wide(1, 1 << 16);
  hardware.chip.global_buffer_bits = draw.wide(1, 1 << 29);
  hardware.chip.global_port_bits = draw.wide(1, 1 << 16);
  hardware.chip.link_bits = draw.wide(1, 1 << 16);
  hardware.chip.vector_lanes = draw.wide(1, 4096);
  return hardware;
}

bool positive(double value) { return std::isfinite(value) && value > 0; }

/// Actions that cost nothing on this chip because the part does not exist.
bool may_be_zero(const Hardware& hardware, Action action) {
  const bool has_tree =
      hardware.mapping.cells == CellMapping::offset && hardware.mapping.offset_sum == OffsetSum::digital;
  const bool has_index =
      hardware.schedule.zero_weights == ZeroWeights::skip || hardware.gate.mask_known == MaskKnown::static_;
  return (action == Action::offset_digit && !has_tree) || (action == Action::index_bit && !has_index) ||
         (action == Action::input_sum && !hardware.gate.input_sums);
}

void check_chip(const Hardware& hardware, const ChipModel& chip) {
  CHECK(positive(chip.clock_period_ns));
  CHECK(chip.adc_cycles >= 1);
  CHECK(chip.adder_tree_level_cycles >= 1);
  CHECK(chip.vector_cycles >= 1);
  CHECK(chip.link_cycles >= 1);
  for (int i = 0; i < action_kinds; ++i) {
    const double value = chip.energy_pj[static_cast<std::size_t>(i)];
    INFO(action_rows[static_cast<std::size_t>(i)].name << " = " << value);
    if (may_be_zero(hardware, static_cast<Action>(i))) {
      CHECK(value == 0);
    } else {
      CHECK(positive(value));
    }
  }
  for (const ComponentBudget& row : chip.budget) {
    INFO(row.name << ": " << row.count << " x " << row.area_um2 << " um2, " << row.leakage_uw << " uW");
    CHECK(row.count >= 1);
    CHECK(std::isfinite(row.area_um2));
    CHECK(row.area_um2 >= 0);
    CHECK(std::isfinite(row.leakage_uw));
    CHECK(row.leakage_uw >= 0);
  }
  CHECK(positive(chip.area_um2()));
  CHECK(positive(chip.leakage_uw()));
  for (const Figure& figure : chip.figures) {
    INFO(figure.component << ": " << figure.name);
    CHECK(std::isfinite(figure.value));
    for (const Figure::Input& input : figure.inputs) CHECK(std::isfinite(input.value));
  }
}

}  // namespace

TEST_CASE("random chips have finite and positive figures") {
  Draw draw(20240611);
  for (int trial = 0; trial < 300; ++trial) {
    const Hardware hardware = random_chip(draw);
    const int tiles = draw.wide(1, 100000);
    INFO("trial " << trial << ": " << hardware.crossbar.rows << "x" << hardware.crossbar.cols << ", OU "
                  << hardware.ou.rows << "x" << hardware.ou.cols << ", " << hardware.adc.bits << " bit");
    check_chip(hardware,
               build_chip_model(hardware, {.tiles = tiles, .crossbars = tiles * hardware.chip.crossbars_per_tile}));
  }
}

TEST_CASE("every resolution, cell and digit width") {
  for (int adc_bits = 1; adc_bits <= 12; ++adc_bits) {
    for (int cell_bits = 1; cell_bits <= 4; ++cell_bits) {
      for (int digit_bits = 1; digit_bits <= 8; ++digit_bits) {
        Hardware hardware = (adc_bits + digit_bits) % 2 == 0 ? flash_chip() : sar_chip();
        hardware.adc.bits = adc_bits;
        hardware.cell.bits = cell_bits;
        hardware.input.digit_bits = digit_bits;
        INFO(adc_bits << " / " << cell_bits << " / " << digit_bits);
        check_chip(hardware, build_chip_model(hardware, ten_tiles(hardware)));
      }
    }
  }
}

TEST_CASE("the largest and the smallest chip") {
  Hardware hardware = flash_chip();
  hardware.crossbar = {.rows = 4096, .cols = 4096};
  hardware.ou = {.rows = 4096, .cols = 4096};
  hardware.cell.bits = 4;
  hardware.input.digit_bits = 8;
  hardware.adc.transfer = AdcTransfer::ideal;  // 24 bits
  check_chip(hardware, build_chip_model(hardware, {.tiles = 100000, .crossbars = 100000 * 4096}));
  hardware = flash_chip();
  hardware.crossbar = {.rows = 1, .cols = 1};
  hardware.ou = {.rows = 1, .cols = 1};
  hardware.adc.bits = 1;
  hardware.adc.per_crossbar = 1;
  hardware.chip.crossbars_per_tile = 1;
  hardware.chip.tile_buffer_bits = hardware.chip.tile_port_bits = 1;
  hardware.chip.global_buffer_bits = hardware.chip.global_port_bits = 1;
  hardware.chip.link_bits = hardware.chip.vector_lanes = 1;
  check_chip(hardware, build_chip_model(hardware, {.tiles = 1, .crossbars = 1}));
}

TEST_CASE("more of everything costs more") {
  const auto conversion = [](int bits, AdcType type) {
    Hardware hardware = type == AdcType::flash ? flash_chip() : sar_chip();
    hardware.adc.bits = bits;
    return factor(build_chip_model(hardware, ten_tiles(hardware)), Action::conversion);
  };
  for (int bits = 2; bits <= 12; ++bits) {
    CHECK(conversion(bits, AdcType::flash) > conversion(bits - 1, AdcType::flash));
    CHECK(conversion(bits, AdcType::sar) > conversion(bits - 1, AdcType::sar));
  }
  double last = 0;
  for (int rows = 1; rows <= 128; rows *= 2) {
    Hardware hardware = flash_chip();
    hardware.ou.rows = rows;
    const double now = factor(build_chip_model(hardware, ten_tiles(hardware)), Action::wordline_activation);
    CHECK(now > last);
    last = now;
  }
}
