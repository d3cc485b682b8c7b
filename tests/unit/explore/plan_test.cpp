// SPDX-License-Identifier: Apache-2.0
// Points resolved: hashes that name what is run and nothing else, invalid points, groups, calibrations.
#include <catch2/catch.hpp>

#include <set>

#include "base/error.h"
#include "explore/plan.h"
#include "temporary_folder.h"

using namespace cimcycle;
using nlohmann::json;

namespace {

SweepPlan plan_of(const json& changes) {
  json content = {{"format", "cimcycle-sweep-1"},
                  {"hardware", "tech/chips/ou16-adc5-22nm.json"},
                  {"network", "models/resnet20-synthetic-static8"},
                  {"images", 8}};
  content.update(changes);
  const test::ScratchFolder folder;
  return plan_sweep(load_sweep(folder.write("sweep.json", content.dump())), 1);
}

std::string hash_of(const json& changes) {
  const SweepPlan plan = plan_of(changes);
  REQUIRE(plan.points.size() == 1);
  return plan.points.front().hash;
}

}  // namespace

TEST_CASE("a hash names what is run, however it was written") {
  const std::string plain = hash_of(json::object());
  CHECK(plain.size() == 16);
  CHECK(plain == hash_of({{"name", "another"}}));
  CHECK(plain == hash_of({{"set", {{"adc.bits", 5}}}}));
  CHECK(plain == hash_of({{"axes", json::array({{{"ou.rows", {16}}}})}}));
  CHECK(plain == hash_of({{"set", {{"name", "another chip"}}}}));
  std::set<std::string> others = {plain};
  for (const json& change :
       {json{{"set", {{"adc.bits", 6}}}}, json{{"images", 9}}, json{{"seed", 1}}, json{{"timed_images", 2}},
        json{{"reference_images", 1}}, json{{"dataset", "synthetic:3"}},
        json{{"set", {{"network.threshold_scale", 2}}}}, json{{"network", "models/resnet20-synthetic-dec3-4-4"}}}) {
    CHECK(others.insert(hash_of(change)).second);
  }
}

TEST_CASE("invalid points have a reason, constraints and repetitions are counted") {
  const SweepPlan plan = plan_of({{"axes", json::array({{{"ou.rows", {16, 100, 256}}}, {{"adc.bits", {5, 5, 99}}}})},
                                  {"constraints", {"ou.rows <= crossbar.rows"}}});
  CHECK(plan.excluded == 3);
  CHECK(plan.repeated == 2);
  REQUIRE(plan.points.size() == 4);
  int invalid = 0;
  for (const SweepPoint& point : plan.points) {
    if (point.hardware) continue;
    ++invalid;
    CHECK(point.error.find("adc.bits") != std::string::npos);
    CHECK(point.config["settings"]["adc.bits"] == 99);
  }
  CHECK(invalid == 2);
}

TEST_CASE("points with equal numerics form a group") {
  const SweepPlan plan = plan_of({{"axes", json::array({{{"adc.bits", {3, 4, 5, 6}}},
                                                        {{"mapping.lsb", {"same_crossbar", "separate_crossbars"}}},
                                                        {{"schedule.row_policy", {"all", "skip_zero_groups"}}},
                                                        {{"clock.period_ns", {4, 5}}}})}});
  REQUIRE(plan.points.size() == 32);
  REQUIRE(plan.groups.size() == 3);  // 5 and 6 bits lose nothing
  CHECK(plan.groups[0].points.size() == 8);
  CHECK(plan.groups[2].points.size() == 16);
}

TEST_CASE("a gated network is calibrated for a geometry, not for a circuit") {
  const json gated = {{"network", "models/resnet20-synthetic-dec3-4-4"}};
  const auto plan = [&](json changes) {
    changes.update(gated);
    return plan_of(changes);
  };
  CHECK_FALSE(plan(json::object()).points.front().calibration);  // its own chip
  const SweepPlan changed = plan({{"axes", json::array({{{"ou.rows", {8, 32}}},
                                                        {{"array.current", {"neurosim_fit", "physical"}}},
                                                        {{"clock.period_ns", {4, 5}}}})}});
  std::set<std::string> calibrations;
  for (const SweepPoint& point : changed.points) {
    REQUIRE(point.calibration);
    CHECK(point.calibration->skip == 0.8);
    calibrations.insert(point.calibration->hash);
  }
  CHECK(changed.points.size() == 8);
  CHECK(calibrations.size() == 2);
  CHECK_FALSE(plan({{"set", {{"ou.rows", 8}}}, {"recalibrate", false}}).points.front().calibration);
  CHECK(plan({{"set", {{"network.skip", 0.5}}}}).points.front().calibration->skip == 0.5);
  CHECK(plan({{"recalibrate", {{"accuracy_loss_points", 1}, {"images", 7}}}}).points.front().calibration->images == 7);
}

TEST_CASE("removed groups of another geometry are no matter where calibration finds new ones") {
  const auto plan = [](const json& set, const json& recalibrate) {
    return plan_of({{"network", "models/resnet20-cifar10-dec3-8-0"}, {"set", set}, {"recalibrate", recalibrate}});
  };
  for (const char* known : {"after_read", "static"}) {
    const SweepPlan found = plan({{"ou.rows", 8}, {"gate.mask_known", known}}, true);
    INFO(known << ": " << found.points.front().error);
    REQUIRE(found.points.front().hardware);
    CHECK(found.points.front().calibration);
  }
  const SweepPlan kept = plan({{"ou.rows", 8}, {"gate.mask_known", "static"}}, false);
  CHECK(kept.points.front().error.find("removed_groups has") != std::string::npos);
}

TEST_CASE("calibration has the adders that gates on inputs need") {
  const SweepPlan found = plan_of({{"network", "models/resnet20-synthetic-dec3-4-4"},
                                   {"set", {{"ou.rows", 8}, {"gate.input_sums", true}}},
                                   {"recalibrate", true}});
  REQUIRE(found.points.front().calibration);
  CHECK(found.points.front().calibration->hardware.gate.input_sums);
}

TEST_CASE("what concerns the whole sweep is an error") {
  CHECK_THROWS_WITH(plan_of({{"hardware", "no-such.json"}}), Catch::Contains("no-such.json"));
  CHECK_THROWS_WITH(plan_of({{"network", "no-such"}}), Catch::Contains("no-such"));
  CHECK_THROWS_WITH(plan_of({{"set", {{"adc.bits", 99}}}}), Catch::Contains("adc.bits"));
}
