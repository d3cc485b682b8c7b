// SPDX-License-Identifier: Apache-2.0
// Values that exclude each other: every rule at its boundary, with the full text.
#include <catch2/catch.hpp>
#include <limits>

#include "chip_files.h"
#include "error_text.h"

using namespace cimcycle;
using namespace cimcycle::test;

namespace {

/// A description that passes: 64 x 32 crossbar, OU 8 x 4, 2-bit cells, 3-bit digits, 6-bit clip.
Hardware valid() {
  Hardware h = load_text(complete_chip());
  h.mapping.flip = false;
  h.mapping.offset_sum = OffsetSum::digital;
  return h;
}

std::string error(const Hardware& hardware) {
  return input_error([&] { check_hardware(hardware, "chip"); });
}

}  // namespace

TEST_CASE("a valid description passes") { CHECK(error(valid()) == "no error"); }

TEST_CASE("an OU lies within its crossbar") {
  Hardware h = valid();
  h.ou.rows = 64;
  h.ou.cols = 32;
  CHECK(error(h) == "no error");
  h.ou.rows = 65;
  CHECK(error(h) == "chip: ou.rows = 65 exceeds crossbar.rows = 64; allowed: 1 to 64");
  h.ou.rows = 64;
  h.ou.cols = 33;
  CHECK(error(h) == "chip: ou.cols = 33 exceeds crossbar.cols = 32; allowed: 1 to 32");
}

TEST_CASE("twos_complement needs 1-bit cells") {
  Hardware h = valid();
  h.mapping.cells = CellMapping::twos_complement;
  CHECK(
      error(h) ==
      "chip: mapping.cells = twos_complement does not work with cell.bits = 2; allowed: cell.bits 1, or mapping.cells "
      "offset or differential");
  h.cell.bits = 1;
  CHECK(error(h) == "no error");
}

TEST_CASE("charge_decrement needs the physical current") {
  Hardware h = valid();
  h.adc.type = AdcType::charge_decrement;
  CHECK(error(h) == "no error");
  h.array.current = ArrayCurrent::neurosim_fit;
  CHECK(error(h) ==
        "chip: adc.type = charge_decrement does not work with array.current = neurosim_fit, which has no data for it; "
        "allowed: current physical, or type flash or sar");
}

TEST_CASE("differential needs two columns in an OU") {
  Hardware h = valid();
  h.mapping.cells = CellMapping::differential;
  h.ou.cols = 1;
  CHECK(error(h) == "chip: mapping.cells = differential does not work with ou.cols = 1; allowed: ou.cols 2 to 32");
  h.ou.cols = 2;
  CHECK(error(h) == "no error");
}

TEST_CASE("a crossbar of one column has no differential pair") {
  Hardware h = valid();
  h.mapping.cells = CellMapping::differential;
  h.ou.cols = h.crossbar.cols = 1;
  CHECK(error(h) ==
        "chip: mapping.cells = differential does not work with crossbar.cols = 1; allowed: crossbar.cols 2 to 4096");
}

TEST_CASE("flip, analog subtraction and unit column belong to one mapping each") {
  Hardware h = valid();
  h.cell.bits = 1;
  h.mapping.flip = true;
  CHECK(error(h) == "no error");
  h.mapping.cells = CellMapping::differential;
  CHECK(error(h) ==
        "chip: mapping.flip = true does not work with mapping.cells = differential; allowed: flip false, or cells "
        "offset");
  h.mapping.cells = CellMapping::twos_complement;
  CHECK(error(h) ==
        "chip: mapping.flip = true does not work with mapping.cells = twos_complement; allowed: flip false, or cells "
        "offset");
  h.mapping.flip = false;
  h.mapping.offset_sum = OffsetSum::unit_column;
  CHECK(
      error(h) ==
      "chip: mapping.offset_sum = unit_column does not work with mapping.cells = twos_complement; allowed: offset_sum "
      "digital, or cells offset");
  h.mapping.cells = CellMapping::offset;
  CHECK(error(h) == "no error");
  h.mapping.subtract = Subtract::analog;
  CHECK(
      error(h) ==
      "chip: mapping.subtract = analog does not work with mapping.cells = offset; allowed: subtract digital, or cells "
      "differential");
  h.mapping.offset_sum = OffsetSum::digital;
  h.mapping.cells = CellMapping::differential;
  CHECK(error(h) == "no error");
}

TEST_CASE("keys of one transfer are refused beside another") {
  Hardware h = valid();
  h.adc.levels = {1, 2};
  CHECK(error(h) == "chip: adc.levels is given, but adc.transfer = clip; allowed: adc.levels null, or transfer levels");
  h.adc.levels.clear();
  h.adc.level_values = {0};
  h.adc.transfer = AdcTransfer::full_scale;
  CHECK(error(h) ==
        "chip: adc.level_values is given, but adc.transfer = full_scale; allowed: adc.level_values null, or transfer "
        "levels");
  h.adc.level_values.clear();
  h.adc.calibrated_step = 2;
  CHECK(error(h) ==
        "chip: adc.calibrated_step is given, but adc.transfer = full_scale; allowed: adc.calibrated_step null, or "
        "transfer calibrated");
  h.adc.transfer = AdcTransfer::calibrated;
  CHECK(error(h) == "no error");
  h.adc.calibrated_step.reset();
  CHECK(error(h) == "no error");
}

TEST_CASE("thresholds ascend and fit the resolution") {
  Hardware h = valid();
  h.adc.transfer = AdcTransfer::levels;
  h.adc.bits = 2;
  CHECK(error(h) == "chip: adc.transfer = levels needs adc.levels, found none; allowed: 1 to 3 ascending thresholds");
  h.adc.levels = {1, 2, 3};
  CHECK(error(h) == "no error");
  h.adc.levels = {1, 2, 3, 4};
  CHECK(error(h) == "chip: adc.levels has 4 thresholds, more than adc.bits = 2 can tell apart; allowed: 1 to 3");
  h.adc.levels = {1, 3, 3};
  CHECK(error(h) == "chip: adc.levels[1] = 3 is followed by adc.levels[2] = 3; allowed: ascending thresholds");
  h.adc.levels = {2, 1};
  CHECK(error(h) == "chip: adc.levels[0] = 2 is followed by adc.levels[1] = 1; allowed: ascending thresholds");
  h.adc.levels = {0, 1};
  CHECK(error(h) ==
        "chip: adc.levels: found 0 at index 0, expected a list of 1 to 4095 integers, each 1 to 16777216, or null");
}

TEST_CASE("level values are one more than the thresholds, start with 0 and are possible sums") {
  Hardware h = valid();  // largest sum 8 x 3 x 7 = 168
  h.adc.transfer = AdcTransfer::levels;
  h.adc.levels = {10, 20};
  h.adc.level_values = {0, 15, 168};
  CHECK(error(h) == "no error");
  h.adc.level_values = {0, 15};
  CHECK(error(h) == "chip: adc.level_values has 2 values and adc.levels 2; allowed: 3 values, one more than levels");
  h.adc.level_values = {1, 15, 30};
  CHECK(error(h) == "chip: adc.level_values starts with 1; allowed: 0, the value of no threshold reached");
  h.adc.level_values = {0, 15, 169};
  CHECK(error(h) ==
        "chip: adc.level_values[2] = 169 exceeds the largest sum of an OU read, 168, from ou.rows = 8, cell.bits = 2, "
        "input.digit_bits = 3; allowed: 0 to 168");
  h.adc.levels = {10, 169};  // never reached: its value does not matter
  CHECK(error(h) == "no error");
}

TEST_CASE("values that code put out of range are found") {
  Hardware h = valid();
  h.adc.bits = 13;
  CHECK(error(h) == "chip: adc.bits: found 13, expected an integer 1 to 12");
  h = valid();
  h.clock.period_ns = std::numeric_limits<double>::quiet_NaN();
  CHECK(error(h) == "chip: clock.period_ns: found nan, expected a number 0.01 to 10000 or \"auto\"");
  h.clock.period_ns = std::numeric_limits<double>::infinity();
  CHECK(error(h) == "chip: clock.period_ns: found inf, expected a number 0.01 to 10000 or \"auto\"");
  h = valid();
  h.adc.type = static_cast<AdcType>(7);
  CHECK(error(h) == "chip: adc.type: found 7, expected one of flash, sar, charge_decrement");
  h = valid();
  h.name.clear();
  CHECK(error(h) == "chip: name: found \"\", expected a text of 1 to 200 printable characters");
}

TEST_CASE("a loaded file's pairs are reported with the overrides that took part") {
  CHECK(error_of(with(complete_chip(), R"("rows": 8)", R"("rows": 65)")) ==
        "chip.json: ou.rows = 65 exceeds crossbar.rows = 64; allowed: 1 to 64");
  CHECK(error_of(complete_chip(), {"ou.rows=65", "adc.bits=4"}) ==
        "chip.json --set ou.rows=65 --set adc.bits=4: ou.rows = 65 exceeds crossbar.rows = 64; allowed: 1 to 64");
}
