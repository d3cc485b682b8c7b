// SPDX-License-Identifier: Apache-2.0
// The switches of the section `neurosim` by name.
#include "hardware/neurosim.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "hardware/keys.h"

namespace cimcycle {

namespace {

constexpr std::string_view deviations = "neurosim.deviations";

}  // namespace

std::vector<std::string_view> neurosim_deviation_names() {
  std::vector<std::string_view> names;
  for (const Key& key : key_table()) {
    if (key.group() == deviations) names.push_back(key.leaf());
  }
  return names;
}

void set_neurosim_deviation(Hardware& hardware, std::string_view name, bool on) {
  if (!hardware.neurosim) fail_input("{}: the hardware description has no section neurosim", deviations);
  const Key* const key = find_key(fmt::format("{}.{}", deviations, name));
  if (key == nullptr) {
    const std::vector<std::string_view> known = neurosim_deviation_names();
    const std::string hint = did_you_mean(name, known);
    fail_input("{}: found \"{}\"{}", deviations, printable(name), hint.empty() ? "; allowed: " + join(known) : hint);
  }
  key->write(hardware, on);
}

}  // namespace cimcycle
