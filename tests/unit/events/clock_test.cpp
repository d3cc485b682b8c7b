// SPDX-License-Identifier: Apache-2.0
// The event kernel against a std::priority_queue twin, and its rules one by one.
#include <catch2/catch.hpp>

#include <ctime>
#include <functional>
#include <queue>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "events/clock.h"

using namespace cimcycle;

namespace {

struct Log {
  Clock& clock;
  std::vector<std::pair<Cycle, std::uint64_t>> seen;
  void note(std::uint64_t argument) { seen.emplace_back(clock.now(), argument); }
};

// A program of events that both kernels run: event i, when it runs, inserts its children after their delays.
struct Schedule {
  std::vector<std::vector<std::pair<Cycle, std::uint64_t>>> children;
};

Schedule random_schedule(std::mt19937& random, int events, Cycle longest) {
  Schedule schedule;
  schedule.children.resize(static_cast<std::size_t>(events));
  for (int i = 1; i < events; ++i) {
    const auto parent =
        static_cast<std::size_t>(std::uniform_int_distribution<int>(std::max(0, i - 20), i - 1)(random));
    const bool far = random() % 8 == 0;
    const Cycle delay = std::uniform_int_distribution<Cycle>(0, far ? longest : 6)(random);
    schedule.children[parent].emplace_back(delay, static_cast<std::uint64_t>(i));
  }
  return schedule;
}

struct Player {
  Clock& clock;
  const Schedule& schedule;
  std::vector<std::pair<Cycle, std::uint64_t>> seen;
  void play(std::uint64_t event) {
    seen.emplace_back(clock.now(), event);
    for (const auto& [delay, child] : schedule.children[event]) clock.after<&Player::play>(delay, *this, child);
  }
};

std::vector<std::pair<Cycle, std::uint64_t>> play_with_heap(const Schedule& schedule) {
  using Entry = std::tuple<Cycle, std::uint64_t, std::uint64_t>;  // cycle, insertion, event
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  std::vector<std::pair<Cycle, std::uint64_t>> seen;
  std::uint64_t inserted = 0;
  queue.emplace(0, inserted++, 0);
  while (!queue.empty()) {
    const auto [cycle, order, event] = queue.top();
    queue.pop();
    seen.emplace_back(cycle, event);
    for (const auto& [delay, child] : schedule.children[event]) queue.emplace(cycle + delay, inserted++, child);
  }
  return seen;
}

}  // namespace

TEST_CASE("events run by cycle, equal cycles first in first out") {
  Clock clock;
  Log log{clock, {}};
  clock.at<&Log::note>(7, log, 1);
  clock.at<&Log::note>(3, log, 2);
  clock.at<&Log::note>(7, log, 3);
  clock.at<&Log::note>(0, log, 4);
  clock.at<&Log::note>(3, log, 5);
  clock.run();
  CHECK(log.seen == std::vector<std::pair<Cycle, std::uint64_t>>{{0, 4}, {3, 2}, {3, 5}, {7, 1}, {7, 3}});
  CHECK(clock.events() == 5);
}

TEST_CASE("far events wait outside the wheel and keep their turn") {
  struct Inserter {
    Clock& clock;
    Log& log;
    Cycle target;
    void insert(std::uint64_t argument) { clock.at<&Log::note>(target, log, argument); }
  };
  // The far event was inserted first; an event for the same cycle follows as soon as the wheel reaches it, one just
  // before the wheel reaches it.
  for (const Cycle target : {Cycle{4095}, Cycle{4096}, Cycle{4097}, Cycle{8192}, Cycle{10'000'000'000}}) {
    for (const Cycle early : {Cycle{4095}, Cycle{4096}, Cycle{4097}, Cycle{1}, Cycle{0}}) {
      if (early > target) continue;
      Clock clock;
      Log log{clock, {}};
      Inserter inserter{clock, log, target};
      clock.at<&Log::note>(target, log, 1);
      clock.at<&Inserter::insert>(target - early, inserter, 2);
      clock.run();
      CHECK(log.seen == std::vector<std::pair<Cycle, std::uint64_t>>{{target, 1}, {target, 2}});
    }
  }
}

TEST_CASE("random schedules run as in a priority queue") {
  std::mt19937 random(7);
  for (const Cycle longest : {Cycle{10}, Cycle{200}, Cycle{4100}, Cycle{9000}, Cycle{1'000'000}}) {
    for (int trial = 0; trial < 40; ++trial) {
      const Schedule schedule = random_schedule(random, 500, longest);
      Clock clock;
      Player player{clock, schedule, {}};
      clock.at<&Player::play>(0, player, 0);
      clock.run();
      REQUIRE(player.seen == play_with_heap(schedule));
    }
  }
}

TEST_CASE("a clock can run again after it ran dry") {
  Clock clock;
  Log log{clock, {}};
  clock.at<&Log::note>(5000, log, 1);
  clock.run();
  clock.after<&Log::note>(5000, log, 2);
  clock.after<&Log::note>(0, log, 3);
  clock.run();
  CHECK(log.seen == std::vector<std::pair<Cycle, std::uint64_t>>{{5000, 1}, {5000, 3}, {10000, 2}});
}

TEST_CASE("grants run when the cycle has no ordinary event left") {
  // Three requesters ask in cycle 4, one of them through an event inserted during the cycle. The arbiter grants the
  // lowest number, whatever the order of asking; what it schedules for the same cycle still runs in it.
  struct Arbiter {
    Clock& clock;
    std::vector<std::uint64_t> waiting, granted;
    std::vector<Cycle> when;
    void ask(std::uint64_t who) {
      waiting.push_back(who);
      if (waiting.size() == 1) clock.finally<&Arbiter::grant>(*this);
    }
    void ask_late(std::uint64_t who) { clock.after<&Arbiter::ask>(0, *this, who); }
    void grant(std::uint64_t) {
      std::sort(waiting.begin(), waiting.end());
      for (const auto who : waiting) clock.after<&Arbiter::note>(0, *this, who);
      waiting.clear();
    }
    void note(std::uint64_t who) {
      granted.push_back(who);
      when.push_back(clock.now());
      if (who == 1) ask(9);
    }
  };
  Clock clock;
  Arbiter arbiter{clock, {}, {}, {}};
  clock.at<&Arbiter::ask>(4, arbiter, 3);
  clock.at<&Arbiter::ask_late>(4, arbiter, 1);
  clock.at<&Arbiter::ask>(4, arbiter, 2);
  clock.run();
  CHECK(arbiter.granted == std::vector<std::uint64_t>{1, 2, 3, 9});
  CHECK(arbiter.when == std::vector<Cycle>{4, 4, 4, 4});
}

TEST_CASE("a server serves in the order of the calls") {
  Server server;
  CHECK(server.reserve(3, 4) == 7);
  CHECK(server.free_at() == 7);
  CHECK(server.reserve(5, 1) == 8);  // waits for the first
  CHECK(server.reserve(20, 2) == 22);
  CHECK(server.reserve(21, 0) == 22);
}

TEST_CASE("the pipeline of the header's example") {
  struct Pipeline {
    Clock& clock;
    Server slow;
    std::vector<Cycle> out;
    void fetched(std::uint64_t item) {
      if (item + 1 < 4) clock.after<&Pipeline::fetched>(2, *this, item + 1);
      clock.at<&Pipeline::done>(slow.reserve(clock.now(), 5), *this, item);
    }
    void done(std::uint64_t) { out.push_back(clock.now()); }
  };
  Clock clock;
  Pipeline pipeline{clock, {}, {}};
  clock.at<&Pipeline::fetched>(2, pipeline, 0);
  clock.run();
  CHECK(pipeline.out == std::vector<Cycle>{7, 12, 17, 22});
}

TEST_CASE("kernel speed", "[.speed]") {
  // 2,000 components that wake themselves after 1 to 64 cycles, next to no work per event.
  struct Component {
    Clock& clock;
    std::uint32_t state;
    std::int64_t left;
    void wake(std::uint64_t) {
      state = state * 1664525u + 1013904223u;
      if (--left > 0) clock.after<&Component::wake>(1 + (state >> 26), *this);
    }
  };
  Clock clock;
  std::vector<Component> components;
  for (std::uint32_t i = 0; i < 2000; ++i) components.push_back({clock, i * 7919u, 5000});
  for (auto& component : components) clock.at<&Component::wake>(1, component);
  const std::clock_t start = std::clock();
  clock.run();
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  WARN(static_cast<double>(clock.events()) / seconds / 1e6 << " M events/s");
  CHECK(clock.events() == 2000 * 5000);
}
