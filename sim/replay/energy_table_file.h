// SPDX-License-Identifier: Apache-2.0
// Reads what `cimcycle energy-table --out` writes. Format: docs/formats/energy-table.md
#pragma once

#include <filesystem>

#include "replay/energy_table.h"

namespace cimcycle {

inline constexpr std::array<std::string_view, 1> energy_table_formats = {"cimcycle-energy-table-1"};

/// Source, energies and names of the layers; the rest of the file is not looked at. Throws InputError.
EnergyTable read_energy_table(const std::filesystem::path& path);

}  // namespace cimcycle
