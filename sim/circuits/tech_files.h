// SPDX-License-Identifier: Apache-2.0
// Finding the description that a hardware file names: a file of a shipped folder, or a path.
#pragma once

#include <filesystem>
#include <string_view>

namespace cimcycle {

/// "22nm-lstp" in "tech/nodes" is tech/nodes/22nm-lstp.json; a name that ends in .json is a path of its own.
/// Throws InputError that names `asked_by`, the name and the nearest file of the folder.
std::filesystem::path find_tech_file(std::string_view folder, std::string_view name, std::string_view asked_by);

}  // namespace cimcycle
