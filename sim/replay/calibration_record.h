// SPDX-License-Identifier: Apache-2.0
// For which hardware a network was calibrated, and whether a run has the same.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "hardware/hardware.h"
#include "network/network.h"

namespace cimcycle {

/// The parts of a hardware description on which thresholds, steps and masks depend, as {"ou.rows": 16, ...}.
nlohmann::json calibration_keys(const Hardware& hardware);

/// One line per key in which `hardware` differs from what the network was calibrated for; empty if none or if the
/// network was not calibrated.
std::vector<std::string> calibration_warnings(const Network& network, const Hardware& hardware);

}  // namespace cimcycle
