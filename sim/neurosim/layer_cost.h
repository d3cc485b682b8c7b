// SPDX-License-Identifier: Apache-2.0
// Latency and energy of one layer on the chip. Model: docs/models/neurosim.md, "Layers".
#pragma once

#include "neurosim/columns.h"
#include "neurosim/floorplan.h"
#include "neurosim/hierarchy.h"
#include "neurosim/tally.h"

namespace cimcycle::neurosim {

/// Leakage of adder trees as their last use left it; the first pass over the layers (clock) leaves its traces too.
struct TreeLeakage {
  double pe[2] = {};  ///< by kind of tile: conventional, novel
  double accumulation[2] = {};
};

struct LayerCost {
  Tally tally;
  double tile_leakage_w = 0;  ///< of one tile of the layer, with the trees as they were last used
};

class LayerCosts {
 public:
  LayerCosts(const Setup& setup, const Ticks& ticks, const Floorplan& plan, const Hierarchy& hierarchy,
             const NeurosimTrace& trace, PlaneSumCache& sums)
      : setup_(setup), ticks_(ticks), plan_(plan), h_(hierarchy), trace_(trace), sums_(sums) {}

  /// Walks over all layers as the pass that finds the clock does: it leaves leakages behind, nothing else.
  void clock_pass();
  /// Layers must be asked for in order.
  LayerCost cost(std::size_t layer);

 private:
  /// A rectangle of the weight matrix on a processing element.
  struct Part {
    std::int64_t row = 0;
    std::int64_t col = 0;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    bool empty() const { return rows <= 0 || cols <= 0; }
  };
  struct PeCopies {
    int rows = 1;
    int cols = 1;
  };

  Tally crossbar(std::size_t index, const Slice& slice);
  Tally pe(std::size_t index, const Part& part, PeCopies copies);
  Tally novel_tile(std::size_t index, int x, int y);
  Tally conventional_tile(std::size_t index, const Part& part);
  Tally tile(std::size_t index, int x, int y);
  void add_accumulation(Tally& tally, bool novel, int inputs, double events, bool use_leakage);
  void add_tile_traffic(Tally& tally, const TileModel& tile, double input_bits, double output_bits) const;
  void add_global_bus(const LayerPlan& place, double out, double in, Tally& tally) const;
  void add_chip(std::size_t index, Tally& tally) const;
  double planes(const LayerPlan& place) const { return static_cast<double>(place.vectors) * setup_.input_bits; }

  const Setup& setup_;
  const Ticks& ticks_;
  const Floorplan& plan_;
  const Hierarchy& h_;
  const NeurosimTrace& trace_;
  PlaneSumCache& sums_;
  TreeLeakage leakage_;
  bool clock_pass_ = false;
};

}  // namespace cimcycle::neurosim
