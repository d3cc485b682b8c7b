// SPDX-License-Identifier: Apache-2.0
// Which reads of a layer were issued. Sums and gates do not depend on the row policy, nor on which crossbars hold the
// output blocks; what was issued does. So one reading serves every chip that differs in nothing else.
#pragma once

#include "crossbar/layer_reader.h"

namespace cimcycle {

/// Sets reading.stats and reading.trace.digits to what a chip with this mapping and row policy issues. The mapping must
/// have the row groups and output blocks that the layer was packed with; their crossbars may differ.
void count_issued(const PackedLayer& layer, const LayerMapping& mapping, RowPolicy row_policy, LayerReading& reading);

}  // namespace cimcycle
