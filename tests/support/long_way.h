// SPDX-License-Identifier: Apache-2.0
// The long way: one crossbar moved forward cycle by cycle, one read at a time, with every shift-add and comparison as
// an entry in a list. Slow and plain on purpose; it shares no code with sim/chip and is what the closed form must
// equal.
#pragma once

#include <cstdint>
#include <vector>

namespace long_way {

enum class Mode {
  ungated,    // one step per row group over all slices
  gated,      // own gate per row group; the LSB slices (if any) are read behind it
  prefixed,   // the mask is known: MSB reads of all blocks, LSB reads of the open ones, one step per row group
  pruned,     // the mask is known: MSB reads of the open blocks only
  collected,  // MSB steps, then a decision for all row groups at once, then LSB steps
  follower,   // LSB reads only; the gates are decided elsewhere, in given cycles
};

struct Crossbar {
  Mode mode = Mode::ungated;
  int groups = 0;
  int msb_slices = 0, lsb_slices = 0;
  std::vector<int> columns;  // per block
  int adcs = 1, conversion_cycles = 1;
  bool sample_and_hold = false, unit_column = false;
  std::int64_t decision_delay = 0;  // collected: cycles between the last shift-add and the comparison
};

struct Vector {
  std::vector<int> digits;              // per row group
  std::vector<int> low_digits;          // of the LSB reads, if they have digits of their own (digit gating)
  std::vector<std::vector<bool>> open;  // [row group][block]
  std::vector<std::int64_t> decided;    // follower: per row group, first cycle in which its reads may issue
  std::int64_t loaded = 0;              // first cycle in which the vector is in the input register
};

struct Counts {
  std::int64_t busy = 0, gate = 0, adc = 0, input = 0, accumulator = 0, idle = 0;
  bool operator==(const Counts&) const = default;
};

struct Outcome {
  std::int64_t start = 0, next = 0, complete = 0;
  Counts counts;   // of the cycles [start, next)
  Counts waiting;  // of the cycles between the predecessor's `next` and `start`
  std::int64_t msb_reads = 0, lsb_reads = 0, conversions = 0;
  std::vector<std::int64_t> decided;  // gated: per row group, first cycle in which a partner may issue (0: no digits)
};

// Runs the vectors one after the other on one crossbar with two accumulator banks.
std::vector<Outcome> run(const Crossbar& crossbar, const std::vector<Vector>& vectors);

}  // namespace long_way
