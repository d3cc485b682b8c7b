// SPDX-License-Identifier: Apache-2.0
// Text as a cell of a comma-separated table.
#pragma once

#include <string>

namespace cimcycle {

/// The text, in quotes if a comma, a quote or a line break makes them necessary (RFC 4180).
std::string csv_text(const std::string& text);

}  // namespace cimcycle
