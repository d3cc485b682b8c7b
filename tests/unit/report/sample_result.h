// SPDX-License-Identifier: Apache-2.0
// A small result made by hand, with one layer of each sort that a report treats differently.
#pragma once

#include "replay/run_result.h"

namespace cimcycle {

/// conv1: (8,0), no gate. block1.conv2_with_a_long_name: (4,4), gate max/ou. pool. fc: (2,0) in pruning mode.
RunResult sample_result();

/// The same run without a gate and without timed images.
RunResult untimed_result();

}  // namespace cimcycle
