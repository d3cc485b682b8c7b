// SPDX-License-Identifier: Apache-2.0
#include "explore/distribute.h"

#include <chrono>
#include <future>
#include <map>
#include <thread>

#include "base/error.h"

namespace cimcycle {
namespace {

using nlohmann::json;

/// Between two looks at the mailbox: short against a group, long against a look.
constexpr std::chrono::milliseconds pause{2};

bool stops(const std::atomic<bool>* stop) { return stop != nullptr && stop->load(); }

json rows_json(const std::vector<StoredPoint>& rows) {
  json list = json::array();
  for (const StoredPoint& row : rows) {
    list.push_back({row.hash, row.status, row.config, row.metrics, row.simulation, row.error});
  }
  return list;
}

std::vector<StoredPoint> rows_of(const json& list) {
  std::vector<StoredPoint> rows;
  for (const json& row : list) {
    rows.push_back({row.at(0).get<std::string>(), row.at(1).get<std::string>(), row.at(2), row.at(3), row.at(4),
                    row.at(5).get<std::string>()});
  }
  return rows;
}

json rivals_json(const std::vector<Rival>& rivals) {
  json list = json::array();
  for (const Rival& rival : rivals) {
    list.push_back({rival.hash, rival.dataset, rival.top1, rival.energy_pj,
                    rival.latency_ns ? json(*rival.latency_ns) : json(), rival.area_um2});
  }
  return list;
}

std::vector<Rival> rivals_of(const json& list) {
  std::vector<Rival> rivals;
  for (const json& rival : list) {
    rivals.push_back({rival.at(0).get<std::string>(), rival.at(1).get<std::string>(), rival.at(2).get<double>(),
                      rival.at(3).get<double>(),
                      rival.at(4).is_null() ? std::nullopt : std::optional(rival.at(4).get<double>()),
                      rival.at(5).get<double>()});
  }
  return rivals;
}

std::string text_of(const json& message) { return message.dump(-1, ' ', false, json::error_handler_t::replace); }

/// Rank 0's side.
class Leader {
 public:
  Leader(const Messenger& messenger, WorkList& list, Evaluator& evaluator, const std::atomic<bool>* stop,
         const std::function<void(const std::vector<StoredPoint>&)>& finished)
      : messenger_(messenger), list_(list), evaluator_(evaluator), stop_(stop), finished_(finished) {}

  void run() {
    while (followers_left() || own_.valid() || !exhausted_) {
      bool idle = true;
      while (const auto message = messenger_.poll()) {
        answer(message->first, json::parse(message->second));
        idle = false;
      }
      idle = !compute_here() && idle;
      if (idle) std::this_thread::sleep_for(pause);
    }
    if (!failure_.empty()) throw RunError(failure_);
    if (stops(stop_)) throw Interrupted();
  }

 private:
  bool followers_left() const { return gone_ < messenger_.size - 1; }

  std::optional<Work> next() {
    if (exhausted_ || stops(stop_) || !failure_.empty()) {
      exhausted_ = true;
      return std::nullopt;
    }
    std::optional<Work> work = list_.next(false);
    exhausted_ = !work;
    return work;
  }

  void answer(int follower, const json& message) {
    if (message.contains("failed")) {
      failure_ = message["failed"].get<std::string>();
      ++gone_;
    } else if (message.contains("stopped")) {
      ++gone_;
    } else {
      keep(rows_of(message.at("rows")));
      in_flight_.erase(follower);
      std::optional<Work> work = next();
      json order = {{"points", json::array()}};
      if (work) order = {{"points", work->points}, {"rivals", rivals_json(work->rivals)}};
      messenger_.send(follower, text_of(order));
      if (work) {
        in_flight_.emplace(follower, std::move(*work));
      } else {
        ++gone_;
      }
    }
  }

  void keep(const std::vector<StoredPoint>& rows) {
    if (rows.empty()) return;
    list_.put(rows);
    finished_(rows);
  }

  /// One group at a time on a thread of this process. True if something happened.
  bool compute_here() {
    if (own_.valid()) {
      if (own_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
      try {
        keep(own_.get());
      } catch (const Interrupted&) {
        exhausted_ = true;
      } catch (const std::exception& error) {
        failure_ = error.what();
      }
      in_flight_.erase(0);
      return true;
    }
    std::optional<Work> work = next();
    if (!work) return false;
    const auto entry = in_flight_.emplace(0, std::move(*work)).first;
    own_ = std::async(std::launch::async, [this, points = entry->second.points, rivals = entry->second.rivals] {
      return evaluator_.run(points, rivals);
    });
    return true;
  }

  const Messenger& messenger_;
  WorkList& list_;
  Evaluator& evaluator_;
  const std::atomic<bool>* stop_;
  const std::function<void(const std::vector<StoredPoint>&)>& finished_;
  std::map<int, Work> in_flight_;  ///< by rank; holds the locks
  std::future<std::vector<StoredPoint>> own_;
  int gone_ = 0;
  bool exhausted_ = false;
  std::string failure_;
};

}  // namespace

void lead_job(const Messenger& messenger, WorkList& list, Evaluator& evaluator, const std::atomic<bool>* stop,
              const std::function<void(const std::vector<StoredPoint>&)>& finished) {
  Leader(messenger, list, evaluator, stop, finished).run();
}

void follow_job(const Messenger& messenger, Evaluator& evaluator) {
  std::vector<StoredPoint> rows;
  try {
    while (true) {
      messenger.send(0, text_of({{"rows", rows_json(rows)}}));
      std::optional<std::pair<int, std::string>> message;
      while (!(message = messenger.poll())) std::this_thread::sleep_for(pause);
      const json order = json::parse(message->second);
      const auto points = order.at("points").get<std::vector<std::size_t>>();
      if (points.empty()) return;
      rows = evaluator.run(points, rivals_of(order.at("rivals")));
    }
  } catch (const Interrupted&) {
    messenger.send(0, text_of({{"stopped", true}}));
    throw;
  } catch (const std::exception& error) {
    messenger.send(0, text_of({{"failed", error.what()}}));
    throw;
  }
}

}  // namespace cimcycle
