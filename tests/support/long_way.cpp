// SPDX-License-Identifier: Apache-2.0
// One crossbar, cycle by cycle.
#include "long_way.h"

#include <deque>

namespace long_way {
namespace {

struct Read {
  int group, digit, block, slice;
  bool lsb;
  bool unit;  // converts the unit column, too
};

class Machine {
 public:
  Machine(const Crossbar& crossbar, const std::vector<Vector>& vectors) : x_(crossbar), vectors_(vectors) {}

  std::vector<Outcome> run() {
    for (std::size_t v = 0; v < vectors_.size(); ++v) run_vector(v);
    return outcomes_;
  }

 private:
  bool reads_lsb_behind_gate() const {
    return x_.lsb_slices > 0 && (x_.mode == Mode::gated || x_.mode == Mode::collected || x_.mode == Mode::follower);
  }

  // All reads of a row group: the MSB step, the LSB step, or both as one step.
  std::vector<Read> reads_of(const Vector& vector, int group, bool msb, bool lsb) const {
    std::vector<Read> reads;
    if (vector.low_digits.empty()) {
      add_reads(vector, group, vector.digits[group], msb, lsb, reads);
    } else {
      add_reads(vector, group, vector.digits[group], msb, false, reads);
      add_reads(vector, group, vector.low_digits[group], false, lsb, reads);
    }
    return reads;
  }

  void add_reads(const Vector& vector, int group, int digits, bool msb, bool lsb, std::vector<Read>& reads) const {
    for (int digit = digits - 1; digit >= 0; --digit) {
      bool unit = x_.unit_column;
      for (int block = 0; block < static_cast<int>(x_.columns.size()); ++block) {
        const bool open = x_.mode == Mode::ungated || vector.open[group][block];
        if (msb && (x_.mode != Mode::pruned || open)) {
          for (int slice = 0; slice < x_.msb_slices; ++slice) {
            reads.push_back({group, digit, block, slice, false, unit});
            unit = false;
          }
        }
        if (lsb && open) {
          for (int slice = 0; slice < x_.lsb_slices; ++slice)
            reads.push_back({group, digit, block, slice, true, false});
        }
      }
    }
  }

  int digits_behind_gate(const Vector& vector, int group) const {
    return vector.low_digits.empty() ? vector.digits[group] : vector.low_digits[group];
  }

  void run_vector(std::size_t v) {
    const Vector& vector = vectors_[v];
    Outcome out;
    out.decided.assign(x_.groups, 0);
    // Waiting to start.
    while (now_ < vector.loaded || (v >= 2 && now_ < outcomes_[v - 2].complete)) {
      ++(now_ < vector.loaded ? out.waiting.input : out.waiting.accumulator);
      ++now_;
    }
    out.start = now_;

    const bool split = reads_lsb_behind_gate();
    const bool has_msb_step = x_.mode != Mode::follower;
    std::vector<bool> msb_done(x_.groups, !has_msb_step), lsb_done(x_.groups, !split);
    std::vector<std::int64_t> known(x_.groups, -1);  // first cycle in which a partner may issue; -1: not compared yet
    std::int64_t last_action = -1;                   // shift-adds and comparisons
    std::int64_t collected_known = -1;
    std::deque<Read> step;
    int reads_issued = 0;
    bool first_reads = false, later_reads = false;
    for (int g = 0; g < x_.groups; ++g) {
      // Nothing of it takes a cycle.
      const bool one_step = !split && digits_behind_gate(vector, g) > 0;
      if (vector.digits[g] == 0 && !one_step) msb_done[g] = true;
      if (digits_behind_gate(vector, g) == 0) lsb_done[g] = true;
      if (vector.digits[g] > 0 && x_.mode == Mode::follower) known[g] = vector.decided[g];
      first_reads = first_reads || vector.digits[g] > 0;
      later_reads = later_reads || digits_behind_gate(vector, g) > 0;
    }
    // The sums of high digits that are all 0 are known at once.
    if (x_.mode == Mode::collected && split && !first_reads && later_reads) {
      collected_known = now_ + x_.decision_delay + 1;
      last_action = collected_known - 1;
    }

    auto is_decided = [&](int g) {
      if (x_.mode == Mode::collected) return collected_known >= 0 && now_ >= collected_known;
      return msb_done[g] && known[g] != -1 && now_ >= known[g];
    };
    auto is_undecided_partner = [&](int g) {
      if (!split || digits_behind_gate(vector, g) == 0) return false;
      if (x_.mode == Mode::follower) return now_ < vector.decided[g];
      return !is_decided(g);
    };
    auto partner_reads = [&](int g) { return reads_of(vector, g, false, true); };
    // What an onlooker knows in this cycle: a read that will certainly follow, or a gate that may let one follow.
    auto still_to_come = [&] {
      if (!step.empty()) return true;
      for (int g = 0; g < x_.groups; ++g) {
        if (!msb_done[g] && !reads_of(vector, g, true, !split).empty()) return true;
        if (is_undecided_partner(g)) return true;
        if (!lsb_done[g] && is_decided_or_given(is_decided, g, vector) && !partner_reads(g).empty()) return true;
      }
      return false;
    };

    for (;; ++now_) {
      bool issued = false;
      if (now_ >= adc_free_) {
        if (step.empty()) choose_step(vector, split, msb_done, lsb_done, is_decided, step);
        if (!step.empty()) {
          const Read read = step.front();
          step.pop_front();
          issued = true;
          ++reads_issued;
          const int columns = x_.columns[read.block] + (read.unit ? 1 : 0);
          int rounds = 0;
          for (int left = columns; left > 0; left -= x_.adcs) ++rounds;
          adc_free_ = now_ + rounds * x_.conversion_cycles;
          const std::int64_t end = adc_free_ - 1;
          last_action = std::max(last_action, end + 1);  // shift-add
          out.conversions += columns;
          ++(read.lsb ? out.lsb_reads : out.msb_reads);
          if (!read.lsb && step.empty() && x_.mode == Mode::gated) {
            known[read.group] = end + 3;
            out.decided[read.group] = end + 3;
            last_action = std::max(last_action, end + 2);  // comparison
          }
          // A decision that nothing waits for is not waited for.
          if (!read.lsb && x_.mode == Mode::collected && split && later_reads) {
            bool msb_left = !step.empty();
            for (int g = 0; g < x_.groups; ++g) msb_left = msb_left || !msb_done[g];
            if (!msb_left) {
              collected_known = end + 1 + x_.decision_delay + 1 + 1;
              last_action = std::max(last_action, collected_known - 1);
            }
          }
        }
      }
      if (issued) {
        ++out.counts.busy;
      } else if (now_ < adc_free_) {
        if (!x_.sample_and_hold)
          ++out.counts.busy;
        else if (still_to_come())
          ++out.counts.adc;
        else
          ++out.counts.idle;
      } else if (still_to_come()) {
        ++out.counts.gate;
      } else {
        break;
      }
    }
    if (x_.mode == Mode::follower) {
      for (int g = 0; g < x_.groups; ++g) {
        if (vector.digits[g] > 0) last_action = std::max(last_action, vector.decided[g] - 1);
      }
    }
    if (reads_issued == 0 && now_ == out.start) {
      ++out.counts.idle;
      ++now_;
      last_action = std::max(last_action, out.start);
    }
    out.next = now_;
    out.complete = last_action + 1;
    outcomes_.push_back(out);
  }

  template <class IsDecided>
  bool is_decided_or_given(IsDecided& is_decided, int g, const Vector& vector) const {
    return x_.mode == Mode::follower ? now_ >= vector.decided[g] : is_decided(g);
  }

  template <class IsDecided>
  void choose_step(const Vector& vector, bool split, std::vector<bool>& msb_done, std::vector<bool>& lsb_done,
                   IsDecided& is_decided, std::deque<Read>& step) {
    if (split) {
      for (int g = 0; g < x_.groups; ++g) {
        if (lsb_done[g] || !is_decided_or_given(is_decided, g, vector)) continue;
        lsb_done[g] = true;
        for (const Read& read : reads_of(vector, g, false, true)) step.push_back(read);
        if (!step.empty()) return;
      }
    }
    for (int g = 0; g < x_.groups; ++g) {
      if (msb_done[g]) continue;
      msb_done[g] = true;
      const bool joint = x_.mode == Mode::ungated || x_.mode == Mode::prefixed;
      for (const Read& read : reads_of(vector, g, true, joint)) step.push_back(read);
      if (!step.empty()) return;
    }
  }

  const Crossbar& x_;
  const std::vector<Vector>& vectors_;
  std::vector<Outcome> outcomes_;
  std::int64_t now_ = 0;
  std::int64_t adc_free_ = 0;
};

}  // namespace

std::vector<Outcome> run(const Crossbar& crossbar, const std::vector<Vector>& vectors) {
  return Machine(crossbar, vectors).run();
}

}  // namespace long_way
