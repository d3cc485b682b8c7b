// SPDX-License-Identifier: Apache-2.0
// What `cimcycle energy-table` shows and writes.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "replay/energy_table.h"
#include "report/text_table.h"

namespace cimcycle {

/// Two tables for a person: energies per layer and bits, and what each pair can give.
std::string energy_table_text(const EnergyTable& table, const TextStyle& style);

/// docs/formats/energy-table.md. `version`: of the program.
nlohmann::ordered_json energy_table_json(const EnergyTable& table, std::string_view version);

}  // namespace cimcycle
