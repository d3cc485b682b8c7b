// SPDX-License-Identifier: Apache-2.0
// Rows of analog pass gates at the edge of the cell array. Model: docs/models/circuits.md, "Column multiplexer".
#pragma once

#include "circuits/array.h"
#include "circuits/gates.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// Height of `gates_per_column` gates per bitline, folded to the width that a row of them leaves, m.
double pass_gate_rows_height(const TechNode& node, const CellArray& array, const DeviceWidths& devices,
                             int gates_per_column);

}  // namespace cimcycle
