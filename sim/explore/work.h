// SPDX-License-Identifier: Apache-2.0
// The groups of a sweep that are still to be run, handed out one by one, whoever else works on the same store.
#pragma once

#include <atomic>
#include <deque>
#include <optional>
#include <vector>

#include "explore/plan.h"
#include "explore/store.h"

namespace cimcycle {

/// Every `count`-th group, from `index` on: the part of one job of a job array.
struct Shard {
  int index = 0;
  int count = 1;
};

/// Points to run, and the lock that keeps other processes from them.
struct Work {
  std::vector<std::size_t> points;
  WorkClaim claim;
};

class WorkList {
 public:
  /// All but `plan`, which is only read, must outlive this.
  WorkList(const SweepPlan& plan, Shard shard, ResultStore& store, const std::filesystem::path& folder,
           const std::atomic<bool>* stop);

  /// The next group with points that are not settled; nothing if there is none. Waits for groups that another process
  /// has taken, in case it dies; with `wait` = false it says nothing instead. Throws Interrupted.
  std::optional<Work> next(bool wait = true);
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
};

}  // namespace cimcycle
