// SPDX-License-Identifier: Apache-2.0
// Points of a sweep that need not be run to their end, because a finished one beats them whatever their remaining
// images bring: bounds from the images seen.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "explore/store.h"
#include "replay/run_result.h"

namespace cimcycle {

/// The figures of a finished point in which it may beat others. All are means over all images of the sweep.
struct Rival {
  std::string hash, dataset;
  double top1 = 0;
  double energy_pj = 0;
  std::optional<double> latency_ns;  ///< empty if no image was timed
  double area_um2 = 0;
};

/// The finished points that no other one beats in all of these figures.
class Rivals {
 public:
  /// Rows that are not done are passed over.
  void add(std::span<const StoredPoint> rows);
  const std::vector<Rival>& list() const { return list_; }

 private:
  std::vector<Rival> list_;
};

/// How many of `images` answers are right at most, if `hits` of the first `seen` are: with a larger number, fewer than
/// (1 - confidence) of all orders of the images would have shown so few (hypergeometric upper bound). `images` >=
/// `seen`
/// >= 1.
std::int64_t most_hits(std::int64_t hits, std::int64_t seen, std::int64_t images, double confidence);

/// What the mean over all images is at least, from its spread over `samples` of them (Student's t); minus infinity for
/// less than two samples.
double least_mean(const Spread& spread, std::int64_t samples, double confidence);

/// `pilot`: the point, run on the first of the sweep's `images` of `dataset`. The rival that is better in top-1 than
/// the point can become and not worse in energy, latency and area, said in a sentence; nothing if there is none.
std::optional<std::string> beaten_by(std::span<const Rival> rivals, const RunResult& pilot, const std::string& dataset,
                                     std::int64_t images, double confidence);

}  // namespace cimcycle
