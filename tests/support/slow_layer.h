// SPDX-License-Identifier: Apache-2.0
// A layer moved forward cycle by cycle: in each cycle every component is asked what it can do. It checks the wiring of
// events (who waits for whom, nothing wakes late); jobs, windows and memory paths are the product's, tested elsewhere.
#pragma once

#include "chip/layer_plan.h"
#include "chip/memory_path.h"
#include "crossbar/layer_trace.h"

namespace slow_layer {

struct Outcome {
  cimcycle::Cycle cycles = 0;
  cimcycle::CycleCounts crossbars, adder_trees, vector_units;
  cimcycle::Cycle load_cycles = 0;
  cimcycle::CycleCounts global_buffer, links;
};

Outcome run(const cimcycle::LayerPlan& plan, const cimcycle::LayerTrace& trace, const cimcycle::MemoryWidths& widths,
            cimcycle::Cycle vector_unit_depth);

}  // namespace slow_layer
