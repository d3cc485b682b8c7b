// SPDX-License-Identifier: Apache-2.0
// Folders of results that appear whole or not at all.
#include <algorithm>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/staging.h"

namespace cimcycle {

namespace fs = std::filesystem;

namespace {

/// A folder without a trailing slash, which would hide its name.
fs::path without_slash(const fs::path& folder) {
  if (folder.empty()) fail_input("the name of the folder to write is empty");
  const fs::path normal = folder.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

bool is_named(std::string_view names, const std::string& name) {
  std::istringstream words{std::string(names)};
  std::string word;
  while (words >> word) {
    if (word == name) return true;
  }
  return false;
}

/// Throws InputError if `folder` exists and is something else than a folder.
bool folder_exists(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::none) fail_run("{}: cannot be read: {}", shown_path(folder), error.message());
  if (!fs::exists(status)) return false;
  if (!fs::is_directory(status)) fail_input("{}: exists and is not a folder; name another one", shown_path(folder));
  return true;
}

/// What an existing folder holds, in order of names; folders in it end in a slash. Throws InputError if something is
/// not expected, or neither a file nor a folder.
template <class Expected>
std::vector<std::string> held_files(const fs::path& folder, const Expected& expected) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const bool is_folder = fs::is_directory(entry->symlink_status(ignored));
    if (is_folder && staging::is_unused_name(entry->path(), folder)) continue;  // left by a run that was killed
    names.push_back(entry->path().filename().string() + (is_folder ? "/" : ""));
  }
  if (error) fail_run("{}: cannot be read: {}", shown_path(folder), error.message());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    std::error_code ignored;
    const bool plain = name.ends_with('/') || fs::is_regular_file(fs::symlink_status(folder / name, ignored));
    if (!expected(name) || !plain) {
      fail_input("{}: holds {}, which is no part of an earlier result; name another folder or empty this one",
                 shown_path(folder), shown_path(name));
    }
  }
  return names;
}

/// A temporary folder that is removed unless it was renamed before.
class TemporaryFolder {
 public:
  TemporaryFolder(const fs::path& where, const std::string& name, const fs::path& named)
      : path_(staging::unused_name(where, name)) {
    std::error_code error;
    if (!fs::create_directory(path_, error)) {
      fail_run("{}: cannot be written: {}", shown_path(named), error ? error.message() : "name is taken");
    }
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void rename_or_fail(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail_run("{}: cannot be written: {}", shown_path(to), error.message());
}

}  // namespace

void write_folder_atomically(const fs::path& named, const std::map<std::string, std::string>& files,
                             std::string_view may_replace) {
  const fs::path folder = without_slash(named);
  const bool exists = folder_exists(folder);
  std::vector<std::string> old_files;
  if (exists) {
    old_files = held_files(
        folder, [&](const std::string& name) { return files.contains(name) || is_named(may_replace, name); });
  } else {
    std::error_code error;
    fs::create_directories(staging::parent_of(folder), error);
    if (error) fail_run("{}: cannot be written: {}", shown_path(named), error.message());
  }

  // Inside an existing folder, because that may be a mounted disk of its own; beside it otherwise.
  const TemporaryFolder temporary(exists ? folder : staging::parent_of(folder), folder.filename().string(), named);
  for (const auto& [name, bytes] : files) {
    staging::write_new_file(temporary.path() / name, bytes, folder / name);
  }
  if (!exists) {
    rename_or_fail(temporary.path(), folder);
    return;
  }
  for (const auto& [name, bytes] : files) rename_or_fail(temporary.path() / name, folder / name);
  for (const std::string& name : old_files) {
    std::error_code error;
    if (!files.contains(name)) fs::remove(folder / name, error);
    if (error) fail_run("{}: cannot be removed: {}", shown_path(folder / name), error.message());
  }
}

void check_folder_writable(const fs::path& named, std::optional<std::string_view> may_hold) {
  const fs::path folder = without_slash(named);
  if (folder_exists(folder)) {
    if (may_hold) held_files(folder, [&](const std::string& name) { return is_named(*may_hold, name); });
    const TemporaryFolder temporary(folder, folder.filename().string(), named);
    return;
  }
  // The nearest folder that exists is the one in which the missing ones will be made.
  fs::path ancestor = staging::parent_of(folder);
  while (!folder_exists(ancestor)) {
    // Only the current folder can be missing and have no parent: somebody removed it.
    if (ancestor == staging::parent_of(ancestor)) fail_run("{}: cannot be written: no such folder", shown_path(named));
    ancestor = staging::parent_of(ancestor);
  }
  const TemporaryFolder temporary(ancestor, folder.filename().string(), named);
}

}  // namespace cimcycle
