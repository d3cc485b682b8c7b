// SPDX-License-Identifier: Apache-2.0
// Fronts, volumes and effects against brute force; conditions by hand; the table of merged stores.
#include <catch2/catch.hpp>

#include <cmath>

#include "base/error.h"
#include "data/draws.h"
#include "explore/effects.h"
#include "explore/expression.h"
#include "explore/pareto.h"
#include "explore/table.h"

using namespace cimcycle;
using nlohmann::json;

namespace {

/// Points on a coarse lattice, so that there are many ties.
std::vector<Costs> random_points(Draws& draws, int count, int dimensions) {
  std::vector<Costs> points;
  for (int i = 0; i < count; ++i) {
    Costs point;
    for (int d = 0; d < dimensions; ++d) point.push_back(draws.below(8));
    points.push_back(std::move(point));
  }
  return points;
}

bool dominates(const Costs& a, const Costs& b) {
  bool nowhere_worse = true, somewhere_better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    nowhere_worse = nowhere_worse && a[i] <= b[i];
    somewhere_better = somewhere_better || a[i] < b[i];
  }
  return nowhere_worse && somewhere_better;
}

/// Counts the unit cells of the lattice below the reference that some point covers.
double counted_volume(const std::vector<Costs>& points, const Costs& reference) {
  const auto size = [&](std::size_t d) { return d < reference.size() ? static_cast<int>(reference[d]) : 1; };
  int cells = 0;
  for (int x = 0; x < size(0); ++x) {
    for (int y = 0; y < size(1); ++y) {
      for (int z = 0; z < size(2); ++z) {
        const int cell[] = {x, y, z};
        bool covered = false;
        for (const Costs& point : points) {
          bool inside = true;
          for (std::size_t d = 0; d < reference.size(); ++d) inside = inside && point[d] <= cell[d];
          covered = covered || inside;
        }
        cells += covered ? 1 : 0;
      }
    }
  }
  return cells;
}

bool holds(const std::string& text) {
  static const std::vector<std::string> names = {"ou.rows", "adc.type", "top1", "none"};
  return Expression(text, "test", names).holds([](std::string_view name) -> ExpressionValue {
    if (name == "ou.rows") return 16.0;
    if (name == "adc.type") return std::string("sar");
    if (name == "top1") return 0.5;
    return {};
  });
}

StoredPoint point(const std::string& hash, int bits, double top1, double energy) {
  return {hash,
          "done",
          {{"settings", {{"adc.bits", bits}}}, {"hardware", {{"adc", {{"bits", bits}, {"type", "sar"}}}}}},
          {{"top1", top1}, {"energy_pj", energy}, {"latency_ns", nullptr}},
          {},
          {}};
}

}  // namespace

TEST_CASE("fronts equal those of the definition") {
  Draws draws(1);
  for (int round = 0; round < 300; ++round) {
    const int dimensions = 1 + draws.below(3);
    const std::vector<Costs> points = random_points(draws, 1 + draws.below(30), dimensions);
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < points.size(); ++i) {
      bool beaten = false;
      for (const Costs& other : points) beaten = beaten || dominates(other, points[i]);
      if (!beaten) expected.push_back(i);
    }
    REQUIRE(pareto_front(points) == expected);
  }
  CHECK(pareto_front({}).empty());
}

TEST_CASE("hypervolumes equal counted cells") {
  Draws draws(2);
  for (int round = 0; round < 200; ++round) {
    const int dimensions = 1 + draws.below(3);
    const std::vector<Costs> points = random_points(draws, draws.below(20), dimensions);
    const Costs reference(static_cast<std::size_t>(dimensions), 7);
    REQUIRE(hypervolume(points, reference) == counted_volume(points, reference));
  }
  CHECK_THROWS_AS(hypervolume(std::vector<Costs>{{1, 1, 1, 1}}, {2, 2, 2, 2}), std::logic_error);
}

TEST_CASE("a sum of two parameters has main effects and no interaction, a product has one") {
  for (const bool product : {false, true}) {
    std::vector<json> settings;
    std::vector<double> values;
    for (int a = 1; a <= 3; ++a) {
      for (int b = 1; b <= 2; ++b) {
        settings.push_back({{"a", a}, {"b", b}, {"fixed", "x"}});
        values.push_back(product ? a * b : 10 * a + b);
      }
    }
    std::vector<EffectSample> samples;
    for (std::size_t i = 0; i < values.size(); ++i) samples.push_back({&settings[i], values[i]});
    const auto effects = main_effects(samples);
    REQUIRE(effects.size() == 2);
    CHECK(effects[0].key == "a");
    CHECK(effects[0].range == Approx(product ? 3 : 20));
    CHECK(effects[1].range == Approx(product ? 2 : 1));
    CHECK(effects[1].levels[0].points == 3);
    const auto pairs = interactions(samples);
    REQUIRE(pairs.size() == 1);
    // a b = (a - 2)(b - 3/2) + its additive part: squares (1 + 0 + 1) / 3 x 1 / 4.
    CHECK(pairs[0].strength == Approx(product ? std::sqrt(2.0 / 3 / 4) : 0).margin(1e-12));
  }
  CHECK(main_effects({}).empty());
  CHECK(interactions({}).empty());
}

TEST_CASE("conditions") {
  CHECK(holds("ou.rows <= 16"));
  CHECK(holds("ou.rows == 4 * 4 and adc.type == \"sar\""));
  CHECK(holds("adc.type == 'flash' or not (top1 > 0.9)"));
  CHECK(holds("-ou.rows + 2 * 3 < 1 - 10"));
  CHECK(holds("ou.rows / 4 - 1 - 1 == 2"));
  CHECK(holds("adc.type < 'tar'"));
  CHECK(holds("none == null"));
  CHECK_FALSE(holds("none > 0"));
  CHECK_FALSE(holds("none + 1 > 0 or none"));
  CHECK_FALSE(holds("1 / 0 > 0"));
  CHECK_FALSE(holds("ou.rows == 'sixteen'"));
}

TEST_CASE("wrong conditions are one line each") {
  const auto says = [](const std::string& text, const std::string& part) {
    INFO(text.substr(0, 80));
    CHECK_THROWS_AS(holds(text), InputError);
    CHECK_THROWS_WITH(holds(text), Catch::Contains(part) && !Catch::Contains("\n"));
  };
  says("ou.row > 1", "did you mean ou.rows?");
  says("sar == adc.type", "a text stands in quotes");
  says("ou.rows = 4", "expected ==");
  says("ou.rows >", "expected a value");
  says("(ou.rows > 1", "expected )");
  says("ou.rows > 1 2", "expected an operator");
  says("'open", "no end");
  says("1e999 > 0", "expected a value");
  says("", "expected a value");
  says("ou.rows", "gives a value");
  says("adc.type > 3", "needs two numbers");
  says("adc.type + 1 == 2", "needs two numbers");
  says("ou.rows and true", "neither true nor false");
  says("not ou.rows", "neither true nor false");
  says("- adc.type == 1", "no number");
  says(std::string(500, '(') + "1", "levels");
  says(std::string(300, '-') + "1 > 0", "levels");
  says(std::string(2000, '1'), "1000");
  says(std::string("ou.rows \x01 2"), "column 9");
}

TEST_CASE("stores merge: a done row wins, parameters that never differ are left out") {
  StoredPoint failed = point("02", 4, 0, 0);
  failed.status = "failed";
  failed.metrics = {};
  failed.error = "disk, \"full\"";
  const SweepTable table = table_of(
      {point("01", 3, 0.5, 10), failed, point("02", 4, 0.7, 20), point("01", 3, 0.5, 10), point("03", 5, 0.7, 30)});
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[1].status == "done");
  CHECK(table.varied == std::vector<std::string>{"adc.bits"});

  const Metric* const objectives[] = {&metric_named("top1", ""), &metric_named("energy_pj", "")};
  const Front front = front_of(table, objectives);
  CHECK(front.rows == std::vector<std::size_t>{1, 0});
  CHECK(front.hypervolume == Approx(0.5));  // (0.7, 20) covers half of the box, (0.5, 10) its edge
  const Metric* const timed[] = {&metric_named("top1", ""), &metric_named("latency_ns", "")};
  CHECK(front_of(table, timed).rows.empty());
  const Metric* const useless[] = {&metric_named("top1", ""), &metric_named("skip_ratio", "")};
  CHECK_THROWS_WITH(front_of(table, useless), Catch::Contains("cannot be an objective"));

  const std::vector<std::string> names = table_names();
  const Expression good("top1 >= 0.6 and adc.bits > 4", "where", names);
  CHECK(best_row(table, metric_named("energy_pj", ""), &good) == std::optional<std::size_t>(2));
  CHECK(best_row(table, metric_named("top1", ""), nullptr) == std::optional<std::size_t>(1));
  const Expression none("top1 > 1", "where", names);
  CHECK_FALSE(best_row(table, metric_named("energy_pj", ""), &none));
  CHECK_THROWS_WITH(metric_named("energypj", "best"), Catch::Contains("did you mean energy_pj?"));

  const std::string csv = table_csv(table_of({failed, point("01", 3, 0.5, 10), point("03", 5, 0.5, 10)}));
  CHECK(csv.find("02,failed,4,") != std::string::npos);
  CHECK(csv.find("\"disk, \"\"full\"\"\"\n") != std::string::npos);
}
