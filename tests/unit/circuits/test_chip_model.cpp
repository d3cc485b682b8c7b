// SPDX-License-Identifier: Apache-2.0
// Clock, energies, areas of described chips.
#include <catch2/catch.hpp>

#include <cmath>
#include <string>

#include "base/error.h"
#include "chips.h"

using namespace cimcycle;

namespace {

ChipModel build(const Hardware& hardware) { return build_chip_model(hardware, ten_tiles(hardware)); }

std::string message_of(const Hardware& hardware) {
  try {
    build(hardware);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

/// An OU read of `rows_on` rows, half of their cells in level 1: its share of the wordlines' activation (which serves
/// `reads` reads), bitlines, currents, conversions and additions, in pJ.
double ou_read(const ChipModel& chip, double rows_on, double reads) {
  const double columns = 16;
  return (factor(chip, Action::wordline_activation) + rows_on * factor(chip, Action::wordline_row)) / reads +
         columns * factor(chip, Action::bitline_column) + columns * rows_on / 2 * factor(chip, Action::array_level) +
         columns * rows_on * factor(chip, Action::array_row) + columns * factor(chip, Action::conversion) +
         columns * factor(chip, Action::shift_add);
}

}  // namespace

TEST_CASE("the clock is the sense path of one OU read") {
  const ChipModel chip = build(flash_chip());
  // 1.4 (column multiplexer 0.297 + 0.2 x 17.32 fF x 454.5 kOhm / 8 + sense 1 + encoder 0.135) ns
  CHECK(chip.clock_period_ns ==
        Approx(1.4 * (0.0022289 + 0.294514 + 0.2 * 17.3217e-6 * 454500 / 8 + 1 + 0.135029)).epsilon(1e-4));
  CHECK(chip.clock_period_ns == Approx(2.28).epsilon(1e-3));
  CHECK(chip.adc_cycles == 1);
  CHECK(chip.adder_tree_level_cycles == 1);
  CHECK(chip.link_cycles == 1);
  Hardware slow = flash_chip();
  slow.ou.rows = 8;  // half as many cells pull the bitline
  CHECK(build(slow).clock_period_ns - chip.clock_period_ns ==
        Approx(1.4 * 0.2 * 17.3217e-6 * 454500 / 8).epsilon(1e-4));
}

TEST_CASE("SAR conversions take bits + 1 steps") {
  for (const int bits : {4, 5, 8}) {
    Hardware hardware = sar_chip();
    hardware.adc.bits = bits;
    const ChipModel chip = build(hardware);
    CHECK(chip.clock_period_ns == 1.0);
    CHECK(chip.adc_cycles == bits + 1);
  }
  Hardware derived = sar_chip();
  derived.clock.period_ns.reset();
  CHECK(build(derived).clock_period_ns == Approx(1.0).epsilon(1e-12));  // a step, longer than 1.4 x selecting a column
  Hardware slower = sar_chip();
  slower.clock.period_ns = 2.5;
  CHECK(build(slower).adc_cycles == 3);  // 6 ns
}

TEST_CASE("a clock that is too fast is an error that names the fastest one") {
  Hardware hardware = flash_chip();
  hardware.clock.period_ns = 2.0;
  const std::string text = message_of(hardware);
  CHECK(text ==
        "clock.period_ns = 2 is too short for a flash read (rows, bitline, conversion in one cycle), 2.28 ns; "
        "use at least 2.281, or \"auto\"");
  hardware.clock.period_ns = 2.281;
  CHECK(build(hardware).clock_period_ns == 2.281);
  hardware.clock.period_ns = 5;
  CHECK(build(hardware).clock_period_ns == 5);
  Hardware sar = sar_chip();
  sar.clock.period_ns = 0.5;
  CHECK(message_of(sar).find("sampling a bitline in one cycle") != std::string::npos);
}

TEST_CASE("factors of the default chip") {
  const ChipModel chip = build(flash_chip());
  const auto fj = [&](Action action) { return factor(chip, action) * 1e3; };
  // 16 flip-flops of 5.104 fJ and a three-bit decoder access.
  CHECK(fj(Action::wordline_activation) == Approx(16 * 5.10427).epsilon(0.01));
  CHECK(fj(Action::wordline_activation) > 16 * 5.10427);
  // 53.12 fF at 0.85 V and the pass gates: 2 Ctd at 1.1 V, 5 Ctd at 0.5 V, 3 gates at 0.85 V.
  CHECK(fj(Action::wordline_row) ==
        Approx(53.1187 * 0.7225 + 2 * 0.180536 * 1.21 + 5 * 0.180536 * 0.25 + 3 * 0.657422 * 0.7225).epsilon(1e-4));
  // 2.25 fF at 0.5 V; 1/128 of the multiplexer's and of its decoder's energy per bit plane.
  CHECK(fj(Action::bitline_column) == Approx(2.2528 * 0.25 + 40.5217 / 128 + 3.05159 / 128).epsilon(1e-4));
  // The sense amplifier's conductance term over 1 ns.
  CHECK(fj(Action::array_level) == Approx(0.0631e6 * (1 / 7500.0 - 1 / 901500.0)).epsilon(1e-6));
  CHECK(fj(Action::array_row) == Approx(0.0631e6 / 901500.0).epsilon(1e-6));
  CHECK(fj(Action::conversion) == Approx(31 * 1.7 + 323.433 / 128).epsilon(1e-5));
  CHECK(fj(Action::input_register_bit) == Approx(5.10427).epsilon(1e-5));
  CHECK(fj(Action::tile_buffer_read_bit) == Approx(5.14005).epsilon(1e-5));
  CHECK(fj(Action::global_buffer_read_bit) == Approx(5.13814).epsilon(1e-5));
  CHECK(fj(Action::tile_buffer_write_bit) == Approx(5.10427 + 0.715574).epsilon(1e-5));
}

TEST_CASE("a partial sum of 20 bits is clocked from the shift upward") {
  // 16 rows x 255 x 255 = 1,040,400 needs 20 bits; shifts 0..7 of the slice and 0..7 of the digit.
  double sum = 0;
  for (int slice = 0; slice < 8; ++slice) {
    for (int digit = 0; digit < 8; ++digit) {
      const int bits = 20 - slice - digit;
      const double adder =
          0.15 * 0.7225 * ((14 * 0.657422 + 7 * 0.180818) + (bits - 1) * (13 * 0.657422 + 7 * 0.180818));
      sum += adder + 0.5 * bits * 5.10427;
    }
  }
  CHECK(factor(build(flash_chip()), Action::shift_add) * 1e3 == Approx(sum / 64).epsilon(1e-4));
}

TEST_CASE("an OU read costs what the circuits of the literature suggest") {
  // 3 of 16 rows on, half of the cells in level 1, wordlines held for the eight column blocks of a crossbar.
  const double expected_pj[] = {1.30, 1.74, 2.62};
  for (int bits = 4; bits <= 6; ++bits) {
    Hardware hardware = flash_chip();
    hardware.adc.bits = bits;
    CHECK(ou_read(build(hardware), 3, 8) == Approx(expected_pj[bits - 4]).epsilon(0.10));
  }
}

TEST_CASE("an ideal converter is priced as the smallest lossless one") {
  Hardware ideal = flash_chip();
  ideal.adc.transfer = AdcTransfer::ideal;
  ideal.adc.bits = 1;  // not used
  // 16 rows of 1-bit cells and digits: sums up to 16 need 5 bits.
  CHECK(factor(build(ideal), Action::conversion) == factor(build(flash_chip()), Action::conversion));
  ideal.ou.rows = 15;
  Hardware four = flash_chip();
  four.ou.rows = 15;
  four.adc.bits = 4;
  CHECK(factor(build(ideal), Action::conversion) == factor(build(four), Action::conversion));
}

TEST_CASE("cell current: levels, digits, time") {
  const auto level = [](const Hardware& hardware) { return factor(build(hardware), Action::array_level); };
  const double one_bit = level(flash_chip());
  Hardware hardware = flash_chip();
  hardware.cell.bits = 2;  // the same range in three steps
  CHECK(level(hardware) == Approx(one_bit / 3));
  hardware = flash_chip();
  hardware.input.digit_bits = 2;  // a digit of 3 is a full read voltage
  CHECK(level(hardware) == Approx(one_bit / 3));
  hardware = flash_chip();
  hardware.array.current = ArrayCurrent::physical;
  CHECK(level(hardware) == Approx(one_bit * 0.25 / 0.0631));
  // SAR: one sampling cycle with sample-and-hold, else the whole conversion.
  hardware = sar_chip();
  const double sampled = level(hardware);
  CHECK(sampled == Approx(0.072341 * 1e3 * (1 / 7500.0 - 1 / 901500.0)).epsilon(1e-6));
  hardware.adc.sample_and_hold = false;
  CHECK(level(hardware) == Approx(6 * sampled));
}

TEST_CASE("offset sums cost nothing where there are none") {
  Hardware hardware = flash_chip();
  const ChipModel offset = build(hardware);
  CHECK(factor(offset, Action::offset_digit) > 0);
  hardware.mapping.cells = CellMapping::twos_complement;
  CHECK(factor(build(hardware), Action::offset_digit) == 0);
  // No offset to subtract either.
  CHECK(factor(build(hardware), Action::accumulation) < factor(offset, Action::accumulation));
  hardware.mapping.cells = CellMapping::differential;
  CHECK(factor(build(hardware), Action::offset_digit) == 0);
  hardware = flash_chip();
  hardware.mapping.offset_sum = OffsetSum::unit_column;
  CHECK(factor(build(hardware), Action::offset_digit) == 0);
  CHECK(factor(build(hardware), Action::accumulation) == factor(offset, Action::accumulation));
}

TEST_CASE("the budget adds up, in instances of crossbars and tiles") {
  const Hardware hardware = flash_chip();
  const ChipModel chip = build(hardware);
  double area = 0, leakage = 0;
  for (const ComponentBudget& row : chip.budget) {
    area += static_cast<double>(row.count) * row.area_um2;
    leakage += static_cast<double>(row.count) * row.leakage_uw;
  }
  CHECK(chip.area_um2() == area);
  CHECK(chip.leakage_uw() == leakage);
  const auto row = [&](std::string_view name) {
    for (const ComponentBudget& candidate : chip.budget) {
      if (candidate.name == name) return candidate;
    }
    FAIL("no component " << name);
    return ComponentBudget{};
  };
  CHECK(row("cells").count == 160 * 128 * 128);
  CHECK(row("cells").area_um2 == Approx(4 * 12 * 0.022 * 0.022));
  CHECK(row("adc").count == 160 * 16);
  CHECK(row("adc").area_um2 == Approx(5415.08 / 16).epsilon(1e-4));
  CHECK(row("adc").leakage_uw == 0);
  CHECK(row("encoders").area_um2 == Approx(645.292).epsilon(1e-4));
  CHECK(row("level shifters").count == 160 * 384);
  CHECK(row("vector units").count == 10 * 16);
  CHECK(row("tile buffers").count == 10 * 32);
  CHECK(row("global buffer").count == 64);
  CHECK(row("h-tree").count == 1);
  // More tiles: everything of a tile scales, the shared parts do not, and the tree grows longer.
  const ChipModel larger = build_chip_model(hardware, {.tiles = 40, .crossbars = 640});
  CHECK(factor(larger, Action::link_bit) > factor(chip, Action::link_bit));
  CHECK(factor(larger, Action::conversion) == factor(chip, Action::conversion));
}

TEST_CASE("a chip of one tile still has a way to its global buffer") {
  const Hardware hardware = flash_chip();
  const ChipModel chip = build_chip_model(hardware, {.tiles = 1, .crossbars = 16});
  // Half of the chip's side at 48.69 fJ/mm.
  double area = 0;
  for (const ComponentBudget& row : chip.budget) {
    if (row.name != "h-tree") area += static_cast<double>(row.count) * row.area_um2;
  }
  CHECK(factor(chip, Action::link_bit) == Approx(48.6921e-3 * std::sqrt(area) * 1e-3 / 2).epsilon(1e-4));
}

TEST_CASE("another cell: smaller currents, another access transistor") {
  Hardware hardware = flash_chip();
  hardware.cell.model = "reram-1t1r-wan2022";
  const ChipModel chip = build(hardware);
  CHECK(factor(chip, Action::array_level) * 1e3 == Approx(0.0631e6 * (1 / 31250.0 - 1 / 431250.0)).epsilon(1e-6));
  CHECK(factor(chip, Action::wordline_row) < factor(build(flash_chip()), Action::wordline_row));
}
