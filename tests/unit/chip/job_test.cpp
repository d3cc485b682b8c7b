// SPDX-License-Identifier: Apache-2.0
// Random crossbar jobs against the long way: equal milestones, reads, conversions and cycles by cause.
#include <catch2/catch.hpp>

#include <ctime>
#include <random>
#include <vector>

#include "chip/job.h"
#include "long_way.h"

using namespace cimcycle;

namespace {

int pick(std::mt19937& random, int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }

// One crossbar described twice: for the product and for the long way.
struct Twin {
  JobShape shape;
  long_way::Crossbar naive;
  int first_block = 0, mask_words = 0;
  bool gates_digits = false;  // the LSB reads have digits of their own
};

Twin random_twin(std::mt19937& random, long_way::Mode mode) {
  Twin twin;
  long_way::Crossbar& naive = twin.naive;
  naive.mode = mode;
  naive.groups = pick(random, 1, 9);
  const int blocks = pick(random, 0, 9) == 0 ? pick(random, 60, 140) : pick(random, 1, 5);
  if (blocks > 5) naive.groups = pick(random, 1, 2);
  naive.msb_slices = mode == long_way::Mode::follower ? 0 : pick(random, 1, 4);
  naive.lsb_slices = pick(random, mode == long_way::Mode::follower ? 1 : 0, 4);
  if (mode == long_way::Mode::pruned) naive.lsb_slices = 0;
  const int columns = pick(random, 1, 20);
  naive.columns.assign(static_cast<std::size_t>(blocks), columns);
  if (pick(random, 0, 1) == 0) naive.columns.back() = pick(random, 1, columns);
  if (pick(random, 0, 9) == 0) {
    for (int& each : naive.columns) each = pick(random, 1, 20);
  }
  naive.adcs = pick(random, 1, 20);
  naive.conversion_cycles = pick(random, 0, 1) == 0 ? 1 : pick(random, 2, 6);
  naive.sample_and_hold = pick(random, 0, 1) == 1;
  naive.unit_column = pick(random, 0, 2) == 0;
  naive.decision_delay = pick(random, 0, 7);

  JobShape& shape = twin.shape;
  shape.blocks = blocks;
  shape.msb_slices = naive.msb_slices;
  shape.lsb_slices = naive.lsb_slices;
  shape.conversions = naive.columns;
  shape.adcs = naive.adcs;
  shape.conversion_cycles = naive.conversion_cycles;
  shape.sample_and_hold = naive.sample_and_hold;
  shape.unit_column = naive.unit_column;
  switch (mode) {
    case long_way::Mode::ungated:
      shape.gate = GateTiming::none;
      break;
    case long_way::Mode::gated:
      shape.gate = GateTiming::local;
      break;
    case long_way::Mode::prefixed:
      shape.gate = GateTiming::beforehand;
      break;
    case long_way::Mode::pruned:
      shape.gate = GateTiming::none;
      shape.msb_masked = true;
      break;
    case long_way::Mode::collected:
      shape.gate = GateTiming::collected;
      break;
    case long_way::Mode::follower:
      shape.gate = GateTiming::local;
      break;
  }
  twin.first_block = pick(random, 0, 1) == 0 ? 0 : pick(random, 1, 130);
  twin.mask_words = (twin.first_block + blocks + 63) / 64;
  return twin;
}

// One input vector described twice.
struct TwinVector {
  std::vector<std::uint8_t> digits, low_digits;
  std::vector<std::uint64_t> open;
  long_way::Vector naive;
};

TwinVector random_vector(std::mt19937& random, const Twin& twin) {
  TwinVector vector;
  const int zeros = pick(random, 0, 3), percent_open = pick(random, 0, 4) * 25;
  const int most_digits = twin.shape.blocks > 5 ? 2 : 8;
  const bool one_mask = twin.naive.mode == long_way::Mode::collected;
  for (int g = 0; g < twin.naive.groups; ++g) {
    const bool zero = zeros == 3 || (zeros > 0 && pick(random, 0, 2) == 0);
    vector.digits.push_back(static_cast<std::uint8_t>(zero ? 0 : pick(random, 1, most_digits)));
    vector.naive.digits.push_back(vector.digits.back());
    if (twin.gates_digits) {
      vector.low_digits.push_back(static_cast<std::uint8_t>(pick(random, 0, most_digits)));
      vector.naive.low_digits.push_back(vector.low_digits.back());
    }
    std::vector<bool> open;
    for (int b = 0; b < twin.shape.blocks; ++b) open.push_back(pick(random, 0, 99) < percent_open);
    if (one_mask && g > 0) open = vector.naive.open[0];
    vector.naive.open.push_back(open);
    // Bits of neighbouring blocks hold noise: only this crossbar's may count.
    std::vector<std::uint64_t> words;
    for (int w = 0; w < twin.mask_words; ++w) words.push_back(std::uint64_t{random()} << 32 | random());
    for (int b = 0; b < twin.shape.blocks; ++b) {
      const int bit = twin.first_block + b;
      const std::uint64_t one = std::uint64_t{1} << (bit % 64);
      if (open[static_cast<std::size_t>(b)])
        words[static_cast<std::size_t>(bit / 64)] |= one;
      else
        words[static_cast<std::size_t>(bit / 64)] &= ~one;
    }
    vector.open.insert(vector.open.end(), words.begin(), words.end());
  }
  return vector;
}

JobInput input_of(const TwinVector& vector, const Twin& twin) {
  return {vector.digits, vector.open, twin.mask_words, twin.first_block, vector.low_digits};
}

void require_equal_counts(const CycleCounts& fast, const long_way::Counts& naive) {
  REQUIRE(fast.busy == naive.busy);
  REQUIRE(fast.idle == naive.idle);
  REQUIRE(fast.stall(Stall::gate) == naive.gate);
  REQUIRE(fast.stall(Stall::adc) == naive.adc);
  REQUIRE(fast.elapsed() == naive.busy + naive.idle + naive.gate + naive.adc);
}

// The product's jobs put one after the other, with two accumulator banks.
struct Sequence {
  const JobPlan plan;
  Cycle free = 0;
  std::vector<Cycle> complete;

  void run(const Twin& twin, const TwinVector& vector, const long_way::Outcome& naive) {
    const std::size_t v = complete.size();
    const Cycle bank = v >= 2 ? complete[v - 2] : 0;
    const Cycle start = std::max({free, Cycle{vector.naive.loaded}, bank});
    REQUIRE(start == naive.start);
    const Cycle input_wait = std::max<Cycle>(0, vector.naive.loaded - free);
    REQUIRE(input_wait == naive.waiting.input);
    REQUIRE(start - free - input_wait == naive.waiting.accumulator);

    const JobInput input = input_of(vector, twin);
    std::vector<Cycle> decided(static_cast<std::size_t>(twin.naive.groups), 99);
    JobMilestones job;
    if (twin.naive.mode == long_way::Mode::follower) {
      std::vector<Cycle> given;
      for (const auto cycle : vector.naive.decided) given.push_back(cycle - start);
      job = advance_lsb_job(plan, input, given);
    } else {
      job = advance_job(plan, input, decided);
    }
    if (twin.naive.mode == long_way::Mode::gated && twin.shape.lsb_slices == 0) {
      for (int g = 0; g < twin.naive.groups; ++g) {
        const auto at = static_cast<std::size_t>(g);
        REQUIRE(decided[at] == (vector.digits[at] == 0 ? 0 : naive.decided[at] - start));
      }
    }
    if (twin.naive.mode == long_way::Mode::collected && may_read_behind_gate(plan, input)) {
      const Cycle decision = job.complete + twin.naive.decision_delay + 1;
      const JobMilestones lsb = advance_collected_lsb(plan, input);
      job.counts.stall(Stall::gate) += decision - job.next_may_issue;
      job.counts += lsb.counts;
      job.next_may_issue = decision + lsb.next_may_issue;
      job.complete = decision + lsb.complete;
      job.lsb_reads += lsb.lsb_reads;
      job.conversions += lsb.conversions;
    }
    REQUIRE(start + job.next_may_issue == naive.next);
    REQUIRE(start + job.complete == naive.complete);
    REQUIRE(job.msb_reads == naive.msb_reads);
    REQUIRE(job.lsb_reads == naive.lsb_reads);
    REQUIRE(job.conversions == naive.conversions);
    require_equal_counts(job.counts, naive.counts);
    REQUIRE(job.counts.elapsed() == job.next_may_issue);
    free = start + job.next_may_issue;
    complete.push_back(start + job.complete);
  }
};

void compare_sequences(long_way::Mode mode, unsigned seed, int trials, bool gates_digits = false) {
  std::mt19937 random(seed);
  for (int trial = 0; trial < trials; ++trial) {
    Twin twin = random_twin(random, mode);
    twin.gates_digits = gates_digits;
    if (gates_digits) twin.shape.unit_column = twin.naive.unit_column = false;
    std::vector<TwinVector> vectors;
    std::vector<long_way::Vector> naive;
    Cycle loaded = 0;
    for (int v = pick(random, 1, 4); v > 0; --v) {
      vectors.push_back(random_vector(random, twin));
      if (pick(random, 0, 2) == 0) loaded += pick(random, 0, 300);
      vectors.back().naive.loaded = loaded;
      if (mode == long_way::Mode::follower) {
        // Gates decided in the order of the groups, some before this crossbar is free.
        Cycle decided = pick(random, 0, 1) == 0 ? loaded : loaded + pick(random, 0, 100);
        for (int g = 0; g < twin.naive.groups; ++g) {
          decided += pick(random, 0, 12);
          vectors.back().naive.decided.push_back(decided);
        }
      }
      naive.push_back(vectors.back().naive);
    }
    const auto outcomes = long_way::run(twin.naive, naive);
    Sequence sequence{plan_jobs(twin.shape), 0, {}};
    for (std::size_t v = 0; v < vectors.size(); ++v) sequence.run(twin, vectors[v], outcomes[v]);
  }
}

}  // namespace

TEST_CASE("ungated jobs equal the long way") { compare_sequences(long_way::Mode::ungated, 11, 1000); }
TEST_CASE("gated jobs equal the long way") { compare_sequences(long_way::Mode::gated, 12, 3000); }
TEST_CASE("jobs with a mask known beforehand equal the long way") {
  compare_sequences(long_way::Mode::prefixed, 13, 1000);
}
TEST_CASE("pruned jobs equal the long way") { compare_sequences(long_way::Mode::pruned, 14, 1000); }
TEST_CASE("jobs whose gates hold low digits back equal the long way") {
  compare_sequences(long_way::Mode::ungated, 18, 1000, true);
  compare_sequences(long_way::Mode::prefixed, 19, 1000, true);
  compare_sequences(long_way::Mode::collected, 20, 2000, true);
}
TEST_CASE("collected jobs equal the long way") { compare_sequences(long_way::Mode::collected, 15, 2000); }
TEST_CASE("LSB jobs of a separate crossbar equal the long way") {
  compare_sequences(long_way::Mode::follower, 16, 2000);
}

TEST_CASE("a separate pair equals the long way, mask and all") {
  std::mt19937 random(17);
  for (int trial = 0; trial < 1000; ++trial) {
    Twin msb = random_twin(random, long_way::Mode::gated);
    msb.shape.lsb_slices = msb.naive.lsb_slices = 0;
    Twin lsb = msb;
    lsb.naive.mode = long_way::Mode::follower;
    lsb.shape.msb_slices = lsb.naive.msb_slices = 0;
    lsb.shape.lsb_slices = lsb.naive.lsb_slices = pick(random, 1, 4);
    std::vector<TwinVector> vectors;
    std::vector<long_way::Vector> naive;
    for (int v = pick(random, 1, 4); v > 0; --v) {
      vectors.push_back(random_vector(random, msb));
      naive.push_back(vectors.back().naive);
    }
    const auto msb_outcomes = long_way::run(msb.naive, naive);
    for (std::size_t v = 0; v < vectors.size(); ++v) naive[v].decided = msb_outcomes[v].decided;
    const auto lsb_outcomes = long_way::run(lsb.naive, naive);
    Sequence msb_sequence{plan_jobs(msb.shape), 0, {}}, lsb_sequence{plan_jobs(lsb.shape), 0, {}};
    for (std::size_t v = 0; v < vectors.size(); ++v) {
      msb_sequence.run(msb, vectors[v], msb_outcomes[v]);
      vectors[v].naive.decided = naive[v].decided;
      lsb_sequence.run(lsb, vectors[v], lsb_outcomes[v]);
    }
  }
}

TEST_CASE("job speed", "[.speed]") {
  // 9 row groups, 2 output blocks, (4,4), 8 digits, half of the gates open.
  JobShape shape;
  shape.blocks = 2;
  shape.msb_slices = shape.lsb_slices = 4;
  shape.gate = GateTiming::local;
  shape.adcs = 16;
  shape.conversion_cycles = 1;
  shape.conversions = {16, 16};
  const JobPlan plan = plan_jobs(shape);
  std::mt19937 random(1);
  std::vector<std::uint8_t> digits;
  std::vector<std::uint64_t> open;
  for (int i = 0; i < 9 * 1024; ++i) {
    digits.push_back(static_cast<std::uint8_t>(pick(random, 4, 8)));
    open.push_back(random() & 3);
  }
  Cycle sum = 0;
  constexpr int rounds = 500;
  const std::clock_t start = std::clock();
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t v = 0; v < 1024; ++v) {
      sum += advance_job(plan, {std::span(digits).subspan(v * 9, 9), std::span(open).subspan(v * 9, 9), 1, 0}).complete;
    }
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  WARN(seconds / (rounds * 1024) * 1e9 << " ns per job of 9 groups");
  CHECK(sum > 0);
}
