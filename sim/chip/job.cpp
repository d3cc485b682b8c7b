// SPDX-License-Identifier: Apache-2.0
// The closed form of a crossbar job: one pass over its row groups, no loop over reads. docs/models/time.md
#include "chip/job.h"

#include <array>
#include <bit>
#include <numeric>

#include "base/error.h"

namespace cimcycle {
namespace {

// Up to 64 bits of the group's mask, from block `begin` of the crossbar on.
std::uint64_t mask_bits(const JobInput& input, int group, int begin, int count) {
  const std::uint64_t* words = input.open.data() + static_cast<std::size_t>(group) * input.mask_words;
  const int bit = input.first_block + begin;
  const int shift = bit % 64;
  std::uint64_t bits = words[bit / 64] >> shift;
  if (shift + count > 64) bits |= words[bit / 64 + 1] << (64 - shift);
  return count == 64 ? bits : bits & ((std::uint64_t{1} << count) - 1);
}

// Adds the blocks of 64 mask bits, from block `begin` on.
void add_blocks(const JobPlan& plan, int begin, std::uint64_t bits, BlockSet& set) {
  if (bits == 0) return;
  const int count = std::popcount(bits);
  if (set.count == 0) set.first = begin + std::countr_zero(bits);
  set.last = begin + 63 - std::countl_zero(bits);
  set.count += count;
  set.cycles += count * plan.read_cycles[0];
  set.columns += count * std::int64_t{plan.shape.conversions[0]};
  for (const JobPlan::OddBlock& odd : plan.odd_blocks) {
    if (odd.block < begin || odd.block >= begin + 64 || (bits >> (odd.block - begin) & 1) == 0) continue;
    set.cycles += odd.more_cycles;
    set.columns += odd.more_columns;
  }
}

// More blocks than this and a table over their masks would cost more than it saves.
constexpr int most_blocks_in_table = 8;

// Blocks of one row group whose gate is open.
BlockSet open_blocks(const JobPlan& plan, const JobInput& input, int group) {
  if (!plan.by_mask.empty()) return plan.by_mask[mask_bits(input, group, 0, plan.shape.blocks)];
  BlockSet open;
  for (int begin = 0; begin < plan.shape.blocks; begin += 64) {
    add_blocks(plan, begin, mask_bits(input, group, begin, std::min(64, plan.shape.blocks - begin)), open);
  }
  return open;
}

// The reads of one digit of a step: MSB slices of some blocks and LSB slices of some blocks.
struct DigitReads {
  std::int64_t msb = 0, lsb = 0;
  Cycle cycles = 0;
  std::int64_t columns = 0;
  Cycle last_read = 0;  // conversion cycles of the last read
};

DigitReads digit_reads(const JobPlan& plan, int msb_slices, const BlockSet& msb, int lsb_slices, const BlockSet& lsb) {
  DigitReads reads;
  reads.msb = std::int64_t{msb_slices} * msb.count;
  reads.lsb = std::int64_t{lsb_slices} * lsb.count;
  reads.cycles = msb_slices * msb.cycles + lsb_slices * lsb.cycles;
  reads.columns = msb_slices * msb.columns + lsb_slices * lsb.columns;
  if (reads.msb + reads.lsb > 0) {
    reads.last_read = plan.read_cycles[static_cast<std::size_t>(reads.msb > 0 ? msb.last : lsb.last)];
  }
  if (plan.shape.unit_column && reads.msb > 0) {
    const Cycle more = plan.unit_cycles[static_cast<std::size_t>(msb.first)];
    reads.cycles += more;
    reads.columns += 1;
    if (reads.msb + reads.lsb == 1) reads.last_read += more;
  }
  return reads;
}

// Digits of the LSB reads, per row group.
std::span<const std::uint8_t> digits_behind_gate(const JobInput& input) {
  return input.low_digits.empty() ? input.digits : input.low_digits;
}
int behind_gate(const JobInput& input, int group) { return digits_behind_gate(input)[static_cast<std::size_t>(group)]; }

std::int64_t sum_of(std::span<const std::uint8_t> digits) {
  return std::accumulate(digits.begin(), digits.end(), std::int64_t{0});
}

// A job under way: the first cycle in which the next read may issue, and what happened before.
class Progress {
 public:
  explicit Progress(const JobPlan& plan) : sample_and_hold_(plan.shape.sample_and_hold) {}

  Cycle now() const { return now_; }
  bool has_reads() const { return job_.msb_reads + job_.lsb_reads > 0; }

  // A step: the reads of one digit as often as there are digits.
  void issue(const DigitReads& reads, std::int64_t digits) {
    count(reads, digits);
    if (digits > 0 && reads.cycles > 0) pass(digits * reads.cycles, reads.last_read);
  }
  // The two halves of issue: what is read, and the time that it takes.
  void count(const DigitReads& reads, std::int64_t digits) {
    job_.msb_reads += digits * reads.msb;
    job_.lsb_reads += digits * reads.lsb;
    job_.conversions += digits * reads.columns;
  }
  void pass(Cycle cycles, Cycle last_read) {
    now_ += cycles;
    last_read_ = last_read;
  }

  void wait_for_gate(Cycle until) {
    job_.counts.stall(Stall::gate) += until - now_;
    now_ = until;
  }

  // Ends the job. `undecided_until`: until this cycle a gate is open whose partner could be read here, so something is
  // still to come; `gates_known`: the cycle after the last comparison.
  JobMilestones finish(Cycle undecided_until, Cycle gates_known) {
    if (!has_reads() && undecided_until <= 0) {
      job_.counts.idle = 1;
      job_.next_may_issue = 1;
      job_.complete = std::max<Cycle>(1, gates_known);
      return job_;
    }
    account_conversions(undecided_until);
    const Cycle shift_add_ended = has_reads() ? now_ + 1 : 0;
    if (undecided_until > now_) wait_for_gate(undecided_until);
    job_.next_may_issue = now_;
    job_.complete = std::max({shift_add_ended, undecided_until, gates_known});
    return job_;
  }

 private:
  // With sample-and-hold a read is busy in its first cycle alone. Then the ADCs convert: a stall for all reads but the
  // last, because that one follows; for the last one only while something may follow.
  void account_conversions(Cycle undecided_until) {
    const Cycle converting = now_ - job_.counts.stall(Stall::gate);
    const std::int64_t reads = job_.msb_reads + job_.lsb_reads;
    if (!sample_and_hold_ || reads == 0) {
      job_.counts.busy = converting;
      return;
    }
    const Cycle tail = last_read_ - 1;
    const Cycle stalled = std::clamp<Cycle>(undecided_until - (now_ - tail), 0, tail);
    job_.counts.busy = reads;
    job_.counts.stall(Stall::adc) = converting - reads - tail + stalled;
    job_.counts.idle = tail - stalled;
  }

  bool sample_and_hold_;
  Cycle now_ = 0;
  Cycle last_read_ = 0;
  JobMilestones job_;
};

// From the end of a group's MSB reads (the cycle after its last conversion cycle e): shift-add e+1, compare e+2, known
// and partner may issue e+3.
constexpr Cycle gate_latency = 2;

// No waiting inside: one step per row group over whatever is read of it.
JobMilestones advance_straight(const JobPlan& plan, const JobInput& input, std::span<Cycle> decided) {
  const JobShape& shape = plan.shape;
  const int groups = static_cast<int>(input.digits.size());
  Progress job(plan);
  const BlockSet& all = plan.all;
  const bool msb_steps_only = shape.gate == GateTiming::local || shape.gate == GateTiming::collected;
  const bool masked = shape.msb_masked || (shape.gate == GateTiming::beforehand && shape.lsb_slices > 0);
  Cycle gates_known = 0;
  if (!masked && shape.gate != GateTiming::local) {
    // Low digits come after the high ones; the sums do not depend on the order of row groups and digits.
    const int lsb_slices = msb_steps_only ? 0 : shape.lsb_slices;
    const bool apart = !input.low_digits.empty();
    job.issue(digit_reads(plan, shape.msb_slices, all, apart ? 0 : lsb_slices, all), sum_of(input.digits));
    if (apart) job.issue(digit_reads(plan, 0, all, lsb_slices, all), sum_of(input.low_digits));
  } else if (!masked) {
    const DigitReads reads = digit_reads(plan, shape.msb_slices, all, 0, all);
    for (int group = 0; group < groups; ++group) {
      const int digits = input.digits[static_cast<std::size_t>(group)];
      if (digits > 0) {
        job.issue(reads, digits);
        gates_known = job.now() + gate_latency;
      }
      if (!decided.empty()) decided[static_cast<std::size_t>(group)] = digits > 0 ? gates_known : 0;
    }
  } else {
    for (int group = 0; group < groups; ++group) {
      const int digits = input.digits[static_cast<std::size_t>(group)];
      const bool apart = !input.low_digits.empty();
      if (digits == 0 && behind_gate(input, group) == 0) continue;
      const BlockSet open = open_blocks(plan, input, group);
      const BlockSet& msb = shape.msb_masked ? open : all;
      job.issue(digit_reads(plan, shape.msb_slices, msb, apart ? 0 : shape.lsb_slices, open), digits);
      if (apart) job.issue(digit_reads(plan, 0, open, shape.lsb_slices, open), behind_gate(input, group));
    }
  }
  // Without a high digit there is nothing to read before the decision.
  if (shape.gate == GateTiming::collected && !job.has_reads() && may_read_behind_gate(plan, input)) return {};
  // The MSB reads of a collected job are followed by LSB reads unless everything is closed, which is not known yet.
  const bool more_to_come = shape.gate == GateTiming::collected && job.has_reads() && may_read_behind_gate(plan, input);
  return job.finish(more_to_come ? job.now() : 0, gates_known);
}

// The LSB steps that wait for their gate or their turn. Never more than 3: an MSB step starts only while none of them
// is decided, and a gate is decided gate_latency cycles after its step, of which each takes a cycle at least.
class PendingSteps {
 public:
  struct Step {
    Cycle known = 0;
    Cycle cycles = 0;
    Cycle last_read = 0;
  };
  bool empty() const { return first_ == end_; }
  const Step& front() const { return steps_[first_ & 3]; }
  void push(const Step& step) { steps_[end_++ & 3] = step; }
  void pop() { ++first_; }

 private:
  std::array<Step, 4> steps_;
  unsigned first_ = 0, end_ = 0;
};

// Local gates with their partners on this crossbar: at each step boundary the lowest decided partner that has reads,
// else the next MSB step, else a wait. Gates are decided in the order of the groups, so partners queue in that order.
JobMilestones advance_gated(const JobPlan& plan, const JobInput& input) {
  const JobShape& shape = plan.shape;
  const int groups = static_cast<int>(input.digits.size());
  Progress job(plan);
  const DigitReads msb = digit_reads(plan, shape.msb_slices, plan.all, 0, plan.all);
  DigitReads lsb;  // of all groups
  std::int64_t msb_digits = 0;
  PendingSteps pending;
  Cycle undecided_until = 0;
  for (int group = 0; group < groups; ++group) {
    const int digits = input.digits[static_cast<std::size_t>(group)];
    if (digits == 0) continue;
    for (; !pending.empty() && pending.front().known <= job.now(); pending.pop()) {
      job.pass(pending.front().cycles, pending.front().last_read);
    }
    job.pass(digits * msb.cycles, msb.last_read);
    msb_digits += digits;
    undecided_until = job.now() + gate_latency;
    const BlockSet open = open_blocks(plan, input, group);
    if (open.count == 0) continue;
    const std::int64_t slices = std::int64_t{digits} * shape.lsb_slices;
    lsb.lsb += slices * open.count;
    lsb.columns += slices * open.columns;
    pending.push({undecided_until, slices * open.cycles, plan.read_cycles[static_cast<std::size_t>(open.last)]});
  }
  for (; !pending.empty(); pending.pop()) {
    if (pending.front().known > job.now()) job.wait_for_gate(pending.front().known);
    job.pass(pending.front().cycles, pending.front().last_read);
  }
  job.count(msb, msb_digits);
  job.count(lsb, 1);
  return job.finish(undecided_until, undecided_until);
}

Cycle rounds(int columns, const JobShape& shape) {
  return Cycle{(columns + shape.adcs - 1) / shape.adcs} * shape.conversion_cycles;
}

}  // namespace

JobPlan plan_jobs(JobShape shape) {
  if (shape.adcs < 1 || shape.conversion_cycles < 1) {
    fail_input("crossbar: {} ADCs of {} cycles a conversion; both must be at least 1", shape.adcs,
               shape.conversion_cycles);
  }
  if (shape.blocks < 1 || static_cast<std::size_t>(shape.blocks) != shape.conversions.size()) {
    fail_input("crossbar: {} output blocks with {} column counts; there must be one per block", shape.blocks,
               shape.conversions.size());
  }
  if (shape.msb_masked && shape.gate != GateTiming::none) {
    fail_input("crossbar: MSB reads are masked only where no gate decides at run time");
  }
  JobPlan plan;
  for (const int columns : shape.conversions) {
    if (columns < 1) fail_input("crossbar: an output block converts {} columns; it must convert at least 1", columns);
    const Cycle cycles = rounds(columns, shape);
    const int block = static_cast<int>(plan.read_cycles.size());
    plan.read_cycles.push_back(cycles);
    plan.unit_cycles.push_back(rounds(columns + 1, shape) - cycles);
    plan.all.cycles += cycles;
    plan.all.columns += columns;
    if (columns != shape.conversions[0]) {
      plan.odd_blocks.push_back({block, cycles - plan.read_cycles[0], columns - shape.conversions[0]});
    }
  }
  plan.all.count = shape.blocks;
  plan.all.last = shape.blocks - 1;
  plan.shape = std::move(shape);
  if (plan.shape.blocks <= most_blocks_in_table) {
    plan.by_mask.resize(std::size_t{1} << plan.shape.blocks);
    for (std::size_t mask = 0; mask < plan.by_mask.size(); ++mask) add_blocks(plan, 0, mask, plan.by_mask[mask]);
  }
  return plan;
}

JobMilestones advance_job(const JobPlan& plan, const JobInput& input, std::span<Cycle> decided) {
  if (plan.shape.gate == GateTiming::local && plan.shape.lsb_slices > 0) return advance_gated(plan, input);
  return advance_straight(plan, input, decided);
}

JobMilestones advance_lsb_job(const JobPlan& plan, const JobInput& input, std::span<const Cycle> decided) {
  const int groups = static_cast<int>(input.digits.size());
  Progress job(plan);
  Cycle undecided_until = 0;
  for (int group = 0; group < groups; ++group) {
    const int digits = input.digits[static_cast<std::size_t>(group)];
    if (digits == 0) continue;
    undecided_until = std::max(undecided_until, decided[static_cast<std::size_t>(group)]);
    const BlockSet open = open_blocks(plan, input, group);
    if (open.count == 0) continue;
    if (decided[static_cast<std::size_t>(group)] > job.now())
      job.wait_for_gate(decided[static_cast<std::size_t>(group)]);
    job.issue(digit_reads(plan, 0, open, plan.shape.lsb_slices, open), digits);
  }
  return job.finish(undecided_until, undecided_until);
}

bool may_read_behind_gate(const JobPlan& plan, const JobInput& input) {
  return plan.shape.lsb_slices > 0 && sum_of(digits_behind_gate(input)) > 0;
}

JobMilestones advance_collected_lsb(const JobPlan& plan, const JobInput& input) {
  const int groups = static_cast<int>(input.digits.size());
  Progress job(plan);
  for (int group = 0; group < groups; ++group) {
    const int digits = behind_gate(input, group);
    if (digits == 0) continue;
    const BlockSet open = open_blocks(plan, input, group);
    if (open.count > 0) job.issue(digit_reads(plan, 0, open, plan.shape.lsb_slices, open), digits);
  }
  return job.has_reads() ? job.finish(0, 0) : JobMilestones{};
}

}  // namespace cimcycle
