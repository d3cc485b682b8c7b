// SPDX-License-Identifier: Apache-2.0
// The fixed part of a layer's timing: its crossbars, columns and load groups, and the job plan of each.
#pragma once

#include <vector>

#include "chip/input_window.h"
#include "chip/job.h"
#include "chip/layer_time.h"

namespace cimcycle {

/// One crossbar that takes part in the run.
struct CrossbarPlan {
  int row = 0;           ///< crossbar row: which row groups it holds
  int tile = 0;          ///< counted from the layer's first tile
  int load = 0;          ///< index of its load group
  int first_column = 0;  ///< columns that its sums go to: one for an MSB crossbar
  int columns = 0;
  int first_block = 0;   ///< of the layer
  bool follows = false;  ///< LSB crossbar that waits for gates decided elsewhere
  int job = 0;           ///< index in LayerPlan::jobs
  Cycle sum_cycles = 0;  ///< gate on inputs: from the end of a load until all its row groups are decided
};

/// A crossbar column of the MSB grid, its adder tree, and what its vectors need behind it.
struct ColumnPlan {
  int tile = 0;                ///< tile of its first crossbar: adder tree and vector unit
  std::vector<int> crossbars;  ///< all that feed its adder tree; the first row_crossbars of them are its MSB crossbars
  std::vector<int> followers;  ///< LSB crossbars that wait for its gates
  Cycle tree_cycles = 0;       ///< from a vector's last sum to the tree's output register
  Cycle decision_cycles = 0;   ///< collected gates: from the last MSB sum to the comparison
  GateTiming gate = GateTiming::none;  ///< local or collected where its gates decide reads, else none
  Cycle vector_unit_cycles = 0;
  std::int64_t operand_bits = 0;  ///< of the residual, 0 without one
  std::int64_t result_bits = 0;
};

/// Crossbars of one crossbar row on one tile: a read of the tile buffer goes to all of them.
struct LoadPlan {
  int tile = 0;
  int row = 0;
  Cycle cycles = 0;
  std::vector<int> crossbars;
};

struct LayerPlan {
  InputWindow window;
  int window_capacity = 0;  ///< positions that a tile buffer holds
  int tiles = 0;
  int unused_crossbars = 0;      ///< LSB crossbars that the treatment never reads
  std::vector<int> group_begin;  ///< row groups of crossbar row x: [group_begin[x], group_begin[x + 1])
  std::vector<JobPlan> jobs;     ///< per crossbar column of the MSB grid, then of the LSB grid
  std::vector<CrossbarPlan> crossbars;
  std::vector<ColumnPlan> columns;
  std::vector<LoadPlan> loads;
  bool masks_needed = false;  ///< LayerTrace::open is read
};

/// Works out the plan. Throws InputError if the layer's window does not fit a tile buffer.
LayerPlan plan_layer(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, const TimingSpec& spec,
                     GateTreatment treatment);

}  // namespace cimcycle
