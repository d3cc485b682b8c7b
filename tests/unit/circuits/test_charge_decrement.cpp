// SPDX-License-Identifier: Apache-2.0
// The charge-decrement converter: times and energies worked out by hand, and the chip around it.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "chips.h"
#include "circuits/array.h"
#include "circuits/charge_decrement_adc.h"
#include "circuits/row_drivers.h"

using namespace cimcycle;

namespace {

/// All rows and columns of a 256 x 256 crossbar at once, a converter per column, at 130 nm.
Hardware neuron_chip(int digit_bits, int bits) {
  Hardware hardware = flash_chip();
  hardware.name = "neurons";
  hardware.crossbar = {.rows = 256, .cols = 256};
  hardware.ou = {.rows = 256, .cols = 256};
  hardware.cell = {.bits = 4, .model = "reram-1t1r-neurram"};
  hardware.input.digit_bits = digit_bits;
  hardware.adc = {};
  hardware.adc.type = AdcType::charge_decrement;
  hardware.adc.transfer = AdcTransfer::full_scale;
  hardware.adc.bits = bits;
  hardware.adc.per_crossbar = 256;
  hardware.mapping.cells = CellMapping::differential;
  hardware.array.current = ArrayCurrent::physical;
  hardware.clock.period_ns = 10;
  hardware.tech.node = "130nm";
  return hardware;
}

ChipModel build(const Hardware& hardware) { return build_chip_model(hardware, ten_tiles(hardware)); }

}  // namespace

TEST_CASE("a conversion samples, integrates bit k of the digit 2^k times, and decrements once per output bit") {
  const TechNode node = load_tech_node("130nm");
  // 0.30 + 1 x 0.27 + 4 x 0.30 us; 0.30 + 7 x 0.27 + 6 x 0.30 us; 0.30 + 31 x 0.27 + 8 x 0.30 us.
  CHECK(make_charge_decrement_adc(node, 4, 1).conversion_s == Approx(1.77e-6));
  CHECK(make_charge_decrement_adc(node, 6, 3).conversion_s == Approx(3.99e-6));
  CHECK(make_charge_decrement_adc(node, 8, 5).conversion_s == Approx(11.07e-6));
  const ChargeDecrementAdc adc = make_charge_decrement_adc(node, 4, 1);
  CHECK(adc.energy_j() == Approx(18.09e-6 * 1.77e-6));
  CHECK(adc.area_m2 == Approx(1270e-12));
  CHECK(make_charge_decrement_adc(node, 6, 3).conduction_s == Approx(30e-9));
}

TEST_CASE("a chip of neurons: cycles, energies, area") {
  const ChipModel one = build(neuron_chip(1, 4));
  CHECK(one.clock_period_ns == 10);
  CHECK(one.adc_cycles == 177);
  CHECK(factor(one, Action::conversion) == Approx(18.09 * 1.77));
  // 48 fF + 256 x 2.1 fF at 1.8 V, and the pass gates; a pulse per bit of the digit.
  const double wordline_pj = (48 + 256 * 2.1) * 1.8 * 1.8 * 1e-3;
  const TechNode node = load_tech_node("130nm");
  const CellModel cell = load_cell_model("reram-1t1r-neurram");
  const WordlineDrivers drivers = make_wordline_drivers(node, cell, make_array(node, cell, 256, 256));
  CHECK(factor(one, Action::wordline_row) == Approx(wordline_pj + drivers.row_energy_j * 1e12));
  const ChipModel three = build(neuron_chip(3, 6));
  CHECK(three.adc_cycles == 399);
  CHECK(factor(three, Action::wordline_row) == Approx(3 * factor(one, Action::wordline_row)));
  // 0.25 V^2 x 10 ns per bit x (40 - 1) uS / 15 levels, spread over the values of a digit.
  CHECK(factor(one, Action::array_level) == Approx(0.25 * 10e-9 * 39e-6 / 15 * 1e12));
  CHECK(factor(three, Action::array_level) == Approx(3 * factor(one, Action::array_level) / 7));
  for (const ComponentBudget& row : one.budget) {
    CHECK(row.name != "encoders");
    if (row.name == "adc") CHECK(row.area_um2 == Approx(1270));
  }
}

TEST_CASE("sample-and-hold does not change what a charge-decrement conversion costs") {
  Hardware hardware = neuron_chip(2, 5);
  const ChipModel plain = build(hardware);
  hardware.adc.sample_and_hold = true;
  CHECK(build(hardware).energy_pj == plain.energy_pj);
}

TEST_CASE("the derived clock is the converter's shortest step") {
  Hardware hardware = neuron_chip(1, 4);
  hardware.clock.period_ns.reset();
  const ChipModel chip = build(hardware);
  CHECK(chip.clock_period_ns == Approx(270));
  CHECK(chip.adc_cycles == 7);  // 1770 ns
}

TEST_CASE("a node without neurons is refused") {
  Hardware hardware = neuron_chip(1, 4);
  hardware.tech.node = "65nm-lstp";
  CHECK_THROWS_WITH(build(hardware),
                    "65nm-lstp.json: charge_decrement: missing, but adc.type = charge_decrement; use a node that has "
                    "this section");
}

TEST_CASE("the wordline's capacitance without the published one") {
  const TechNode node = load_tech_node("130nm");
  CellModel cell = load_cell_model("reram-1t1r-neurram");
  CHECK(make_array(node, cell, 256, 256).wordline_f == Approx(48e-15 + 256 * 2.1e-15));
  cell.wordline_load.reset();
  const CellArray drawn = make_array(node, cell, 256, 256);
  CHECK(drawn.wordline_f == Approx(2e-10 * 256 * 11.2 * 130e-9 + 256 * node.gate_capacitance(drawn.access_width_m)));
}
