// SPDX-License-Identifier: Apache-2.0
// How calibration spreads closed gates over layers.
#include <catch2/catch.hpp>

#include <numeric>

#include "replay/threshold_search.h"

using namespace cimcycle;

namespace {

GateProfile layer(double saving_pj, std::vector<double> damage) {
  GateProfile profile;
  profile.saving_pj = saving_pj;
  profile.damage = std::move(damage);
  return profile;
}

double mean_of(const ClosedShares& shares) {
  return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
}

}  // namespace

TEST_CASE("damage is linear between the probed shares") {
  const GateProfile profile = layer(1, {0, 3, 5, 6.5, 8, 9, 10});  // at 0, 0.3, 0.5, 0.65, 0.8, 0.9, 1
  for (const double share : {0.0, 0.1, 0.3, 0.42, 0.65, 0.77, 0.95, 1.0}) {
    CHECK(profile.damage_at(share) == Approx(10 * share).margin(1e-12));
  }
}

TEST_CASE("gates close where they save the most for the damage") {
  // The second layer saves as much and breaks a hundred times as much.
  const std::vector<GateProfile> profiles = {layer(100, {0, 1, 2, 3, 4, 5, 6}),
                                             layer(100, {0, 100, 200, 300, 400, 500, 600})};
  const ClosedShares half = search_shares(profiles, [](const ClosedShares& shares) { return mean_of(shares) <= 0.5; });
  CHECK(half[0] == Approx(1).margin(0.05));
  CHECK(half[1] == Approx(0).margin(0.05));
  CHECK(mean_of(half) <= 0.5);
}

TEST_CASE("a target inside a jump is met from below") {
  // One layer whose best share jumps from 0 to 1 at one price.
  const std::vector<GateProfile> profiles = {layer(100, {0, 3, 5, 6.5, 8, 9, 10})};
  for (const double target : {0.0, 0.2, 0.7, 1.0}) {
    const ClosedShares shares = search_shares(profiles, [&](const ClosedShares& tried) { return tried[0] <= target; });
    CHECK(shares[0] <= target);
    CHECK(shares[0] >= target - 1.0 / 16);
  }
}

TEST_CASE("equal shares are equal, whatever they break, and meet the target from below") {
  for (const double target : {0.0, 0.37, 1.0}) {
    const ClosedShares shares =
        search_equal_shares(3, [&](const ClosedShares& tried) { return mean_of(tried) <= target; });
    REQUIRE(shares.size() == 3);
    CHECK(shares[1] == shares[0]);
    CHECK(shares[2] == shares[0]);
    CHECK(shares[0] <= target);
    CHECK(shares[0] >= target - 1.0 / 1024);
  }
}
