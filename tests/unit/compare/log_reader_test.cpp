// SPDX-License-Identifier: Apache-2.0
// What a log states, and logs that do not state it.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

#include "compare/log_reader.h"
#include "error_text.h"
#include "sample_log.h"

using namespace cimcycle;
using test::input_error;
using test::sample_log;

namespace {

std::string error_of(const std::string& text) {
  return input_error([&] { parse_neurosim_log(text, "log", NeurosimVersion::v1_3); });
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), by);
}

}  // namespace

TEST_CASE("every line of a log goes to its place") {
  for (const bool pipelined : {false, true}) {
    CAPTURE(pipelined);
    const NeurosimResult log = parse_neurosim_log(sample_log(pipelined), "log", NeurosimVersion::v1_4);
    CHECK(log.version == NeurosimVersion::v1_4);
    REQUIRE(log.layers.size() == 2);
    const NeurosimLayerResult& layer = log.layers[1];
    CHECK(layer.name == "layer2");
    CHECK(layer.latency_ns == 207);
    CHECK(layer.dynamic_energy_pj == 208);
    CHECK(layer.leakage_power_uw == 209);
    CHECK(layer.leakage_energy_pj == 210);
    CHECK(layer.groups.buffer.latency_ns == 211);
    CHECK(layer.groups.buffer.energy_pj == 212);
    CHECK(layer.groups.interconnect.latency_ns == 213);
    CHECK(layer.groups.interconnect.energy_pj == 214);
    CHECK(layer.groups.adc.latency_ns == 201);
    CHECK(layer.groups.accumulation.latency_ns == 202);
    CHECK(layer.groups.other.latency_ns == 203);
    CHECK(layer.groups.adc.energy_pj == 204);
    CHECK(layer.groups.accumulation.energy_pj == 205);
    CHECK(layer.groups.other.energy_pj == 206);
    const NeurosimChipResult& chip = log.chip;
    CHECK(chip.area_um2 == 1.5e7);
    CHECK(chip.area_parts_um2.array == 1);
    CHECK(chip.area_parts_um2.ic == 2);
    CHECK(chip.area_parts_um2.adc == 3);
    CHECK(chip.area_parts_um2.accumulation == 4);
    CHECK(chip.area_parts_um2.other == 5);
    CHECK(chip.clock_ns == 2.5);
    CHECK(chip.latency_ns == 6);
    CHECK(chip.dynamic_energy_pj == 7);
    CHECK(chip.leakage_energy_pj == 8);
    CHECK(chip.leakage_power_uw == 9);
    CHECK(chip.groups.buffer.latency_ns == 10);
    CHECK(chip.groups.buffer.energy_pj == 11);
    CHECK(chip.groups.interconnect.latency_ns == 12);
    CHECK(chip.groups.interconnect.energy_pj == 13);
    CHECK(chip.groups.adc.latency_ns == 1);
    CHECK(chip.groups.other.energy_pj == 6);
    CHECK(chip.tops_per_watt == 6.5);
  }
  CHECK_FALSE(parse_neurosim_log(sample_log(false, false), "log", NeurosimVersion::v1_3).chip.clock_ns);
}

TEST_CASE("a log that lacks a value, or states nonsense, is an error that names it") {
  const std::string good = sample_log();
  CHECK(error_of("") == "log: no layer is estimated; expected the output of a NeuroSim run");
  CHECK_THAT(error_of(replaced(good, "ChipArea : 1.5e+07um^2\n", "")),
             Catch::Contains("log: summary: no line states \"ChipArea\""));
  CHECK_THAT(error_of(replaced(good, "layer1's leakagePower is: 109uW\n", "")),
             Catch::Contains("log: layer1: no line states \"leakagePower ... is\""));
  CHECK_THAT(error_of(replaced(good, "109uW", "nanuW")), Catch::Contains("found \"nanuW\", expected a number in uW"));
  CHECK_THAT(error_of(replaced(good, "109uW", "109mW")),
             Catch::Contains("line 8: found \"109mW\", expected a number in uW"));
  CHECK_THAT(error_of(replaced(good, "layer1's readLatency is: 107ns\n",
                               "layer1's readLatency is: 107ns\nlayer1's readLatency is: 107ns\n")),
             Catch::Contains("readLatency is stated twice"));
  CHECK_THAT(error_of("ERROR: SubArray Size is too large\n"), Catch::Contains("line 1: NeuroSim ended with an error"));
}

TEST_CASE("NeuroSim's own logs", "[reference]") {
  const char* reference = std::getenv("CIMCYCLE_REFERENCE");
  if (reference == nullptr) {
    WARN("skipped: CIMCYCLE_REFERENCE names no folder with NeuroSim runs");
    return;
  }
  const std::filesystem::path folder = std::filesystem::path(reference) / "logs";
  const NeurosimResult log = read_neurosim_log(folder / "v13_r20_w8a8_default.log", NeurosimVersion::v1_3);
  REQUIRE(log.layers.size() == 20);
  CHECK(log.chip.area_um2 == 1.34939e7);
  CHECK(log.chip.tops_per_watt == 6.7661);
  CHECK(log.layers[1].groups.interconnect.energy_pj == 266418);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CHECK_NOTHROW(read_neurosim_log(entry.path(), NeurosimVersion::v1_3));
  }
}
