// SPDX-License-Identifier: Apache-2.0
// A log in the form that NeuroSim prints, with numbers that name their place.
#pragma once

#include <string>

namespace cimcycle::test {

/// Two layers and a summary; a pipelined run words its summary differently.
std::string sample_log(bool pipelined = false, bool clocked = true);

}  // namespace cimcycle::test
