// SPDX-License-Identifier: Apache-2.0
// Running the points of a sweep in one process, with results in a folder.
#pragma once

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

/// Runs all that is left. Throws Interrupted, RunError.
void run_points(WorkList& list, Evaluator& evaluator, const SweepEvents& events);

}  // namespace cimcycle
