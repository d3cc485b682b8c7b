// SPDX-License-Identifier: Apache-2.0
// Looks a name up in a shipped folder.
#include "circuits/tech_files.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace cimcycle {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".json") names.push_back(entry->path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

fs::path find_tech_file(std::string_view folder, std::string_view name, std::string_view asked_by) {
  std::error_code error;
  if (name.ends_with(".json")) {
    const fs::path path = find_shipped(fs::path(name));
    if (fs::exists(path, error)) return path;
    fail_input("{} = \"{}\": no such file", asked_by, printable(name));
  }
  const bool plain = !name.empty() && name.find('/') == std::string_view::npos;
  const fs::path shipped = find_shipped(fs::path(folder));
  if (plain) {
    const fs::path path = shipped / (std::string(name) + ".json");
    if (fs::exists(path, error)) return path;
  }
  const std::vector<std::string> names = names_in(shipped);
  const std::vector<std::string_view> known(names.begin(), names.end());
  fail_input("{} = \"{}\": no such file in {}{}; known: {}; a path must end in .json", asked_by, printable(name),
             folder, did_you_mean(name, known), join(known));
}

}  // namespace cimcycle
