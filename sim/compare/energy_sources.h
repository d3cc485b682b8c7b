// SPDX-License-Identifier: Apache-2.0
// Who can compute the energies of an energy table: a source is its function and its line here.
#pragma once

#include <array>
#include <string_view>

#include "compare/composed_table.h"

namespace cimcycle {

struct EnergySource {
  std::string_view name;  ///< what --source takes
  EnergyTable (*table)(const Network&, const Hardware&, const Dataset&, const EnergyTableOptions&);
};

inline constexpr std::array<EnergySource, 2> energy_sources = {{
    {"simulated", simulated_energy_table},
    {"neurosim", composed_energy_table},
}};

/// The source of that name. Throws InputError, naming what is known.
const EnergySource& energy_source(std::string_view name);

}  // namespace cimcycle
