// SPDX-License-Identifier: Apache-2.0
// Reading whole files and writing them atomically; finding what the program ships with (tech/, models/).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cimcycle {

/// A path as it stands in a message: whole, control characters escaped, so that it stays on one line.
std::string shown_path(const std::filesystem::path& path);

/// The bytes of a regular file. Throws InputError if it is missing, not a regular file, not readable or larger than
/// `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::uintmax_t max_bytes = std::uintmax_t{1} << 32);

/// Writes to a temporary name beside `path` and renames, so that a reader sees the old file or the whole new one.
/// Throws RunError (disk full, folder not writable), InputError if something else than a file has that name.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Writes a folder of files so that it appears whole or not at all: a temporary folder beside it is filled and renamed.
/// The keys of `files` are plain names without a folder. Missing parent folders are made.
///
/// An existing folder is replaced file by file, once all new bytes are on the disk, and only if it holds nothing but
/// files named in `files` or in `may_replace` (names of an earlier result, separated by spaces); anything else in it is
/// an InputError, nothing is touched. Files named in `may_replace` alone are removed.
void write_folder_atomically(const std::filesystem::path& folder, const std::map<std::string, std::string>& files,
                             std::string_view may_replace = {});

/// Checks before a long run that `folder` can be created or replaced, by making a temporary folder where
/// write_folder_atomically would make its own. With `may_hold` (names separated by spaces, those of folders end in a
/// slash) an existing folder that holds anything else is an error too. Throws RunError / InputError as above.
void check_folder_writable(const std::filesystem::path& folder, std::optional<std::string_view> may_hold = {});

/// Checks before a long run that a file can be written there later. Throws RunError (no such folder, not writable),
/// InputError if something else than a file has that name.
void check_file_writable(const std::filesystem::path& file);

/// The file or folder that a user named: as given if it exists; else below the installed data folder
/// (<prefix>/share/cimcycle, or the folder "share" beside the Python module) or, for a program or module in a build
/// tree, below the source tree; else as given.
std::filesystem::path find_shipped(const std::filesystem::path& name);

/// 64-bit FNV-1a of the bytes as 16 hex digits: names a network or hardware description in reports.
std::string content_hash(std::string_view bytes);

}  // namespace cimcycle
