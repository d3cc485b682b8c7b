// SPDX-License-Identifier: Apache-2.0
// One layer, cycle by cycle, by asking everybody in every cycle until nothing moves any more.
#include "slow_layer.h"

#include <map>
#include <optional>
#include <set>
#include <tuple>

using namespace cimcycle;

namespace slow_layer {
namespace {

using Known = std::optional<Cycle>;  // a cycle that is not known yet

struct Job {
  Known loaded, start, msb_complete, next, complete;
  std::vector<Cycle> decided;
  bool awaits = false;
};

struct Flight {  // one vector in one column
  Known operand_due, operand_at, entered, left, taken, decision;
  Cycle complete = 0;
};

class Layer {
 public:
  Layer(const LayerPlan& plan, const LayerTrace& trace, const MemoryWidths& widths, Cycle depth)
      : plan_(plan),
        trace_(trace),
        widths_(widths),
        depth_(depth),
        read_(widths),
        write_(widths, plan.tiles),
        jobs_(plan.crossbars.size(), std::vector<Job>(trace.vectors)),
        port_free_(plan.tiles, 0),
        flights_(plan.columns.size(), std::vector<Flight>(trace.vectors)),
        unit_free_(plan.tiles, 0) {}

  Outcome run() {
    for (now_ = 0; !all_taken(); ++now_) {
      do {
        while (starts() || gates() || trees()) {
        }
      } while (vector_units() || loads() || reads());
      count_cycle();
    }
    Outcome out = out_;
    out.cycles = write_.written();
    // From the last taken result on nothing but the write path moves.
    out.adder_trees.idle += static_cast<Cycle>(plan_.columns.size()) * (out.cycles - now_);
    Cycle crossbar_idle = plan_.unused_crossbars * out.cycles;
    for (const auto& jobs : jobs_) crossbar_idle += out.cycles - *jobs.back().next;
    out.crossbars.idle += crossbar_idle;
    Cycle free_after = 0;
    for (const Cycle free : unit_free_) free_after += out.cycles - std::max(free, now_);
    out.vector_units.idle += free_after;
    read_.finish(out.cycles, out.global_buffer, out.links);
    write_.finish(out.cycles, out.global_buffer, out.links);
    return out;
  }

 private:
  bool all_taken() const {
    for (const auto& flights : flights_) {
      if (!flights.back().taken) return false;
    }
    return true;
  }

  JobInput input_of(std::size_t x, int v) const {
    const CrossbarPlan& crossbar = plan_.crossbars[x];
    const int first = plan_.group_begin[crossbar.row], end = plan_.group_begin[crossbar.row + 1];
    JobInput input;
    const std::size_t at = static_cast<std::size_t>(v) * trace_.groups + first;
    input.digits = {trace_.digits.data() + at, static_cast<std::size_t>(end - first)};
    if (!trace_.low_digits.empty()) input.low_digits = {trace_.low_digits.data() + at, input.digits.size()};
    if (!trace_.open.empty()) {
      input.open = {trace_.open.data() + at * trace_.mask_words,
                    static_cast<std::size_t>(end - first) * trace_.mask_words};
    }
    input.mask_words = trace_.mask_words;
    input.first_block = crossbar.first_block;
    return input;
  }

  Cycle link(int tile, int other) const { return tile == other ? 0 : widths_.link_cycles; }

  // Crossbars whose vector is loaded, whose predecessor lets them and which have a bank.
  bool starts() {
    bool moved = false;
    for (std::size_t x = 0; x < jobs_.size(); ++x) {
      const CrossbarPlan& crossbar = plan_.crossbars[x];
      for (int v = 0; v < trace_.vectors; ++v) {
        Job& job = jobs_[x][v];
        if (job.start) continue;
        bool ready = job.loaded && *job.loaded + crossbar.sum_cycles <= now_;
        if (v > 0) ready = ready && jobs_[x][v - 1].next && *jobs_[x][v - 1].next <= now_;
        for (int c = crossbar.first_column; v >= 2 && c < crossbar.first_column + crossbar.columns; ++c) {
          ready = ready && flights_[c][v - 2].entered && *flights_[c][v - 2].entered <= now_;
        }
        if (!ready) break;
        job.start = now_;
        moved = true;
        begin(x, v);
        break;
      }
    }
    return moved;
  }

  void begin(std::size_t x, int v) {
    const CrossbarPlan& crossbar = plan_.crossbars[x];
    Job& job = jobs_[x][v];
    for (int c = crossbar.first_column; c < crossbar.first_column + crossbar.columns; ++c) {
      if (plan_.columns[c].operand_bits > 0 && !flights_[c][v].operand_due) flights_[c][v].operand_due = now_;
    }
    if (crossbar.follows) return;
    const JobPlan& plan = plan_.jobs[crossbar.job];
    job.decided.resize(input_of(x, v).digits.size());
    const JobMilestones done = advance_job(plan, input_of(x, v), job.decided);
    for (Cycle& cycle : job.decided) cycle += now_;
    const bool collected =
        plan.shape.msb_slices > 0 && plan_.columns[crossbar.first_column].gate == GateTiming::collected;
    job.msb_complete = now_ + done.complete;
    out_.crossbars += done.counts;
    int behind_gate = 0;
    for (const int digits : trace_.low_digits.empty() ? input_of(x, v).digits : input_of(x, v).low_digits) {
      behind_gate += digits;
    }
    if (collected && plan.shape.lsb_slices > 0 && behind_gate > 0) {
      job.awaits = true;
      msb_next_[{x, v}] = now_ + done.next_may_issue;
      return;
    }
    job.next = now_ + done.next_may_issue;
    job.complete = now_ + done.complete;
  }

  // Gates that are decided over all rows of a column, and LSB crossbars that follow gates.
  bool gates() {
    bool moved = false;
    const int rows = static_cast<int>(plan_.group_begin.size()) - 1;
    for (std::size_t c = 0; c < flights_.size(); ++c) {
      const ColumnPlan& column = plan_.columns[c];
      for (int v = 0; v < trace_.vectors && column.gate == GateTiming::collected; ++v) {
        if (flights_[c][v].decision) continue;
        Cycle sums = 0;
        bool all = true;
        for (int r = 0; r < rows; ++r) {
          const Job& job = jobs_[column.crossbars[r]][v];
          all = all && job.msb_complete;
          if (job.msb_complete) sums = std::max(sums, *job.msb_complete);
        }
        if (!all) break;
        flights_[c][v].decision = sums + column.decision_cycles + 1;
        moved = true;
        for (int r = 0; r < rows; ++r) {
          const std::size_t x = column.crossbars[r];
          Job& job = jobs_[x][v];
          if (!job.awaits) continue;
          const Cycle from = *flights_[c][v].decision + link(column.tile, plan_.crossbars[x].tile);
          const JobMilestones lsb = advance_collected_lsb(plan_.jobs[plan_.crossbars[x].job], input_of(x, v));
          out_.crossbars.stall(Stall::gate) += from - msb_next_.at({x, v});
          out_.crossbars += lsb.counts;
          job.next = from + lsb.next_may_issue;
          job.complete = from + lsb.complete;
        }
      }
    }
    for (std::size_t x = 0; x < jobs_.size(); ++x) {
      for (int v = 0; v < trace_.vectors && plan_.crossbars[x].follows; ++v) {
        if (jobs_[x][v].start && !jobs_[x][v].next && follow(x, v)) moved = true;
      }
    }
    return moved;
  }

  bool follow(std::size_t x, int v) {
    const CrossbarPlan& crossbar = plan_.crossbars[x];
    Job& job = jobs_[x][v];
    const JobInput input = input_of(x, v);
    std::vector<Cycle> decided(input.digits.size(), 0);
    bool has_digits = false;
    for (const int digits : input.digits) has_digits = has_digits || digits > 0;
    for (int c = crossbar.first_column; has_digits && c < crossbar.first_column + crossbar.columns; ++c) {
      const ColumnPlan& column = plan_.columns[c];
      const int msb = column.crossbars[crossbar.row];
      if (column.gate == GateTiming::none) continue;
      if (column.gate == GateTiming::collected ? !flights_[c][v].decision : !jobs_[msb][v].next) return false;
      for (std::size_t g = 0; g < decided.size(); ++g) {
        const Cycle known = column.gate == GateTiming::collected
                                ? *flights_[c][v].decision + link(column.tile, crossbar.tile)
                                : jobs_[msb][v].decided[g] + link(plan_.crossbars[msb].tile, crossbar.tile);
        decided[g] = std::max(decided[g], known - *job.start);
      }
    }
    const JobMilestones done = advance_lsb_job(plan_.jobs[crossbar.job], input, decided);
    out_.crossbars += done.counts;
    job.next = *job.start + done.next_may_issue;
    job.complete = *job.start + done.complete;
    return true;
  }

  bool trees() {
    bool moved = false;
    for (std::size_t c = 0; c < flights_.size(); ++c) {
      auto& flights = flights_[c];
      const ColumnPlan& column = plan_.columns[c];
      for (int v = 0; v < trace_.vectors; ++v) {
        if (flights[v].left) continue;
        if (!flights[v].entered) break;
        const bool register_free = v == 0 || flights[v - 1].taken;
        if (!register_free || now_ < *flights[v].entered + column.tree_cycles) break;
        flights[v].left = now_;
        moved = true;
      }
      for (int v = 0; v < trace_.vectors; ++v) {
        if (flights[v].entered) continue;
        bool ready = v == 0 || (flights[v - 1].entered && *flights[v - 1].entered < now_);
        for (const int x : column.crossbars) ready = ready && jobs_[x][v].complete && *jobs_[x][v].complete <= now_;
        int inside = 0;
        for (int u = 0; u < v; ++u) inside += flights[u].entered && !flights[u].left;
        if (column.tree_cycles == 0)
          ready = ready && (v == 0 || flights[v - 1].taken);
        else
          ready = ready && inside < column.tree_cycles;
        if (!ready) break;
        flights[v].entered = now_;
        if (column.tree_cycles == 0) flights[v].left = now_;
        moved = true;
        break;
      }
    }
    return moved;
  }

  // First come first served, ties by (vector, column).
  bool vector_units() {
    bool moved = false;
    for (int tile = 0; tile < plan_.tiles; ++tile) {
      if (unit_free_[tile] > now_) continue;
      std::set<std::tuple<Cycle, int, int>> ready;
      for (std::size_t c = 0; c < flights_.size(); ++c) {
        if (plan_.columns[c].tile != tile) continue;
        for (int v = 0; v < trace_.vectors; ++v) {
          const Flight& flight = flights_[c][v];
          if (flight.taken || !flight.left) continue;
          if (plan_.columns[c].operand_bits > 0 && !(flight.operand_at && *flight.operand_at <= now_)) continue;
          ready.insert({std::max(*flight.left, flight.operand_at.value_or(0)), v, static_cast<int>(c)});
        }
      }
      if (ready.empty()) continue;
      const auto [at, v, c] = *ready.begin();
      flights_[c][v].taken = now_;
      const Cycle end = now_ + plan_.columns[c].vector_unit_cycles;
      const Cycle sent = write_.send(tile, end + depth_, plan_.columns[c].result_bits);
      unit_free_[tile] = std::max(end, sent - depth_);
      out_.vector_units.busy += end - now_;
      out_.vector_units.stall(Stall::link) += unit_free_[tile] - end;
      moved = true;
    }
    return moved;
  }

  // First come first served, ties by (vector, crossbar row).
  bool loads() {
    bool moved = false;
    for (int tile = 0; tile < plan_.tiles; ++tile) {
      if (port_free_[tile] > now_) continue;
      std::set<std::tuple<Cycle, int, int, std::size_t>> waiting;
      for (std::size_t i = 0; i < plan_.loads.size(); ++i) {
        const LoadPlan& load = plan_.loads[i];
        if (load.tile != tile) continue;
        int v = 0;
        while (v < trace_.vectors && jobs_[load.crossbars[0]][v].loaded) ++v;
        if (v == trace_.vectors) continue;
        Cycle asked = 0;
        bool ready = true;
        for (const int x : load.crossbars) {
          if (v == 0) continue;
          ready = ready && jobs_[x][v - 1].start;
          if (ready) asked = std::max(asked, *jobs_[x][v - 1].start);
        }
        const int needed = plan_.window.needed[v];
        ready = ready && static_cast<int>(arrivals_.size()) >= needed;
        if (ready && needed > 0) asked = std::max(asked, arrivals_[needed - 1]);
        if (ready && asked <= now_) waiting.insert({asked, v, load.row, i});
      }
      if (waiting.empty()) continue;
      const auto [asked, v, row, i] = *waiting.begin();
      port_free_[tile] = now_ + plan_.loads[i].cycles;
      out_.load_cycles += plan_.loads[i].cycles;
      for (const int x : plan_.loads[i].crossbars) jobs_[x][v].loaded = port_free_[tile];
      moved = true;
    }
    return moved;
  }

  int held() const {
    int released = 0;
    for (int v = 0; v < trace_.vectors; ++v) {
      for (const auto& jobs : jobs_) {
        if (!jobs[v].loaded || *jobs[v].loaded > now_) return count_kept() - released;
      }
      released += plan_.window.freed[v];
    }
    return count_kept() - released;
  }
  int count_kept() const {
    int kept = 0;
    for (std::size_t i = 0; i < arrivals_.size(); ++i) kept += plan_.window.kept[i];
    return kept;
  }

  bool reads() {
    if (read_.free_at() > now_) return false;
    const std::size_t sent = arrivals_.size();
    const bool left = sent < static_cast<std::size_t>(plan_.window.positions);
    std::set<std::tuple<Cycle, int, int>> operands;
    for (std::size_t c = 0; c < flights_.size(); ++c) {
      for (int v = 0; v < trace_.vectors; ++v) {
        const Flight& flight = flights_[c][v];
        if (flight.operand_due && !flight.operand_at) operands.insert({*flight.operand_due, v, static_cast<int>(c)});
      }
    }
    const bool fits = left && (plan_.window.kept[sent] == 0 || held() < plan_.window_capacity);
    if (operands.empty() && !fits) return false;
    if (left) read_.blocked_until(now_);
    if (!operands.empty()) {
      const auto [due, v, c] = *operands.begin();
      flights_[c][v].operand_at = read_.fetch(now_, plan_.columns[c].operand_bits);
    } else {
      arrivals_.push_back(read_.fetch(now_, plan_.window.position_bits));
    }
    return true;
  }

  // What crossbars, trees and vector units did in this cycle, as far as they do not know it in advance.
  void count_cycle() {
    for (std::size_t x = 0; x < jobs_.size(); ++x) {
      const auto& jobs = jobs_[x];
      for (std::size_t v = 0; v < jobs.size(); ++v) {
        if (jobs[v].start) continue;
        if (v > 0 && !(jobs[v - 1].next && *jobs[v - 1].next <= now_)) break;
        const bool loaded = jobs[v].loaded && *jobs[v].loaded + plan_.crossbars[x].sum_cycles <= now_;
        ++out_.crossbars.stall(loaded ? Stall::accumulator : Stall::input);
        break;
      }
    }
    for (std::size_t c = 0; c < flights_.size(); ++c) {
      const ColumnPlan& column = plan_.columns[c];
      bool adding = false, blocked = false;
      for (int v = 0; v < trace_.vectors; ++v) {
        const Flight& flight = flights_[c][v];
        blocked = blocked || (flight.left && !flight.taken);
        adding = adding || (flight.entered && !flight.left);
        if (column.gate == GateTiming::collected && flight.decision) {
          adding = adding || (now_ >= *flight.decision - 1 - column.decision_cycles && now_ < *flight.decision - 1);
        }
      }
      if (blocked)
        ++out_.adder_trees.stall(Stall::buffer);
      else
        ++(adding ? out_.adder_trees.busy : out_.adder_trees.idle);
    }
    for (int tile = 0; tile < plan_.tiles; ++tile) {
      if (unit_free_[tile] > now_) continue;
      // Waiting for an operand: results are there, but not all that one of them needs.
      bool result = false;
      for (std::size_t c = 0; c < flights_.size(); ++c) {
        if (plan_.columns[c].tile != tile) continue;
        for (const Flight& flight : flights_[c]) result = result || (flight.left && !flight.taken);
      }
      if (result)
        ++out_.vector_units.stall(Stall::input);
      else
        ++out_.vector_units.idle;
    }
  }

  const LayerPlan& plan_;
  const LayerTrace& trace_;
  const MemoryWidths widths_;
  const Cycle depth_;
  ReadPath read_;
  WritePath write_;
  std::vector<std::vector<Job>> jobs_;        // [crossbar][vector]
  std::vector<Cycle> port_free_;              // [tile]
  std::vector<std::vector<Flight>> flights_;  // [column][vector]
  std::vector<Cycle> unit_free_;              // [tile]
  std::vector<Cycle> arrivals_;
  std::map<std::pair<std::size_t, int>, Cycle> msb_next_;
  Outcome out_;
  Cycle now_ = 0;
};

}  // namespace

Outcome run(const LayerPlan& plan, const LayerTrace& trace, const MemoryWidths& widths, Cycle vector_unit_depth) {
  return Layer(plan, trace, widths, vector_unit_depth).run();
}

}  // namespace slow_layer
