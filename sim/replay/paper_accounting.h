// SPDX-License-Identifier: Apache-2.0
// The paper's accounting of a run with energies from an energy table, instead of the simulated ones.
#pragma once

#include "replay/energy_table.h"
#include "replay/run_result.h"

namespace cimcycle {

/// Throws InputError if a layer of the network with weights has no row in the table; `file`: where the table stands.
void check_energy_table(const EnergyTable& table, const Network& network, std::string_view file);

/// Sets paper_energy_pj of every layer with weights, E_l + (E_h - E_l)(1 - masked_ratio) with E(b) of the table, and
/// that of the run, their sum and what other layers cost. Gate digits: reads go with digits, so E_l = E_h x high
/// digits / digits. The table must have passed check_energy_table.
void account(RunResult& result, const Network& network, const EnergyTable& table);

}  // namespace cimcycle
