// SPDX-License-Identifier: Apache-2.0
#include "report/csv_text.h"

namespace cimcycle {

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string all = "\"";
  for (const char c : text) {
    if (c == '"') all += '"';
    all += c;
  }
  return all + "\"";
}

}  // namespace cimcycle
