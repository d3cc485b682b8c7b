// SPDX-License-Identifier: Apache-2.0
// Crossbar jobs whose cycles were worked out by hand, and their closed forms.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "chip/job.h"

using namespace cimcycle;

namespace {

JobShape flash(int msb_slices, int lsb_slices, GateTiming gate) {
  JobShape shape;
  shape.blocks = 1;
  shape.msb_slices = msb_slices;
  shape.lsb_slices = lsb_slices;
  shape.gate = gate;
  shape.adcs = 16;
  shape.conversion_cycles = 1;
  shape.conversions = {16};
  return shape;
}

JobShape sar(JobShape shape, bool sample_and_hold) {
  shape.adcs = 2;
  shape.conversion_cycles = 6;
  shape.sample_and_hold = sample_and_hold;
  return shape;
}

// Every group has `digits` digits; bit g of `mask`: group g's only block is open.
struct Vector {
  std::vector<std::uint8_t> digits;
  std::vector<std::uint64_t> open;
  Vector(int groups, int digits_per_group, unsigned mask)
      : digits(static_cast<std::size_t>(groups), static_cast<std::uint8_t>(digits_per_group)) {
    for (int g = 0; g < groups; ++g) open.push_back(mask >> g & 1);
  }
  JobInput input() const { return {digits, open, 1, 0}; }
};

struct Pair {
  JobMilestones msb, lsb;
};

Pair run_separate(const JobShape& msb_shape, const JobShape& lsb_shape, const Vector& vector) {
  std::vector<Cycle> decided(vector.digits.size());
  const JobMilestones msb = advance_job(plan_jobs(msb_shape), vector.input(), decided);
  return {msb, advance_lsb_job(plan_jobs(lsb_shape), vector.input(), decided)};
}

}  // namespace

TEST_CASE("hand case: two row groups, (2,2), two digits, flash ADCs") {
  const JobPlan plan = plan_jobs(flash(2, 2, GateTiming::local));
  struct Expected {
    unsigned mask;
    Cycle complete, next, busy, gate;
  };
  for (const Expected& e : {Expected{3, 17, 16, 16, 0}, Expected{1, 13, 12, 12, 0}, Expected{2, 15, 14, 12, 2},
                            Expected{0, 10, 10, 8, 2}}) {
    const Vector vector(2, 2, e.mask);
    const JobMilestones job = advance_job(plan, vector.input());
    CHECK(job.complete == e.complete);
    CHECK(job.next_may_issue == e.next);
    CHECK(job.counts.busy == e.busy);
    CHECK(job.counts.stall(Stall::gate) == e.gate);
    CHECK(job.counts.elapsed() == e.next);
    CHECK(job.msb_reads == 8);
    CHECK(job.lsb_reads == e.busy - 8);
  }
}

TEST_CASE("hand case: separate crossbars") {
  const auto msb_shape = flash(2, 0, GateTiming::local), lsb_shape = flash(0, 2, GateTiming::local);
  const Pair both = run_separate(msb_shape, lsb_shape, Vector(2, 2, 3));
  CHECK(both.msb.next_may_issue == 8);
  CHECK(both.msb.complete == 10);
  CHECK(both.lsb.complete == 15);  // r0 in 6-9, r1 in 10-13, last shift-add in 14
  CHECK(both.lsb.next_may_issue == 14);
  CHECK(both.lsb.counts.stall(Stall::gate) == 6);
  const Pair none = run_separate(msb_shape, lsb_shape, Vector(2, 2, 0));
  CHECK(none.lsb.next_may_issue == 10);
  CHECK(none.lsb.counts.stall(Stall::gate) == 10);

  const Pair slow = run_separate(sar(msb_shape, false), sar(lsb_shape, false), Vector(2, 2, 3));
  CHECK(slow.lsb.complete == 579);
}

TEST_CASE("hand case: two SAR ADCs of 6 cycles, with and without sample-and-hold") {
  for (const bool sample_and_hold : {false, true}) {
    const JobPlan plan = plan_jobs(sar(flash(2, 2, GateTiming::local), sample_and_hold));
    const Cycle expected[] = {386, 577, 579, 769};  // none, r0, r1, both
    for (unsigned mask = 0; mask < 4; ++mask) {
      const JobMilestones job = advance_job(plan, Vector(2, 2, mask).input());
      CHECK(job.complete == expected[mask]);
      CHECK(job.counts.elapsed() == job.next_may_issue);
      CHECK(job.counts.busy ==
            (sample_and_hold ? job.msb_reads + job.lsb_reads : 48 * (job.msb_reads + job.lsb_reads)));
    }
    if (sample_and_hold) {
      // The last read's 47 further conversion cycles are idle where nothing may follow, a stall where a gate is open.
      CHECK(advance_job(plan, Vector(2, 2, 3).input()).counts.idle == 47);
      const JobMilestones none = advance_job(plan, Vector(2, 2, 0).input());
      CHECK(none.counts.idle == 0);
      CHECK(none.counts.stall(Stall::adc) == 8 * 47);
      CHECK(none.counts.stall(Stall::gate) == 2);
    }
  }
}

TEST_CASE("closed form: period and latency follow from the run of open groups before the last one") {
  for (int groups = 1; groups <= 10; ++groups) {
    for (const int slices : {1, 2}) {
      const JobPlan plan = plan_jobs(flash(slices, slices, GateTiming::local));
      const int digits = 2;  // steps of at least 2 reads
      for (unsigned mask = 0; mask < 1u << groups; ++mask) {
        const JobMilestones job = advance_job(plan, Vector(groups, digits, mask).input());
        const Cycle reads = digits * slices * (groups + __builtin_popcount(mask));
        int run = 0;
        for (int g = groups - 2; g >= 0 && (mask >> g & 1) != 0; --g) ++run;
        const bool last_open = (mask >> (groups - 1) & 1) != 0;
        REQUIRE(job.msb_reads + job.lsb_reads == reads);
        REQUIRE(job.next_may_issue == (run % 2 == 1 ? reads : reads + 2));
        REQUIRE(job.complete == (run % 2 == 1 ? reads + 1 : reads + 2 + (last_open ? 1 : 0)));
      }
      const JobMilestones ungated =
          advance_job(plan_jobs(flash(slices, slices, GateTiming::none)), Vector(groups, digits, 0).input());
      REQUIRE(ungated.next_may_issue == 2 * digits * slices * groups);
      REQUIRE(ungated.complete == ungated.next_may_issue + 1);
    }
  }
}

TEST_CASE("same against separate crossbars: 8 row groups, (4,4), 8 digits") {
  const Vector all(8, 8, 255);
  CHECK(advance_job(plan_jobs(flash(4, 4, GateTiming::none)), all.input()).complete == 513);
  const auto msb_shape = flash(4, 0, GateTiming::local), lsb_shape = flash(0, 4, GateTiming::local);
  CHECK(run_separate(msb_shape, lsb_shape, all).lsb.complete == 291);

  // At 90 % skipped, the mean over all masks.
  const JobPlan same = plan_jobs(flash(4, 4, GateTiming::local));
  double mean_same = 0, mean_separate = 0;
  for (unsigned mask = 0; mask < 256; ++mask) {
    const int open = __builtin_popcount(mask);
    const double weight = std::pow(0.1, open) * std::pow(0.9, 8 - open);
    const Vector vector(8, 8, mask);
    mean_same += weight * static_cast<double>(advance_job(same, vector.input()).complete);
    const Pair pair = run_separate(msb_shape, lsb_shape, vector);
    mean_separate += weight * static_cast<double>(std::max(pair.msb.complete, pair.lsb.complete));
  }
  CHECK(std::floor(mean_same) == 283);  // 256 + 0.8 x 32, and up to 2 cycles of waiting for the last gate
  CHECK(std::lround(mean_separate) == 261);
}

TEST_CASE("closing a gate never costs time with flash ADCs and steps of at least 2 reads") {
  for (int groups = 1; groups <= 8; ++groups) {
    const JobPlan plan = plan_jobs(flash(2, 2, GateTiming::local));
    for (unsigned mask = 0; mask < 1u << groups; ++mask) {
      for (int g = 0; g < groups; ++g) {
        if ((mask >> g & 1) == 0) continue;
        const auto open = advance_job(plan, Vector(groups, 2, mask).input());
        const auto closed = advance_job(plan, Vector(groups, 2, mask & ~(1u << g)).input());
        REQUIRE(closed.complete <= open.complete);
        REQUIRE(closed.next_may_issue <= open.next_may_issue);
      }
    }
  }
}

TEST_CASE("a vector without a read takes one idle cycle") {
  const Vector nothing(3, 0, 7);
  for (const GateTiming gate : {GateTiming::none, GateTiming::local, GateTiming::collected, GateTiming::beforehand}) {
    const JobMilestones job = advance_job(plan_jobs(flash(2, 2, gate)), nothing.input());
    CHECK(job.next_may_issue == 1);
    CHECK(job.complete == 1);
    CHECK(job.counts.idle == 1);
    CHECK(job.counts.elapsed() == 1);
  }
  CHECK(advance_collected_lsb(plan_jobs(flash(2, 2, GateTiming::collected)), nothing.input()).complete == 0);
  // An LSB crossbar whose gates were all decided before: one idle cycle; still to be decided: it waits, no cycle more.
  const JobPlan lsb = plan_jobs(flash(0, 2, GateTiming::local));
  const Vector closed(3, 2, 0);
  const std::vector<Cycle> early = {-9, -5, 0}, late = {-9, -5, 4};
  CHECK(advance_lsb_job(lsb, closed.input(), early).next_may_issue == 1);
  CHECK(advance_lsb_job(lsb, closed.input(), early).counts.idle == 1);
  CHECK(advance_lsb_job(lsb, closed.input(), late).next_may_issue == 4);
  CHECK(advance_lsb_job(lsb, closed.input(), late).counts.stall(Stall::gate) == 4);
}

TEST_CASE("pruning mode: complete waits for the gates, the next vector does not") {
  const JobMilestones job = advance_job(plan_jobs(flash(2, 0, GateTiming::local)), Vector(2, 2, 1).input());
  CHECK(job.next_may_issue == 8);
  CHECK(job.complete == 10);
  JobShape masked = flash(2, 0, GateTiming::none);
  masked.msb_masked = true;
  const JobMilestones known = advance_job(plan_jobs(masked), Vector(2, 2, 1).input());
  CHECK(known.next_may_issue == 4);
  CHECK(known.complete == 5);
}

TEST_CASE("unit column: the first MSB read of each digit converts one more column") {
  JobShape shape = flash(2, 1, GateTiming::none);
  shape.unit_column = true;
  const JobMilestones flash_job = advance_job(plan_jobs(shape), Vector(1, 3, 1).input());
  CHECK(flash_job.next_may_issue == 3 * (2 + 1 + 1));  // 17 columns on 16 ADCs: two rounds
  CHECK(flash_job.conversions == 3 * (17 + 16 + 16));
  shape.adcs = 17;
  CHECK(advance_job(plan_jobs(shape), Vector(1, 3, 1).input()).next_may_issue == 9);
}

TEST_CASE("impossible shapes are refused") {
  JobShape shape = flash(1, 1, GateTiming::none);
  shape.adcs = 0;
  CHECK_THROWS_AS(plan_jobs(shape), InputError);
  shape = flash(1, 1, GateTiming::none);
  shape.blocks = 2;
  CHECK_THROWS_AS(plan_jobs(shape), InputError);
  shape = flash(1, 0, GateTiming::local);
  shape.msb_masked = true;
  CHECK_THROWS_AS(plan_jobs(shape), InputError);
  shape = flash(1, 1, GateTiming::none);
  shape.conversions = {0};
  CHECK_THROWS_AS(plan_jobs(shape), InputError);
}
