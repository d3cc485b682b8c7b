// SPDX-License-Identifier: Apache-2.0
// JSON text that a person can read: what is short stands on one line, the rest one member per line.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace cimcycle {

/// The value as text with a newline at its end. Arrays without arrays or objects in them stay on one line.
std::string tidy_json(const nlohmann::ordered_json& value);

}  // namespace cimcycle
