// SPDX-License-Identifier: Apache-2.0
#include "replay/calibration_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace cimcycle {

nlohmann::json calibration_keys(const Hardware& hardware) {
  const nlohmann::json all = to_json(hardware);
  nlohmann::json keys = nlohmann::json::object();
  constexpr const char* relevant[] = {"/crossbar/rows", "/crossbar/cols",    "/ou/rows",          "/ou/cols",
                                      "/cell/bits",     "/input/digit_bits", "/adc/transfer",     "/adc/bits",
                                      "/mapping/cells", "/mapping/flip",     "/mapping/subtract", "/mapping/offset_sum",
                                      "/mapping/rows"};
  for (const char* pointer : relevant) {
    std::string name = std::string(pointer).substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    keys[name] = all.at(nlohmann::json::json_pointer(pointer));
  }
  return keys;
}

std::vector<std::string> calibration_warnings(const Network& network, const Hardware& hardware) {
  std::vector<std::string> warnings;
  const nlohmann::json provenance = nlohmann::json::parse(network.provenance);
  if (!provenance.is_object() || !provenance.contains("calibration")) return warnings;
  const nlohmann::json& record = provenance["calibration"];
  if (!record.is_object() || !record.contains("hardware") || !record["hardware"].is_object()) return warnings;
  const nlohmann::json now = calibration_keys(hardware);
  for (const auto& [key, value] : record["hardware"].items()) {
    if (!now.contains(key) || now[key] == value) continue;
    warnings.push_back(fmt::format("{} was calibrated with {} = {}, this run has {}; thresholds may not fit",
                                   printable(network.name), printable(key), printable(value.dump()), now[key].dump()));
  }
  return warnings;
}

}  // namespace cimcycle
