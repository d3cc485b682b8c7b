// SPDX-License-Identifier: Apache-2.0
// Loops over threads: every index once, exceptions, worker numbers.
#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/parallel.h"

using namespace cimcycle;

TEST_CASE("every index is visited once by a worker in range") {
  for (const int threads : {1, 2, 3, 8, 50}) {
    for (const int count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      std::atomic<int> out_of_range = 0;
      parallel_for(count, threads, [&](std::int64_t index, int worker) {
        ++visits[static_cast<std::size_t>(index)];
        if (worker < 0 || worker >= threads) ++out_of_range;
      });
      for (const auto& visit : visits) REQUIRE(visit == 1);
      REQUIRE(out_of_range == 0);
    }
  }
}

TEST_CASE("two iterations with the same worker number never overlap") {
  std::vector<std::atomic<int>> inside(4);
  std::atomic<int> overlaps = 0;
  parallel_for(2000, 4, [&](std::int64_t, int worker) {
    if (inside[static_cast<std::size_t>(worker)].fetch_add(1) != 0) ++overlaps;
    std::this_thread::yield();
    --inside[static_cast<std::size_t>(worker)];
  });
  CHECK(overlaps == 0);
}

TEST_CASE("one thread runs in the caller, in order") {
  std::vector<std::int64_t> order;
  const auto caller = std::this_thread::get_id();
  parallel_for(5, 1, [&](std::int64_t index, int worker) {
    CHECK(std::this_thread::get_id() == caller);
    CHECK(worker == 0);
    order.push_back(index);
  });
  CHECK(order == std::vector<std::int64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("the exception of the lowest index comes out, on any number of threads") {
  for (const int threads : {1, 2, 8}) {
    for (int repeat = 0; repeat < 50; ++repeat) {
      std::atomic<int> running = 0;
      std::string text;
      try {
        parallel_for(500, threads, [&](std::int64_t index, int) {
          ++running;
          // The lower index fails later, so that the higher one is often caught first.
          if (index == 100) std::this_thread::sleep_for(std::chrono::microseconds(200));
          if (index == 100 || index == 101) {
            --running;
            throw std::runtime_error(std::to_string(index));
          }
          --running;
        });
      } catch (const std::runtime_error& error) {
        text = error.what();
      }
      REQUIRE(text == "100");
      REQUIRE(running == 0);
    }
  }
}

TEST_CASE("no new index is handed out after an exception") {
  std::atomic<int> calls = 0;
  CHECK_THROWS_AS(parallel_for(1'000'000, 2,
                               [&](std::int64_t index, int) {
                                 ++calls;
                                 if (index == 3) throw std::runtime_error("stop");
                                 std::this_thread::sleep_for(std::chrono::microseconds(10));
                               }),
                  std::runtime_error);
  CHECK(calls < 1'000'000);
}
