// SPDX-License-Identifier: Apache-2.0
// Running the points of a sweep in one process, with results in a folder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "explore/evaluate.h"
#include "explore/plan.h"
#include "explore/store.h"
#include "explore/work.h"

namespace cimcycle {

/// The store of a sweep's folder, which is made if it is missing. Throws InputError if the folder holds something else,
/// or results and nobody wants to `resume`; RunError if it cannot be written.
ResultStore open_sweep_folder(const std::filesystem::path& folder, bool resume);

/// The rows of the plan's points that cannot be run.
std::vector<StoredPoint> invalid_rows(const SweepPlan& plan);

/// What happens on the way, for who shows progress.
struct SweepEvents {
  std::function<void(std::size_t points)> begin;                       ///< a group of so many points starts
  std::function<void(const std::vector<StoredPoint>& rows)> finished;  ///< its rows are stored
};

/// How many points are done, the images of the group at hand counted as parts of it. Several threads tell: callers
/// lock.
class PointCount {
 public:
  void begin(std::size_t points) { group_ = static_cast<std::int64_t>(points); }
  void finish(std::size_t rows) {
    group_ = 0;
    done_ += static_cast<std::int64_t>(rows);
  }
  std::int64_t done() const { return done_; }
  std::int64_t done_at(std::int64_t image, std::int64_t images) const {
    return done_ + group_ * image / std::max<std::int64_t>(1, images);
  }

 private:
  std::int64_t done_ = 0, group_ = 0;
};

/// Runs all that is left. Throws Interrupted, RunError.
void run_points(WorkList& list, Evaluator& evaluator, const SweepEvents& events);

}  // namespace cimcycle
