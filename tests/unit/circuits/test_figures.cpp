// SPDX-License-Identifier: Apache-2.0
// What `explain` can show: complete, and equal to what the simulator uses.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "chips.h"

using namespace cimcycle;

namespace {

std::vector<Hardware> some_chips() {
  Hardware differential = flash_chip();
  differential.mapping.cells = CellMapping::differential;
  Hardware physical = sar_chip();
  physical.array.current = ArrayCurrent::physical;
  Hardware neurons = physical;
  neurons.adc.type = AdcType::charge_decrement;
  neurons.cell.model = "reram-1t1r-neurram";
  neurons.tech.node = "130nm";
  neurons.clock.period_ns = 10;
  return {flash_chip(), sar_chip(), differential, physical, neurons};
}

}  // namespace

TEST_CASE("every action has exactly one figure, with its factor") {
  for (const Hardware& hardware : some_chips()) {
    const ChipModel chip = build_chip_model(hardware, ten_tiles(hardware));
    for (int i = 0; i < action_kinds; ++i) {
      const ActionRow& row = action_rows[static_cast<std::size_t>(i)];
      const auto is_of = [&](const Figure& figure) { return figure.action == row.name; };
      REQUIRE(std::count_if(chip.figures.begin(), chip.figures.end(), is_of) == 1);
      const Figure& figure = *std::find_if(chip.figures.begin(), chip.figures.end(), is_of);
      CHECK(figure.value == chip.energy_pj[static_cast<std::size_t>(i)]);
      CHECK(figure.unit == "pJ");
      CHECK(figure.component == energy_component_names[static_cast<std::size_t>(row.component)]);
    }
  }
}

TEST_CASE("every component of the budget has its area and its leakage") {
  const Hardware hardware = flash_chip();
  const ChipModel chip = build_chip_model(hardware, ten_tiles(hardware));
  for (const ComponentBudget& row : chip.budget) {
    for (const std::string component : {"area", "leakage"}) {
      const auto is_of = [&](const Figure& figure) { return figure.component == component && figure.name == row.name; };
      REQUIRE(std::count_if(chip.figures.begin(), chip.figures.end(), is_of) == 1);
      const Figure& figure = *std::find_if(chip.figures.begin(), chip.figures.end(), is_of);
      CHECK(figure.value == (component == "area" ? row.area_um2 : row.leakage_uw));
      CHECK(figure.unit == (component == "area" ? "um2" : "uW"));
    }
  }
}

TEST_CASE("no figure without formula, source and sourced inputs") {
  for (const Hardware& hardware : some_chips()) {
    const ChipModel chip = build_chip_model(hardware, ten_tiles(hardware));
    std::set<std::string> names;
    for (const Figure& figure : chip.figures) {
      INFO(figure.component << ": " << figure.name);
      CHECK_FALSE(figure.formula.empty());
      CHECK_FALSE(figure.source.empty());
      CHECK_FALSE(figure.unit.empty());
      CHECK_FALSE(figure.inputs.empty());
      CHECK(names.insert(figure.component + ": " + figure.name).second);
      for (const Figure::Input& input : figure.inputs) {
        CHECK_FALSE(input.name.empty());
        CHECK_FALSE(input.source.empty());
      }
    }
  }
}

TEST_CASE("leakage without data says so instead of claiming zero") {
  const Hardware hardware = flash_chip();
  const ChipModel chip = build_chip_model(hardware, ten_tiles(hardware));
  int missing = 0;
  for (const Figure& figure : chip.figures) {
    if (figure.component != "leakage" || figure.value > 0) continue;
    INFO(figure.name);
    CHECK(figure.formula.find("no data") != std::string::npos);
    ++missing;
  }
  CHECK(missing == 3);  // cells, level shifters, converters
}

TEST_CASE("formulas recomputed from the printed inputs") {
  const Hardware hardware = flash_chip();
  const ChipModel chip = build_chip_model(hardware, ten_tiles(hardware));
  const auto figure = [&](std::string_view action) {
    return *std::find_if(chip.figures.begin(), chip.figures.end(), [&](const Figure& f) { return f.action == action; });
  };
  const auto input = [](const Figure& of, std::string_view name) {
    for (const Figure::Input& candidate : of.inputs) {
      if (candidate.name == name) return candidate.value;
    }
    FAIL("no input " << name);
    return 0.0;
  };
  const Figure activation = figure("wordline_activation");
  CHECK(activation.value == Approx(input(activation, "ou.rows") * input(activation, "input.digit_bits") *
                                       input(activation, "flip-flop energy") +
                                   input(activation, "calibration.epsilon") * input(activation, "decoder access")));
  const Figure row = figure("wordline_row");
  CHECK(row.value == Approx(input(row, "pulses") * input(row, "wordline capacitance") * 1e-3 *
                                input(row, "transistor.supply_v") * input(row, "transistor.supply_v") +
                            input(row, "pass gates")));
  const Figure column = figure("bitline_column");
  CHECK(column.value ==
        Approx(input(column, "bitline wire capacitance") * 1e-3 * input(column, "read_v") * input(column, "read_v") +
               input(column, "pass gate") + input(column, "decoder access") / input(column, "columns of a round")));
  const Figure level = figure("array_level");
  CHECK(level.value == Approx(input(level, "flash_adc.power_per_conductance_v2") * input(level, "read_v") /
                              input(level, "flash_adc.fit_read_voltage_v") * input(level, "conductance") *
                              input(level, "time") * 1e-3 / input(level, "full digit")));
  const Figure conversion = figure("conversion");
  CHECK(conversion.value == Approx(input(conversion, "flash_adc.power_per_sense_amp_w") * 31 *
                                       input(conversion, "flash_adc.sense_s") * 1e12 +
                                   input(conversion, "encoder")));
  const Figure link = figure("link_bit");
  CHECK(link.value == Approx(input(link, "wire energy") * input(link, "path")));
  CHECK(input(link, "path") ==
        Approx(input(link, "side of the chip") * (0.5 + 1 - 1 / std::pow(2, input(link, "levels")))));
  const Figure write = figure("tile_buffer_write_bit");
  CHECK(write.value ==
        Approx(input(write, "flip-flop energy") + input(write, "decoder access") / input(write, "bits of a line")));
}
