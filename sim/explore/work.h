// SPDX-License-Identifier: Apache-2.0
// The groups of a sweep that are still to be run, handed out one by one, whoever else works on the same store.
#pragma once

#include <atomic>
#include <deque>
#include <optional>
#include <vector>

#include "explore/early_stop.h"
#include "explore/plan.h"
#include "explore/store.h"

namespace cimcycle {

/// The rows of this sweep alone: a store may hold more.
std::vector<StoredPoint> rows_of_plan(const SweepPlan& plan, ResultStore& store);

/// Every `count`-th group, from `index` on: the part of one job of a job array.
struct Shard {
  int index = 0;
  int count = 1;
};

/// Points to run, what is known to beat others, and the lock that keeps other processes from these points.
struct Work {
  std::vector<std::size_t> points;
  std::vector<Rival> rivals;  ///< with early stop: for Evaluator::run
  WorkClaim claim;
};

class WorkList {
 public:
  /// All but `shard` must outlive this. With `early_stop`, points that were given up earlier are settled, and every
  /// Work comes with its rivals.
  WorkList(const SweepPlan& plan, Shard shard, ResultStore& store, const std::filesystem::path& folder,
           const std::atomic<bool>* stop, bool early_stop = false);

  /// The next group with points that are not settled; nothing if there is none. Waits for groups that another process
  /// has taken, in case it dies; with `wait` = false it says nothing instead. Throws Interrupted.
  std::optional<Work> next(bool wait = true);
  /// Stores the rows of a finished group.
  void put(const std::vector<StoredPoint>& rows);
  /// Points of this shard that are not settled, before anything was handed out.
  std::int64_t open_points() const { return open_points_; }
  /// The groups that are left.
  const std::deque<std::size_t>& groups() const { return groups_; }

 private:
  std::vector<std::size_t> unsettled(std::size_t group);

  const SweepPlan& plan_;
  ResultStore& store_;
  const std::filesystem::path& folder_;
  const std::atomic<bool>* stop_;
  std::deque<std::size_t> groups_;
  std::int64_t open_points_ = 0;
  bool early_stop_;
  Rivals rivals_;
};

}  // namespace cimcycle
