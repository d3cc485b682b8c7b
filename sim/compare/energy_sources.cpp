// SPDX-License-Identifier: Apache-2.0
#include "compare/energy_sources.h"

#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {

const EnergySource& energy_source(std::string_view name) {
  std::vector<std::string_view> known;
  for (const EnergySource& source : energy_sources) {
    if (name == source.name) return source;
    known.push_back(source.name);
  }
  fail_input("energy-table: --source {}: no such source{}; known: {}", printable(name), did_you_mean(name, known),
             join(known));
}

}  // namespace cimcycle
