// SPDX-License-Identifier: Apache-2.0
// How many events per second does the kernel run with next to no work per event: 2,000 objects, delays of 1 to 64
// cycles?
#include <benchmark/benchmark.h>

#include <vector>

#include "events/clock.h"

namespace {

using cimcycle::Clock;

struct Ticker {
  Clock* clock = nullptr;
  std::uint32_t state = 1;
  int left = 0;

  void tick(std::uint64_t) {
    if (--left <= 0) return;
    state = state * 1664525u + 1013904223u;  // Numerical Recipes, section 7.1
    clock->after<&Ticker::tick>(1 + (state >> 26), *this);
  }
};

void tickers(benchmark::State& state) {
  constexpr int objects = 2000, events_each = 500;
  std::int64_t events = 0;
  for (auto _ : state) {
    Clock clock;
    std::vector<Ticker> all(objects);
    for (int i = 0; i < objects; ++i) {
      Ticker& ticker = all[static_cast<std::size_t>(i)];
      ticker = {&clock, static_cast<std::uint32_t>(i), events_each};
      clock.at<&Ticker::tick>(i % 64, ticker);
    }
    clock.run();
    events += clock.events();
  }
  state.counters["events"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}

}  // namespace

BENCHMARK(tickers)->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
