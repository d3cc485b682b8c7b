// SPDX-License-Identifier: Apache-2.0
// The logits of a run as a NumPy file.
#pragma once

#include <string>

#include "replay/run_result.h"

namespace cimcycle {

/// The bytes of an .npy file (format 1.0): int64, little-endian, shape [images][classes].
std::string logits_npy(const RunResult& result);

}  // namespace cimcycle
