// SPDX-License-Identifier: Apache-2.0
// What the program ships with.
#include "cli/shipped.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cimcycle {

std::string shipped_names(std::string_view folder, std::string_view ending) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(find_shipped(folder), error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (ending.empty() ? entry->is_directory() : name.ends_with(ending)) {
      names.push_back(fmt::format("{}/{}", folder, name));
    }
  }
  if (names.empty()) return "none found";
  std::sort(names.begin(), names.end());
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace cimcycle
