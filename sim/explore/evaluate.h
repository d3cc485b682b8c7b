// SPDX-License-Identifier: Apache-2.0
// Runs the points of a sweep: networks made to fit (calibrated, thresholds scaled), then a replay of each group.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "explore/early_stop.h"
#include "explore/plan.h"
#include "explore/store.h"

namespace cimcycle {

struct EvaluationOptions {
  std::filesystem::path folder;  ///< of the store; changed networks go to its folder "networks"
  int threads = 1;
  const std::atomic<bool>* stop = nullptr;
  /// What is going on, from any thread: images done, images in all, "replay", "calibrate ...".
  std::function<void(std::int64_t, std::int64_t, std::string_view)> progress;
};

class Evaluator {
 public:
  /// `sweep` and `plan` must outlive this. Opens the datasets. Throws InputError.
  Evaluator(const Sweep& sweep, const SweepPlan& plan, EvaluationOptions options);

  /// One row for each of these points, which belong to one group. Points that turn out to be impossible are invalid,
  /// those that fail for another reason failed, and with early stop those that a rival beats are stopped. Throws
  /// Interrupted, RunError.
  std::vector<StoredPoint> run(const std::vector<std::size_t>& points, std::span<const Rival> rivals);

  struct Estimate {
    std::optional<double> seconds;  ///< of the replays, on all threads; unknown if none could be tried
    double calibration_seconds = 0;
    std::int64_t bytes = 0;
    std::int64_t calibrations = 0;  ///< that are not in the folder yet
  };
  /// What these groups will take: a few images of the points with the fewest and with the most conversions are run, the
  /// others lie between. Timing that points share is counted for each of them, so that the time is rather too long.
  Estimate estimate(const std::deque<std::size_t>& groups);

 private:
  /// Seconds of one thread for an image of a point.
  struct Cost {
    double conversions = 0;  ///< of the point
    double numerics = 0;
    double timing = 0;
  };
  std::optional<Cost> measure_cost(const SweepPoint& point);
  /// Of the points with the fewest and the most conversions that can be run; empty if none can.
  std::vector<Cost> measure_costs(const std::deque<std::size_t>& groups);
  struct Prepared {
    std::shared_ptr<const Network> network;
    std::string folder;      ///< that a run names to get it
    std::string thresholds;  ///< "as in the network", "calibrated", "scaled", "calibrated and scaled"
  };
  const Dataset& dataset(const std::string& name, DataSplit split);
  Prepared prepare(const SweepPoint& point);
  std::shared_ptr<const Network> calibrated(const SweepPoint& point);
  std::shared_ptr<const Network> keep(const Network& network, const std::string& name);
  std::vector<RunResult> replay_points(const std::vector<std::size_t>& points, const Network& network,
                                       std::int64_t images);
  /// Takes the points that a rival beats out of `points` and gives their rows.
  std::vector<StoredPoint> stopped(std::vector<std::size_t>& points, const Prepared& prepared,
                                   std::span<const Rival> rivals);
  std::vector<StoredPoint> rows_of(const std::vector<std::size_t>& points, const Prepared& prepared);
  StoredPoint row_of(const SweepPoint& point, const std::string& status, const std::string& error) const;

  const Sweep& sweep_;
  const SweepPlan& plan_;
  EvaluationOptions options_;
  std::map<std::pair<std::string, DataSplit>, Dataset> datasets_;
  std::map<std::string, std::shared_ptr<const Network>> kept_;  ///< changed networks, by folder name
};

/// The row of a point that cannot be run.
StoredPoint invalid_row(const SweepPoint& point);

}  // namespace cimcycle
