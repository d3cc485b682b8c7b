// SPDX-License-Identifier: Apache-2.0
// What the program ships with, for messages and for arguments that name it.
#pragma once

#include <string>
#include <string_view>

#include "base/files.h"

namespace cimcycle {

/// "tech/chips/a.json, tech/chips/b.json": what lies in a shipped folder and ends like this (all folders if `ending` is
/// empty), in alphabetical order; "none found" if there is nothing.
std::string shipped_names(std::string_view folder, std::string_view ending);

}  // namespace cimcycle
