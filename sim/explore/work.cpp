// SPDX-License-Identifier: Apache-2.0
#include "explore/work.h"

#include <chrono>
#include <set>
#include <thread>

#include "base/error.h"

namespace cimcycle {

std::vector<StoredPoint> rows_of_plan(const SweepPlan& plan, ResultStore& store) {
  std::set<std::string> wanted;
  for (const SweepPoint& point : plan.points) wanted.insert(point.hash);
  std::vector<StoredPoint> rows = store.all();
  std::erase_if(rows, [&](const StoredPoint& row) { return !wanted.contains(row.hash); });
  return rows;
}

WorkList::WorkList(const SweepPlan& plan, Shard shard, ResultStore& store, const std::filesystem::path& folder,
                   const std::atomic<bool>* stop, bool early_stop)
    : plan_(plan), store_(store), folder_(folder), stop_(stop), early_stop_(early_stop) {
  if (early_stop) rivals_.add(rows_of_plan(plan, store));
  for (std::size_t g = static_cast<std::size_t>(shard.index); g < plan.groups.size();
       g += static_cast<std::size_t>(shard.count)) {
    const std::size_t open = unsettled(g).size();
    if (open > 0) groups_.push_back(g);
    open_points_ += static_cast<std::int64_t>(open);
  }
}

std::vector<std::size_t> WorkList::unsettled(std::size_t group) {
  std::vector<std::size_t> points;
  for (const std::size_t point : plan_.groups[group].points) {
    if (!store_.is_settled(plan_.points[point].hash, early_stop_)) points.push_back(point);
  }
  return points;
}

std::optional<Work> WorkList::next(bool wait) {
  std::size_t busy = 0;  // groups in a row that others work on
  while (!groups_.empty()) {
    if (stop_ != nullptr && stop_->load()) throw Interrupted();
    const std::size_t group = groups_.front();
    groups_.pop_front();
    if (unsettled(group).empty()) continue;
    const std::string& name = plan_.points[plan_.groups[group].points.front()].hash;
    if (std::optional<WorkClaim> claim = WorkClaim::take(folder_, name)) {
      // Looked at again under the lock: the other process may just have ended.
      std::vector<std::size_t> points = unsettled(group);
      if (!points.empty()) return Work{std::move(points), rivals_.list(), std::move(*claim)};
      busy = 0;
      continue;
    }
    groups_.push_back(group);
    if (++busy < groups_.size()) continue;
    if (!wait) return std::nullopt;
    constexpr std::chrono::milliseconds pause{500};
    std::this_thread::sleep_for(pause);
    busy = 0;
  }
  return std::nullopt;
}

void WorkList::put(const std::vector<StoredPoint>& rows) {
  store_.put(rows);
  if (early_stop_) rivals_.add(rows);
}

}  // namespace cimcycle
