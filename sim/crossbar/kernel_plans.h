// SPDX-License-Identifier: Apache-2.0
// A packed layer as the kernels see it: plain numbers and pointers into the layer, which must outlive them.
#pragma once

#include "crossbar/packed_layer.h"

namespace cimcycle {

PathPlan plan_of(const PackedLayer& layer, const PackedPath& path);
InputPlan input_plan_of(const PackedLayer& layer);
GatePlan gate_plan_of(const PackedLayer& layer);

}  // namespace cimcycle
