// SPDX-License-Identifier: Apache-2.0
// The text of a run is golden: compared as a whole with the files in golden/.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "report/progress_line.h"
#include "report/run_text.h"
#include "report/units.h"
#include "sample_result.h"
#include "source_dir.h"

using namespace cimcycle;

namespace {

/// Compares with tests/unit/report/golden/NAME, or writes that file if CIMCYCLE_REWRITE_GOLDEN is set.
void check_golden(const std::string& name, const std::string& text) {
  const std::string path = (source_dir() / "tests/unit/report/golden" / name).string();
  if (std::getenv("CIMCYCLE_REWRITE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream expected;
  expected << file.rdbuf();
  INFO("run ./dev golden after a change that is meant");
  CHECK(text == expected.str());
}

int widest_line(const std::string& text) {
  int widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, display_width(line));
  return widest;
}

}  // namespace

TEST_CASE("the text of a run") {
  check_golden("run_utf8.txt", run_text(sample_result(), {.utf8 = true, .colour = false}));
  check_golden("run_ascii.txt", run_text(sample_result(), {}));
  check_golden("run_colour.txt", run_text(sample_result(), {.utf8 = false, .colour = true}));
  check_golden("run_untimed.txt", run_text(untimed_result(), {}));
}

TEST_CASE("the table of a run fits a terminal") {
  CHECK(widest_line(run_text(sample_result(), {.utf8 = true, .colour = false})) <= 120);

  RunResult wide = sample_result();
  for (LayerResult& layer : wide.layers) {
    layer.cycles = 1.2e8;
    for (double& part : layer.energy_pj) part *= 35;  // the largest numbers before the unit changes
    layer.energy_total_pj *= 35;
  }
  for (double& part : wide.energy_pj) part *= 35;
  wide.energy_total_pj *= 35;
  CHECK(widest_line(layer_table(wide, {.utf8 = true, .colour = false})) <= 120);
}

TEST_CASE("hostile names stay on their line and cannot steer the terminal") {
  RunResult result = sample_result();
  result.layers[0].name = "a\x1b[2J\nb";
  result.network_name = "x\ny\x1b[31m";
  const std::string text = run_text(result, {});
  CHECK(text.find('\x1b') == std::string::npos);
  const std::string plain = run_text(sample_result(), {});
  CHECK(std::count(text.begin(), text.end(), '\n') == std::count(plain.begin(), plain.end(), '\n'));
}

TEST_CASE("a run of zeros has a text") {
  RunResult zero;
  zero.layers.resize(1);
  const std::string text = run_text(zero, {});
  CHECK(text.find("nan") == std::string::npos);
  CHECK(text.find("inf") == std::string::npos);
}

TEST_CASE("units fit the size") {
  CHECK(with_unit(31234567, energy_units) == "31.2 uJ");
  CHECK(with_unit(999, energy_units) == "999 pJ");
  CHECK(with_unit(1000, energy_units) == "1.00 nJ");
  CHECK(with_unit(999.7, energy_units) == "1000 pJ");
  CHECK(with_unit(0.0811, energy_units, 4) == "81.10 fJ");
  CHECK(with_unit(0, energy_units) == "0 fJ");
  CHECK(with_unit(-1500, energy_units) == "-1.50 nJ");
  CHECK(with_unit(2.28, time_units) == "2.28 ns");
  CHECK(with_unit(1.7e5, time_units) == "170 us");
  CHECK(with_unit(12.5e6, area_units) == "12.5 mm2");
  CHECK(with_unit(0.5, power_units) == "500 nW");
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(-999) == "-999");
  CHECK(with_commas(-1000) == "-1,000");
  CHECK(with_commas(1234567) == "1,234,567");
}

TEST_CASE("a percentage hides neither a little nor a rest") {
  CHECK(percent(0) == "0%");
  CHECK(percent(1) == "100%");
  CHECK(percent(0.642) == "64.2%");
  CHECK(percent(0.0042) == "0.42%");
  CHECK(percent(0.00001) == "<0.01%");
  CHECK(percent(0.99995) == ">99.99%");
  CHECK(percent(0.9987) == "99.87%");
  CHECK(difference(71.7, 100) == "28.3% less");
  CHECK(difference(102, 100) == "2.0% more");
  CHECK(difference(5, 5) == "the same");
  CHECK(difference(5, 0) == "no reference");
}

TEST_CASE("bars and cut names have the width they are given") {
  const TextStyle utf8{.utf8 = true, .colour = false};
  CHECK(bar(0, 8, utf8).empty());
  CHECK(bar(1, 3, utf8) == "███");
  CHECK(bar(0.5, 3, utf8) == "█▌");
  CHECK(bar(7, 3, utf8) == "███");
  CHECK(bar(0.5, 8, {}) == "####");
  for (int i = 0; i <= 100; ++i) CHECK(display_width(bar(i / 100.0, 8, utf8)) <= 8);
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdefg", 6) == "abcde~");
  CHECK(display_width(shortened("äöüäöüäöü", 5)) == 5);
}

TEST_CASE("the progress line tells rate and time left") {
  CHECK(progress_line("replay", 0, 200, 1.0, {}) == "replay    [                ] 0/200 images");
  CHECK(progress_line("replay", 100, 200, 50.0, {}) ==
        "replay    [########        ] 100/200 images  2 images/s  50 s left");
  CHECK(progress_line("reference", 200, 200, 50.0, {}) ==
        "reference [################] 200/200 images  4 images/s  0 s left");
  CHECK(display_width(progress_line("reference", 12345, 60000, 1e5, {.utf8 = true, .colour = false})) <= 80);
  CHECK(duration(59.4) == "59 s");
  CHECK(duration(185) == "3:05 min");
  CHECK(duration(3725) == "1:02 h");
}
