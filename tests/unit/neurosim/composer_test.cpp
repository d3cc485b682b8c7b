// SPDX-License-Identifier: Apache-2.0
// The composer against published figures of DNN+NeuroSim V1.3's released program: what does not depend on the data of
// the trace holds with empty inputs (docs/models/neurosim.md, "Worked example").
#include <catch2/catch.hpp>

#include "base/files.h"
#include "neurosim/crossbar.h"
#include "small_trace.h"

using namespace cimcycle;
using namespace cimcycle::test;

namespace {

/// Figures were printed with six digits.
Approx printed(double value) { return Approx(value).epsilon(6e-6); }

}  // namespace

TEST_CASE("areas, clock and floorplan of the default chip") {
  const NeurosimResult r = compose(default_chip(), empty_resnet20());
  CHECK(r.chip.area_um2 == printed(13493900));
  CHECK(r.chip.area_parts_um2.array == printed(258830));
  CHECK(r.chip.area_parts_um2.ic == printed(4094920));
  CHECK(r.chip.area_parts_um2.adc == printed(4121050));
  CHECK(r.chip.area_parts_um2.accumulation == printed(1239720));
  CHECK(r.chip.area_parts_um2.other == printed(3779390));
  REQUIRE(r.chip.clock_ns);
  CHECK(*r.chip.clock_ns == printed(2.03892));
  CHECK(r.chip.leakage_power_uw == printed(199.281));
  CHECK(r.chip.latency_ns == printed(1308030));
  CHECK(r.chip.leakage_energy_pj == printed(254540));
  CHECK(r.floorplan.novel_tile_pes == 9);
  CHECK(r.floorplan.novel_pe_cells == 256);
  CHECK(r.floorplan.conventional_tile_cells == 512);
  CHECK(r.floorplan.conventional_pe_cells == 256);
  CHECK(r.floorplan.tiles == 20);
  CHECK(r.floorplan.grid_rows == 5);
  CHECK(r.floorplan.grid_cols == 4);
  CHECK(r.floorplan.global_bus_bits == 1044);
  CHECK(r.floorplan.utilization == printed(0.238086));
}

TEST_CASE("layer 2: a novel tile with nine elements") {
  const NeurosimLayerResult layer = compose(default_chip(), empty_resnet20()).layers[1];
  CHECK(layer.latency_ns == printed(147203));
  CHECK(layer.groups.adc.latency_ns == printed(29360.5));
  CHECK(layer.groups.accumulation.latency_ns == printed(66061.1));
  CHECK(layer.groups.other.latency_ns == printed(51781.2));
  CHECK(layer.groups.buffer.latency_ns == printed(44964.4));
  CHECK(layer.groups.interconnect.latency_ns == printed(6510.97));
  CHECK(layer.groups.accumulation.energy_pj == printed(383058));
  CHECK(layer.groups.buffer.energy_pj == printed(21240.7));
  CHECK(layer.groups.interconnect.energy_pj == printed(266418));
  CHECK(layer.leakage_power_uw == printed(10.6627));
  CHECK(layer.leakage_energy_pj == printed(29822.1));
}

TEST_CASE("layer 1: a conventional tile with sixteen copies") {
  const NeurosimResult r = compose(default_chip(), empty_resnet20());
  const NeurosimLayerResult& layer = r.layers[0];
  CHECK(r.floorplan.layers[0].speed_up == 16);
  CHECK(layer.latency_ns == printed(78656.4));
  CHECK(layer.groups.buffer.latency_ns == printed(56176.5));
  CHECK(layer.groups.accumulation.energy_pj == printed(38351.9));
  CHECK(layer.groups.interconnect.energy_pj == printed(77119.4));
  CHECK(layer.leakage_power_uw == printed(3.67593));
}

TEST_CASE("parts of a crossbar") {
  const neurosim::Setup setup = neurosim::make_setup(default_chip(), load_tech_node("22nm-lstp"),
                                                     load_cell_model("reram-1t1r-neurosim"), empty_resnet20());
  const neurosim::CrossbarModel crossbar = neurosim::make_crossbar(setup);
  CHECK(crossbar.array.wordline_f * 1e15 == printed(53.1187));
  CHECK(crossbar.array.bitline_f * 1e15 == printed(17.3217));
  CHECK(crossbar.cells_area_m2 * 1e12 == printed(380.633));
  CHECK(crossbar.adc_area_m2 * 1e12 == Approx(6060.4).epsilon(1e-5));
  CHECK(crossbar.accumulation_area_m2 * 1e12 == Approx(894.3).epsilon(1e-5));
  CHECK(crossbar.other_area_m2 * 1e12 == Approx(4452.5).epsilon(1e-5));
  CHECK(crossbar.used_area_m2() * 1e12 == Approx(11787.8).epsilon(1e-5));
  CHECK(crossbar.height_m * 1e6 == printed(265.621));
  CHECK(crossbar.width_m * 1e6 == printed(282.719));
  CHECK(crossbar.leakage_w * 1e9 == printed(162.395));
  CHECK(crossbar.sense_s(1e-9, 1.4) * 1e9 == printed(2.03892));
  CHECK(crossbar.accumulation_j.plane * 1e12 == printed(5.32666));
  CHECK(crossbar.accumulation_latency.plane == 10);
  CHECK(crossbar.adc_latency.plane == 8);
}

TEST_CASE("V1.4: groups of 16 rows, X-Y bus") {
  Hardware chip =
      load_hardware(find_shipped("tech/chips/neurosim-1.4-rram.json"), std::vector<std::string>{"ou.rows=16"});
  const NeurosimResult r = compose(chip, empty_resnet20());
  CHECK(r.chip.area_um2 == printed(114922000));
  CHECK(r.chip.area_parts_um2.ic == printed(15970100));
  CHECK(r.chip.area_parts_um2.accumulation == printed(5248610));
  CHECK(*r.chip.clock_ns == printed(2.95047));
  CHECK(r.chip.latency_ns == printed(1140960));
  CHECK(r.chip.leakage_power_uw == printed(960.08));
  CHECK(r.chip.leakage_energy_pj == printed(1032110));
  CHECK(r.layers[1].groups.accumulation.energy_pj == printed(887715));
  CHECK(r.layers[1].groups.interconnect.energy_pj == printed(247334));
  CHECK(r.layers[0].groups.buffer.latency_ns == printed(31874.2));
  const NeurosimTrace trace = random_layer(6, 16, 3, 64, 4);
  const NeurosimResult before = compose(chip, trace);
  for (const std::string name : {"barrier_units", "averaged_row_groups", "bounding_box_area"}) {
    Hardware changed = chip;
    set_neurosim_deviation(changed, name, false);
    const NeurosimResult after = compose(changed, trace);
    INFO(name);
    CHECK(
        (after.chip.area_um2 != before.chip.area_um2 || after.chip.dynamic_energy_pj != before.chip.dynamic_energy_pj));
  }
  chip.ou.rows = 48;  // two groups and a rest
  CHECK(compose(chip, trace).chip.latency_ns > 0);
  CHECK_THAT(error_of(load_hardware(find_shipped("tech/chips/neurosim-1.4-rram.json"),
                                    std::vector<std::string>{"neurosim.pipeline=true"}),
                      trace),
             Catch::Contains("pipeline false"));
}

TEST_CASE("other configurations: what the program printed") {
  struct Case {
    std::vector<std::string> overrides;
    double area_um2, latency_ns;
  };
  // Latencies are those of layers that do not depend on data, clock included.
  const Case cases[] = {
      {{"adc.bits=4"}, 10498500, 1260500},
      {{"adc.type=sar"}, 9951200, 5677500},
      {{"crossbar.rows=64", "crossbar.cols=64", "ou.rows=64", "adc.per_crossbar=8"}, 21028700, 1093000}};
  for (const Case& c : cases) {
    const NeurosimResult r = compose(default_chip(c.overrides), empty_resnet20());
    CHECK(r.chip.area_um2 == Approx(c.area_um2).epsilon(1e-3));
    CHECK(r.chip.latency_ns == Approx(c.latency_ns).epsilon(1e-3));
  }
}

TEST_CASE("switches change figures, and nothing else does") {
  const Hardware compat = default_chip();
  NeurosimTrace trace = random_layer(8, 16, 3, 64, 1);
  const NeurosimResult before = compose(compat, trace);
  const NeurosimResult again = compose(compat, trace);
  CHECK(before.chip.dynamic_energy_pj == again.chip.dynamic_energy_pj);
  CHECK(before.chip.latency_ns == again.chip.latency_ns);
  for (const std::string name : {"fixed_costs", "stale_clock", "input_size_operations", "wide_tree_wires",
                                 "overshooting_repeaters", "free_register_writes", "mux_as_high_as_decoder",
                                 "idle_leakage_only", "crosswise_cell_wires", "wordline_at_supply", "bitline_wire_only",
                                 "no_peripheral_leakage", "bounding_box_buses", "zeta_in_efficiency_only"}) {
    Hardware changed = compat;
    set_neurosim_deviation(changed, name, false);
    const NeurosimResult after = compose(changed, trace);
    INFO(name);
    CHECK((after.chip.area_um2 != before.chip.area_um2 || after.chip.latency_ns != before.chip.latency_ns ||
           after.chip.dynamic_energy_pj != before.chip.dynamic_energy_pj ||
           after.chip.leakage_power_uw != before.chip.leakage_power_uw ||
           after.chip.leakage_energy_pj != before.chip.leakage_energy_pj ||
           after.chip.tops_per_watt != before.chip.tops_per_watt));
  }
}

TEST_CASE("laws of a result") {
  for (const std::vector<std::string>& overrides : {std::vector<std::string>{},
                                                    {"adc.type=sar"},
                                                    {"ou.rows=1"},
                                                    {"neurosim.synchronous=false"},
                                                    {"neurosim.pipeline=true"},
                                                    {"tech.node=45nm-lstp"},
                                                    {"tech.node=22nm-hp"},
                                                    {"neurosim.sense=voltage"}}) {
    const NeurosimResult r = compose(default_chip(overrides), random_layer(6, 16, 3, 64, 2));
    for (const NeurosimLayerResult& layer : r.layers) {
      const NeurosimGroups& g = layer.groups;
      CHECK(g.adc.energy_pj + g.accumulation.energy_pj + g.other.energy_pj == Approx(layer.dynamic_energy_pj));
      CHECK(g.adc.latency_ns + g.accumulation.latency_ns + g.other.latency_ns == Approx(layer.latency_ns));
      CHECK(g.buffer.energy_pj + g.interconnect.energy_pj <= g.other.energy_pj);
      CHECK(layer.latency_ns > 0);
    }
    const NeurosimAreaParts& a = r.chip.area_parts_um2;
    CHECK(a.array + a.ic + a.adc + a.accumulation + a.other == Approx(r.chip.area_um2));
    CHECK(r.chip.tops_per_watt > 0);
  }
}
