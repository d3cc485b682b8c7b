// SPDX-License-Identifier: Apache-2.0
// The program's version, as the build system knows it.
#pragma once

#include <string_view>

namespace cimcycle {

/// "MAJOR.MINOR.PATCH"; stands in reports and behind --version.
std::string_view program_version();

}  // namespace cimcycle
