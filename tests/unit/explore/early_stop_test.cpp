// SPDX-License-Identifier: Apache-2.0
// When a point may be given up: bounds against counted probabilities and worked values, and every condition alone.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "explore/early_stop.h"

using namespace cimcycle;
using nlohmann::json;

namespace {

/// log of n over k.
double log_choose(std::int64_t n, std::int64_t k) {
  double sum = 0;
  for (std::int64_t i = 1; i <= k; ++i) sum += std::log(static_cast<double>(n - k + i) / static_cast<double>(i));
  return sum;
}

/// Probability of at most `hits` right answers among `seen` of `images`, of which `right` are right.
double chance(std::int64_t hits, std::int64_t seen, std::int64_t images, std::int64_t right) {
  double sum = 0;
  for (std::int64_t k = std::max<std::int64_t>(0, seen - (images - right)); k <= std::min(hits, right); ++k) {
    sum += std::exp(log_choose(right, k) + log_choose(images - right, seen - k) - log_choose(images, seen));
  }
  return sum;
}

StoredPoint done_point(const std::string& hash, double top1, double energy_pj, double latency_ns, double area_um2) {
  return {hash,
          "done",
          {{"dataset", "digits"}},
          {{"top1", top1}, {"energy_pj", energy_pj}, {"latency_ns", latency_ns}, {"area_um2", area_um2}},
          {},
          {}};
}

/// 64 images, 32 right, 20 pJ, 1000 ns, 100 um2.
RunResult half_right() {
  RunResult pilot;
  pilot.images = pilot.timed_images = 64;
  pilot.top1 = 0.5;
  pilot.energy_spread_pj = {.mean = 20, .std = 1};
  pilot.latency_ns = {.mean = 1000, .std = 50};
  pilot.chip.budget.push_back({"cells", 1, 100, 0});
  return pilot;
}

std::vector<Rival> list_of(const std::vector<StoredPoint>& points) {
  Rivals rivals;
  rivals.add(points);
  return rivals.list();
}

bool stops(const StoredPoint& rival, const RunResult& pilot = half_right()) {
  return beaten_by(list_of({rival}), pilot, "digits", 256, 0.999).has_value();
}

}  // namespace

TEST_CASE("the most right answers equal those of counted probabilities") {
  for (const auto& [hits, seen, images] : std::vector<std::array<std::int64_t, 3>>{
           {0, 16, 40}, {5, 16, 40}, {16, 16, 40}, {40, 64, 256}, {1, 20, 21}, {7, 30, 30}}) {
    for (const double confidence : {0.9, 0.999}) {
      INFO(hits << " of " << seen << " of " << images << " at " << confidence);
      std::int64_t most = hits;
      for (std::int64_t right = hits; right <= images - (seen - hits); ++right) {
        if (chance(hits, seen, images, right) > 1 - confidence) most = right;
      }
      CHECK(most_hits(hits, seen, images, confidence) == most);
    }
  }
  CHECK(most_hits(9000, 10000, 50000, 0.9999) > 45000);
  CHECK(most_hits(9000, 10000, 50000, 0.9999) < 45600);
}

TEST_CASE("the least mean is Student's bound") {
  // t(3, 0.995) = 5.8409 (any table of the t distribution); std / sqrt(n - 1) = 2 / sqrt(3).
  CHECK(least_mean({.mean = 50, .std = 2}, 4, 0.995) == Approx(50 - 5.8409 * 2 / std::sqrt(3.0)).epsilon(1e-5));
  CHECK(least_mean({.mean = 50, .std = 0}, 4, 0.995) == 50);
  CHECK(least_mean({.mean = 50, .std = 0}, 1, 0.995) == -std::numeric_limits<double>::infinity());
}

TEST_CASE("a point is given up only if a rival is better in everything beyond doubt") {
  CHECK(stops(done_point("a", 0.9, 15, 900, 90)));
  CHECK_FALSE(stops(done_point("a", 0.6, 15, 900, 90)));    // 50 of 64 may still become 60 % of 256
  CHECK_FALSE(stops(done_point("a", 0.9, 19.9, 900, 90)));  // within the spread of the energy
  CHECK_FALSE(stops(done_point("a", 0.9, 15, 995, 90)));
  CHECK_FALSE(stops(done_point("a", 0.9, 15, 900, 101)));
  CHECK(stops(done_point("a", 0.9, 15, 900, 100)));
  StoredPoint other = done_point("a", 0.9, 15, 900, 90);
  other.config["dataset"] = "letters";
  CHECK_FALSE(stops(other));
  StoredPoint untimed = done_point("a", 0.9, 15, 900, 90);
  untimed.metrics["latency_ns"] = nullptr;
  CHECK_FALSE(stops(untimed));

  RunResult pilot = half_right();
  pilot.timed_images = 1;
  CHECK_FALSE(stops(done_point("a", 0.9, 1, 1, 1), pilot));  // one timed image says nothing of the others
  pilot.timed_images = 0;
  CHECK(stops(done_point("a", 0.9, 15, 9000, 90), pilot));
  pilot.top1.reset();
  CHECK_FALSE(stops(done_point("a", 0.9, 15, 900, 90), pilot));
}

TEST_CASE("rivals are the finished points that no other one covers") {
  StoredPoint failed = done_point("f", 1, 1, 1, 1);
  failed.status = "failed";
  const auto rivals = list_of({done_point("a", 0.8, 10, 10, 10), done_point("b", 0.9, 20, 10, 10), failed,
                               done_point("c", 0.7, 10, 10, 10), done_point("d", 0.9, 9, 9, 9)});
  REQUIRE(rivals.size() == 1);
  CHECK(rivals.front().hash == "d");
}
