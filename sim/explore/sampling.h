// SPDX-License-Identifier: Apache-2.0
// Which combinations of axis values a sweep looks at.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "explore/sweep.h"

namespace cimcycle {

/// One value per key, axis by axis in the order of the sweep, keys in the order of their axis.
using Settings = std::vector<nlohmann::json>;

/// Grid: all combinations, the first axis changing slowest. Random: `points` independent draws. Latin hypercube (M. D.
/// McKay, R. J. Beckman, W. J. Conover, Technometrics 21(2), 1979): each axis is cut into `points` equal parts, and
/// each part is used once, in an order drawn per axis. A function of the sampling's seed alone. Constraints are not
/// looked at. Throws InputError for more than 100,000 points.
std::vector<Settings> draw_settings(const Sweep& sweep);

}  // namespace cimcycle
