// SPDX-License-Identifier: Apache-2.0
// Sweep files: what is understood, one line for everything else; which points are drawn.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "base/error.h"
#include "explore/sampling.h"
#include "explore/sweep.h"
#include "temporary_folder.h"

using namespace cimcycle;
using nlohmann::json;

namespace {

json small() {
  return {{"format", "cimcycle-sweep-1"},
          {"hardware", "tech/chips/ou16-adc5-22nm.json"},
          {"network", "models/resnet20-synthetic-static8"},
          {"axes", json::array({{{"adc.bits", {3, 4, 5}}}, {{"ou.rows", {{"from", 4}, {"to", 64}, {"times", 4}}}}})}};
}

Sweep read(const json& content) {
  const test::ScratchFolder folder;
  return load_sweep(folder.write("sweep.json", content.dump()));
}

void check_says(const json& content, const std::string& part) {
  INFO(content.dump());
  CHECK_THROWS_AS(read(content), InputError);
  CHECK_THROWS_WITH(read(content), Catch::Contains(part) && Catch::Contains("sweep.json") && !Catch::Contains("\n"));
}

json with(const std::string& key, const json& value) {
  json content = small();
  content[key] = value;
  return content;
}

json with_axis(const json& axis) { return with("axes", json::array({axis})); }

}  // namespace

TEST_CASE("a grid in the order of its axes, with ranges and zipped keys") {
  json content = small();
  content["axes"].push_back({{"adc.type", {"flash", "sar"}}, {"adc.per_crossbar", {16, 2}}});
  const Sweep sweep = read(content);
  const auto points = draw_settings(sweep);
  REQUIRE(points.size() == 3 * 3 * 2);
  CHECK(points[0] == Settings{3, 4, 16, "flash"});
  CHECK(points[1] == Settings{3, 4, 2, "sar"});
  CHECK(points[2] == Settings{3, 16, 16, "flash"});
  CHECK(points.back() == Settings{5, 64, 2, "sar"});
  content["axes"] = json::array();
  CHECK(draw_settings(read(content)) == std::vector<Settings>{{}});
  CHECK(draw_settings(read(with_axis({{"clock.period_ns", {{"from", 1}, {"to", 2}, {"step", 0.1}}}}))).size() == 11);
}

TEST_CASE("random and Latin hypercube draws follow their seed and stay in range") {
  json content = with_axis({{"clock.period_ns", {{"from", 1}, {"to", 3.5}}}});
  content["axes"].push_back({{"adc.bits", {{"from", 3}, {"to", 6}}}});
  content["axes"].push_back({{"cell.bits", {1, 2}}});
  for (const char* kind : {"random", "latin_hypercube"}) {
    content["sampling"] = {{"kind", kind}, {"points", 40}, {"seed", 7}};
    const auto points = draw_settings(read(content));
    CHECK(points == draw_settings(read(content)));
    std::map<int, int> strata, bits;
    for (const Settings& point : points) {
      const double period = point[0].get<double>();
      REQUIRE(period >= 1);
      REQUIRE(period < 3.5);
      ++strata[static_cast<int>((period - 1) / 2.5 * 40)];
      REQUIRE(point[1].is_number_integer());
      ++bits[point[1].get<int>()];
    }
    CHECK(bits.begin()->first == 3);
    CHECK(bits.rbegin()->first == 6);
    if (std::string(kind) == "latin_hypercube") {
      CHECK(strata.size() == 40);  // one point in each part of the interval
      for (const auto& [value, count] : bits) CHECK(count == 10);
    } else {
      CHECK(strata.size() < 40);
    }
    content["sampling"]["seed"] = 8;
    CHECK(points != draw_settings(read(content)));
  }
}

TEST_CASE("wrong sweep files are one line each") {
  check_says(with("format", "cimcycle-sweep-9"), "cimcycle-sweep-1");
  check_says(with("axis", json::array()), "did you mean axes?");
  check_says(with("hardware", 3), "hardware");
  check_says(with("network", json()), "network");
  json nameless = small();
  nameless.erase("network");
  check_says(nameless, "an axis \"network\"");
  check_says(with("images", 0), "images");
  check_says(with("images", 1e300), "images");
  check_says(with("timed_images", -1), "timed_images");
  check_says(with("set", {{"adc.bit", 4}}), "did you mean adc.bits?");
  check_says(with("set", {{"adc.bits", 4}}), "is given twice");
  check_says(with("set", {{"network", "x"}}), "stands at the top");
  check_says(with("set", json::array()), "expected an object");
  check_says(with_axis({{"adc.bit", {3}}}), "axes[0].adc.bit: unknown key; did you mean adc.bits?");
  check_says(with_axis({{"zzzzzzzzzzzzzz", {3}}}), "unknown key; known");
  check_says(with_axis({{"adc.bits", 3}}), "expected a list");
  check_says(with_axis({{"adc.bits", json::array()}}), "expected a list");
  check_says(with_axis({{"adc.bits", {json::object()}}}), "found an object");
  check_says(with_axis({{"adc.bits", {{1.5, 2}}}}), "found an array");
  check_says(with_axis(json::object()), "found no key");
  check_says(with_axis(json(3)), "expected an object");
  check_says(with_axis({{"adc.bits", {3, 4}}, {"ou.rows", {4}}}), "equally many");
  check_says(with_axis({{"adc.bits", {{"from", 3}, {"to", 4}}}}), "needs \"step\" or \"times\"");
  check_says(with_axis({{"adc.bits", {{"from", 3}, {"to", 4}, {"step", 1}, {"times", 2}}}}), "exclude each other");
  check_says(with_axis({{"adc.bits", {{"from", 5}, {"to", 4}, {"step", 1}}}}), "to");
  check_says(with_axis({{"adc.bits", {{"from", 0}, {"to", 4}, {"times", 2}}}}), "above 0");
  check_says(with_axis({{"adc.bits", {{"from", 0}, {"to", 1e9}, {"step", 1}}}}), "more than 10000 values");
  check_says(with_axis({{"adc.bits", {{"from", 0}, {"to", 1}, {"step", 0}}}}), "step");
  check_says(with_axis({{"network", {3}}}), "network folder");
  check_says(with_axis({{"network.threshold_scale", {-1}}}), "expected a number");
  check_says(with_axis({{"network.skip", {1.5}}}), "0 to 1");
  check_says(with("sampling", {{"kind", "grit"}}), "grid");
  check_says(with("sampling", {{"kind", "random"}}), "points");
  check_says(with("sampling", {{"kind", "random"}, {"points", 1e9}}), "points");
  check_says(with("recalibrate", 3), "true, false or an object");
  check_says(with("recalibrate", {{"skip", 0.5}, {"accuracy_loss_points", 1}}), "exclude each other");
  check_says(with("early_stop", 3), "early_stop");
  check_says(with("early_stop", json::object()), "images");
  check_says(with("early_stop", {{"images", 2}}), "images");
  check_says(with("early_stop", {{"images", 64}, {"confidence", 1}}), "confidence");
  json short_sweep = with("early_stop", {{"images", 64}});
  short_sweep["images"] = 64;
  check_says(short_sweep, "a point has only 64 images");
  check_says(with("constraints", {"ou.row > 3"}), "constraints[0]");
  check_says(with("constraints", {3}), "expected a text");
  json wide = small();
  wide["axes"] = json::array({{{"ou.rows", {{"from", 1}, {"to", 1000}, {"step", 1}}}},
                              {{"ou.cols", {{"from", 1}, {"to", 1000}, {"step", 1}}}}});
  CHECK_THROWS_WITH(draw_settings(read(wide)), Catch::Contains("more than 100000 points"));
}

TEST_CASE("every cut of a sweep file is one line") {
  const test::ScratchFolder folder;
  const std::string text = small().dump();
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const auto file = folder.write("cut.json", text.substr(0, cut));
    CHECK_THROWS_AS(load_sweep(file), InputError);
  }
}
