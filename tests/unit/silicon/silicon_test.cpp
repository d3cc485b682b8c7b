// SPDX-License-Identifier: Apache-2.0
// The comparison with silicon: fits and ratios, the phases of NeuRRAM, and what the described macros do on a
// multiplication that can be worked out by hand.
#include <catch2/catch.hpp>

#include <filesystem>
#include <map>

#include "hardware/hardware.h"
#include "macros.h"
#include "source_dir.h"

using namespace cimcycle;
using namespace cimcycle::silicon;

namespace {

Line line(double published, double fixed, double scaled, const std::string& fit = {}, bool is_fitted = false) {
  return {"m", "f", "p", "u", published, fixed, scaled, fit, is_fitted, "b"};
}

}  // namespace

TEST_CASE("a fit scales what it names and leaves out its own point") {
  const std::vector<Line> lines = {line(10, 0, 40, "a", true), line(30, 10, 40, "a"), line(8, 2, 0),
                                   line(5, 1, 2, "b", true)};
  CHECK(fit_factor(lines, "a") == 0.25);
  CHECK(fit_factor(lines, "b") == 2);
  CHECK(lines[1].ours() == 50);
  CHECK(lines[1].ratio() == Approx(50.0 / 30));
  CHECK(fitted_ratio(lines, lines[0]) == 1);
  CHECK(fitted_ratio(lines, lines[1]) == Approx(20.0 / 30));
  CHECK(fitted_ratio(lines, lines[2]) == 0.25);
  const std::string table = table_of(lines);
  CHECK(table.find("| 10 u | 40 u | 4.00 | fitted |") != std::string::npos);
  CHECK(table.find("| 30 u | 50 u | 1.67 | 0.67 |") != std::string::npos);
  CHECK(table.find("| 8 u | 2 u | 0.25 | - |") != std::string::npos);
  CHECK(table.find("fit a: x 0.25") != std::string::npos);
}

TEST_CASE("a fit needs exactly one point, and something to scale there") {
  const std::vector<Line> none = {line(10, 0, 40, "a")};
  CHECK_THROWS_AS(fit_factor(none, "a"), std::invalid_argument);
  const std::vector<Line> two = {line(10, 0, 40, "a", true), line(10, 0, 40, "a", true)};
  CHECK_THROWS_AS(fit_factor(two, "a"), std::invalid_argument);
  const std::vector<Line> too_much = {line(10, 11, 40, "a", true)};
  CHECK_THROWS_AS(fit_factor(too_much, "a"), std::invalid_argument);
  const std::vector<Line> nothing = {line(10, 1, 0, "a", true)};
  CHECK_THROWS_AS(fit_factor(nothing, "a"), std::invalid_argument);
}

TEST_CASE("more than three magnitude bits are taken in two phases") {
  CHECK(neurram_phases(3, 6, true).size() == 1);
  CHECK(neurram_phases(7, 8, false).size() == 1);
  const std::vector<Phase> phases = neurram_phases(7, 10, true);
  REQUIRE(phases.size() == 2);
  CHECK(phases[0].input_bits == 4);
  CHECK(phases[0].set == std::vector<std::string>{"input.digit_bits=4", "adc.bits=10"});
  CHECK(phases[1].input_bits == 3);
  CHECK(phases[1].set == std::vector<std::string>{"input.digit_bits=3", "adc.bits=6"});
}

TEST_CASE("NeuRRAM: latency and energies worked out by hand") {
  const std::filesystem::path chip = source_dir() / "tech/chips/silicon/neurram-130nm.json";
  Workload workload{.rows = 256, .outputs = 128, .weight_bits = 4, .ones = 1, .phases = neurram_phases(1, 4, true)};
  const MacroFigures one = run_macro(chip, workload);
  CHECK(one.operations == 65536);
  CHECK(one.latency_ns == Approx(1770));
  // 256 columns are converted once, 18.09 uW for 1.77 us each.
  CHECK(one.converter_pj == Approx(256 * 18.09 * 1.77));
  // 256 wordlines of 585.6 fF at 1.8 V; pass gates add a few percent, flip-flops count as control.
  const double wordlines_pj = 256 * 0.5856 * 1.8 * 1.8;
  CHECK(one.wordline_pj > wordlines_pj);
  CHECK(one.wordline_pj < 1.05 * wordlines_pj);
  // 4 + 3 bits: 0.30 + 15 x 0.27 + 10 x 0.30, and 0.30 + 7 x 0.27 + 6 x 0.30 us.
  workload.phases = neurram_phases(7, 10, true);
  const MacroFigures two = run_macro(chip, workload);
  CHECK(two.latency_ns == Approx(7350 + 3990));
  CHECK(two.wordline_pj == Approx(7 * one.wordline_pj).epsilon(0.02));
  // No input is on: no cell conducts, no wordline rises.
  workload.ones = 0;
  CHECK(run_macro(chip, workload).wordline_pj == 0);
}

TEST_CASE("the few-row macros: every chip loads, and reads cost what their counts say") {
  const std::filesystem::path folder = source_dir() / "tech/chips/silicon";
  int chips = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    INFO(entry.path());
    const Hardware hardware = load_hardware(entry.path());
    CHECK(hardware.name == entry.path().stem().string());
    ++chips;
  }
  CHECK(chips == 4);
  // 8 input bits x 8 slices x 128 row groups of 8 rows; a read converts 32 columns and takes a cycle.
  const Workload workload{.rows = 1024, .outputs = 32, .weight_bits = 8, .phases = {{8, {}}}};
  const MacroFigures hung = run_macro(folder / "hung2022-22nm.json", workload);
  CHECK(hung.operations == 2 * 1024 * 32);
  CHECK(hung.latency_ns == Approx(8 * 8 * 128 * hung.clock_ns));
}

TEST_CASE("the tables have a line for every published figure") {
  std::map<std::string, int> lines;
  for (const Line& published : neurram_lines(source_dir())) {
    ++lines[published.figure];
    CHECK(published.published > 0);
    CHECK(published.ours() > 0);
    CHECK_FALSE(published.basis.empty());
  }
  CHECK(lines["latency"] == 10);
  CHECK(lines["wordline energy"] == 8);
  CHECK(lines["neuron and control energy"] == 8);
  CHECK(lines["energy"] == 10);
  CHECK(lines["wordline capacitance"] == 1);
  const std::vector<Line> few = few_row_lines(source_dir());
  CHECK(few.size() == 9);
  CHECK(fitted_ratio(few, few.front()) == Approx(1));
}
