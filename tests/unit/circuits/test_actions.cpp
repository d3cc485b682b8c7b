// SPDX-License-Identifier: Apache-2.0
// The ledger's table and its sum.
#include <catch2/catch.hpp>

#include <set>

#include "circuits/actions.h"

using namespace cimcycle;

TEST_CASE("every action has a name, a meaning and a line of the breakdown") {
  std::set<std::string_view> names;
  for (const ActionRow& row : action_rows) {
    CHECK_FALSE(row.meaning.empty());
    CHECK(row.component != EnergyComponent::leakage);
    names.insert(row.name);
  }
  CHECK(names.size() == action_kinds);
  // Rows stand in the order of the enumerators: first, last and some in between.
  CHECK(action_rows[static_cast<int>(Action::wordline_activation)].name == "wordline_activation");
  CHECK(action_rows[static_cast<int>(Action::conversion)].name == "conversion");
  CHECK(action_rows[static_cast<int>(Action::gate_decision)].name == "gate_decision");
  CHECK(action_rows[static_cast<int>(Action::link_bit)].name == "link_bit");
  CHECK(action_rows[static_cast<int>(Action::pool_operation)].name == "pool_operation");
}

TEST_CASE("energy is counts times factors, line by line") {
  ActionCounts counts{};
  ActionEnergies factors{};
  for (int i = 0; i < action_kinds; ++i) {
    counts[i] = 1000 + i;
    factors[i] = 0.5 * (i + 1);
  }
  const auto energy = energy_of(counts, factors);
  const auto at = [&](EnergyComponent component) { return energy[static_cast<int>(component)]; };
  CHECK(at(EnergyComponent::wordline) == 1000 * 0.5 + 1001 * 1.0);
  CHECK(at(EnergyComponent::bitline) == 1002 * 1.5);
  CHECK(at(EnergyComponent::array) == 1003 * 2.0 + 1004 * 2.5);
  CHECK(at(EnergyComponent::adc) == 1005 * 3.0);
  CHECK(at(EnergyComponent::offset) == 1006 * 3.5);
  CHECK(at(EnergyComponent::shift_add) == 1007 * 4.0);
  CHECK(at(EnergyComponent::accumulate) == 1008 * 4.5);
  CHECK(at(EnergyComponent::gate) == 1009 * 5.0 + 1010 * 5.5 + 1011 * 6.0 + 1012 * 6.5 + 1013 * 7.0);
  CHECK(at(EnergyComponent::buffer) == 1014 * 7.5 + 1015 * 8.0 + 1016 * 8.5 + 1017 * 9.0 + 1018 * 9.5);
  CHECK(at(EnergyComponent::interconnect) == 1019 * 10.0);
  CHECK(at(EnergyComponent::digital) == 1020 * 10.5 + 1021 * 11.0 + 1022 * 11.5 + 1023 * 12.0);
  CHECK(at(EnergyComponent::leakage) == 0);
}
