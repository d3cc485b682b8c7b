// SPDX-License-Identifier: Apache-2.0
// A layer's crossbars: when a job may start, who waits for whose gates, and where its sums go.
#include <algorithm>
#include <cassert>

#include "chip/layer_run.h"

namespace cimcycle {

LayerRun::Passage& LayerRun::passage(int column, int vector) {
  return columns_[static_cast<std::size_t>(column)].passages[static_cast<std::size_t>(vector & passage_mask_)];
}

JobInput LayerRun::input_of(int crossbar, int vector) const {
  const CrossbarPlan& plan = plan_.crossbars[static_cast<std::size_t>(crossbar)];
  const auto row = static_cast<std::size_t>(plan.row);
  const int first_group = plan_.group_begin[row];
  const auto groups = static_cast<std::size_t>(plan_.group_begin[row + 1] - first_group);
  const std::size_t at = static_cast<std::size_t>(vector) * static_cast<std::size_t>(trace_.groups) +
                         static_cast<std::size_t>(first_group);
  JobInput input;
  input.digits = std::span(trace_.digits).subspan(at, groups);
  if (!trace_.low_digits.empty()) input.low_digits = std::span(trace_.low_digits).subspan(at, groups);
  if (plan_.masks_needed) {
    const auto words = static_cast<std::size_t>(trace_.mask_words);
    input.open = std::span(trace_.open).subspan(at * words, groups * words);
  }
  input.mask_words = trace_.mask_words;
  input.first_block = plan.first_block;
  return input;
}

void LayerRun::count(int crossbar, const JobMilestones& job) {
  const CrossbarPlan& plan = plan_.crossbars[static_cast<std::size_t>(crossbar)];
  time_.msb_reads += job.msb_reads;
  time_.lsb_reads += job.lsb_reads;
  time_.adc_busy += job.conversions * plan_.jobs[static_cast<std::size_t>(plan.job)].shape.conversion_cycles;
}

void LayerRun::try_start(int index) {
  const CrossbarPlan& plan = plan_.crossbars[static_cast<std::size_t>(index)];
  Crossbar& crossbar = crossbars_[static_cast<std::size_t>(index)];
  Load& load = loads_[static_cast<std::size_t>(plan.load)];
  const int vector = crossbar.started;
  if (crossbar.finished < vector || load.loaded <= vector) return;
  Cycle bank_free = 0;
  for (int c = plan.first_column; vector >= 2 && c < plan.first_column + plan.columns; ++c) {
    if (columns_[static_cast<std::size_t>(c)].entered < vector - 1) return;
    bank_free = std::max(bank_free, passage(c, vector - 2).entered);
  }
  const Cycle ready = load.loaded_at + plan.sum_cycles;
  crossbar.start = std::max({crossbar.station.free_at(), ready, bank_free});
  assert(crossbar.start >= now());
  crossbar.station.stall_until(ready, Stall::input);
  crossbar.station.stall_until(crossbar.start, Stall::accumulator);
  ++crossbar.started;
  // The register of the load group is free when the last of its crossbars has started.
  load.register_free = std::max(load.register_free, crossbar.start);
  if (++load.started == static_cast<int>(plan_.loads[static_cast<std::size_t>(plan.load)].crossbars.size())) {
    want_load(plan.load);
  }
  start_job(index);
}

void LayerRun::start_job(int index) {
  const CrossbarPlan& plan = plan_.crossbars[static_cast<std::size_t>(index)];
  Crossbar& crossbar = crossbars_[static_cast<std::size_t>(index)];
  const int vector = crossbar.started - 1;
  const int column = plan.first_column;
  for (int c = column; c < column + plan.columns; ++c) ask_operand(c, vector, crossbar.start);
  if (plan.follows) return try_follow(index);

  const ColumnPlan& column_plan = plan_.columns[static_cast<std::size_t>(column)];
  const JobInput input = input_of(index, vector);
  const JobPlan& job_plan = plan_.jobs[static_cast<std::size_t>(plan.job)];
  const bool is_msb = job_plan.shape.msb_slices > 0;
  if (is_msb && column_plan.gate == GateTiming::collected) {
    const JobMilestones msb = advance_job(job_plan, input);
    if (may_read_behind_gate(job_plan, input)) {
      count(index, msb);
      crossbar.station.record(msb.counts);
      crossbar.awaits_decision = true;
    } else {
      finish_job(index, msb, crossbar.start);
    }
    return msb_sums_ready(column, vector, crossbar.start + msb.complete);
  }
  if (!is_msb || column_plan.gate == GateTiming::none || column_plan.followers.empty()) {
    return finish_job(index, advance_job(job_plan, input), crossbar.start);
  }
  std::vector<Cycle>& decided = crossbar.decided[static_cast<std::size_t>(vector & 1)];
  decided.resize(input.digits.size());
  const JobMilestones job = advance_job(job_plan, input, decided);
  for (Cycle& cycle : decided) cycle += crossbar.start;
  finish_job(index, job, crossbar.start);
  for (const int follower : column_plan.followers) {
    if (plan_.crossbars[static_cast<std::size_t>(follower)].row == plan.row) try_follow(follower);
  }
}

// An LSB crossbar takes its vector over as soon as it can; its course is known when the gates of its row groups are.
void LayerRun::try_follow(int index) {
  const CrossbarPlan& plan = plan_.crossbars[static_cast<std::size_t>(index)];
  const Crossbar& crossbar = crossbars_[static_cast<std::size_t>(index)];
  if (crossbar.started == crossbar.finished) return;
  const int vector = crossbar.finished;
  const JobInput input = input_of(index, vector);
  follower_decided_.assign(input.digits.size(), crossbar.start);  // decided before: may issue at once
  const bool has_reads = std::any_of(input.digits.begin(), input.digits.end(), [](auto digits) { return digits > 0; });
  for (int c = plan.first_column; has_reads && c < plan.first_column + plan.columns; ++c) {
    const ColumnPlan& column = plan_.columns[static_cast<std::size_t>(c)];
    if (column.gate == GateTiming::collected) {
      if (columns_[static_cast<std::size_t>(c)].decided <= vector) return;
      const Cycle known = passage(c, vector).decision + link_between(column.tile, plan.tile);
      for (Cycle& cycle : follower_decided_) cycle = std::max(cycle, known);
    } else if (column.gate == GateTiming::local) {
      const auto msb = static_cast<std::size_t>(column.crossbars[static_cast<std::size_t>(plan.row)]);
      if (crossbars_[msb].finished <= vector) return;
      const Cycle link = link_between(plan_.crossbars[msb].tile, plan.tile);
      const std::vector<Cycle>& decided = crossbars_[msb].decided[static_cast<std::size_t>(vector & 1)];
      for (std::size_t g = 0; g < decided.size(); ++g) {
        follower_decided_[g] = std::max(follower_decided_[g], decided[g] + link);
      }
    }
  }
  for (Cycle& cycle : follower_decided_) cycle -= crossbar.start;
  finish_job(index, advance_lsb_job(plan_.jobs[static_cast<std::size_t>(plan.job)], input, follower_decided_),
             crossbar.start);
}

void LayerRun::finish_job(int index, const JobMilestones& job, Cycle origin) {
  const CrossbarPlan& plan = plan_.crossbars[static_cast<std::size_t>(index)];
  Crossbar& crossbar = crossbars_[static_cast<std::size_t>(index)];
  const int vector = crossbar.finished;
  count(index, job);
  ++time_.jobs;
  crossbar.station.record(job.counts);
  ++crossbar.finished;
  for (int c = plan.first_column; c < plan.first_column + plan.columns; ++c) {
    Passage& passage = this->passage(c, vector);
    passage.complete = std::max(passage.complete, origin + job.complete);
    if (++passage.sums == static_cast<int>(plan_.columns[static_cast<std::size_t>(c)].crossbars.size())) {
      advance_column(c);
    }
  }
  try_start(index);
}

void LayerRun::msb_sums_ready(int column, int vector, Cycle at) {
  Passage& passage = this->passage(column, vector);
  passage.msb_complete = std::max(passage.msb_complete, at);
  const auto rows = plan_.group_begin.size() - 1;
  if (++passage.msb_sums == static_cast<int>(rows)) decide(column, vector);
}

// The last addition is in the cycle before msb_complete + decision_cycles, the comparison in that cycle, the mask's way
// on one tile in it, too.
void LayerRun::decide(int index, int vector) {
  const ColumnPlan& column = plan_.columns[static_cast<std::size_t>(index)];
  Passage& passage = this->passage(index, vector);
  const Cycle decision = passage.msb_complete + column.decision_cycles + 1;
  passage.decision = decision;
  columns_[static_cast<std::size_t>(index)].decided = vector + 1;
  for (const int x : column.crossbars) {
    Crossbar& crossbar = crossbars_[static_cast<std::size_t>(x)];
    if (!crossbar.awaits_decision || crossbar.finished != vector) continue;
    const CrossbarPlan& plan = plan_.crossbars[static_cast<std::size_t>(x)];
    const Cycle known = decision + link_between(column.tile, plan.tile);
    crossbar.awaits_decision = false;
    crossbar.station.stall_until(known, Stall::gate);
    finish_job(x, advance_collected_lsb(plan_.jobs[static_cast<std::size_t>(plan.job)], input_of(x, vector)), known);
  }
  for (const int follower : column.followers) try_follow(follower);
}

}  // namespace cimcycle
