// SPDX-License-Identifier: Apache-2.0
// Temporary names for writing files and folders; used inside this folder only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cimcycle::staging {

/// Creates a file that did not exist, fills it, brings it to the disk. Throws RunError and leaves no file behind.
/// `shown` is the name that stands in messages.
void write_new_file(const std::filesystem::path& path, std::string_view bytes, const std::filesystem::path& shown);

/// A name in `folder` that nothing has yet: ".NAME.PID-N.tmp".
std::filesystem::path unused_name(const std::filesystem::path& folder, const std::string& name);

/// Whether `path` is such a name for what is to become `folder`.
bool is_unused_name(const std::filesystem::path& path, const std::filesystem::path& folder);

/// The folder that holds `path`, "." for a bare name.
std::filesystem::path parent_of(const std::filesystem::path& path);

}  // namespace cimcycle::staging
