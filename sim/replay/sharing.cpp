// SPDX-License-Identifier: Apache-2.0
#include "replay/sharing.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <span>
#include <string_view>

#include "crossbar/adc_table.h"

namespace cimcycle {
namespace {

using Json = nlohmann::ordered_json;

/// The description without some of its keys ("adc.type") and groups ("chip").
Json without(const Hardware& hardware, std::span<const std::string_view> paths) {
  Json rest = to_json(hardware);
  for (const std::string_view path : paths) {
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) {
      rest.erase(std::string(path));
    } else {
      rest[std::string(path.substr(0, dot))].erase(std::string(path.substr(dot + 1)));
    }
  }
  return rest;
}

/// No step of the network can matter here: a converter with steps is never taken for lossless.
bool loses_nothing(const Hardware& hardware) {
  if (hardware.adc.transfer == AdcTransfer::calibrated) return false;
  const std::int32_t largest = largest_sum(hardware.ou.rows, hardware.cell.bits, hardware.input.digit_bits);
  return make_adc_table(hardware.adc, hardware.adc.transfer, largest, 1).lossless;
}

}  // namespace

std::string numerics_key(const Hardware& hardware) {
  // Circuits, clock and what stands around the crossbars; which crossbars hold a block; which reads are issued (a read
  // without an active row adds 0).
  constexpr std::string_view indifferent[] = {"name",
                                              "crossbar.cols",
                                              "cell.model",
                                              "adc.type",
                                              "adc.per_crossbar",
                                              "adc.sample_and_hold",
                                              "mapping.lsb",
                                              "gate.input_sums",
                                              "schedule.row_policy",
                                              "array.current",
                                              "clock",
                                              "chip",
                                              "tech"};
  Json key = without(hardware, indifferent);
  if (loses_nothing(hardware)) key["adc"] = "lossless";
  return key.dump();
}

std::string reads_key(const Hardware& hardware) {
  return fmt::format("{} {} {}", hardware.crossbar.cols, static_cast<int>(hardware.mapping.lsb),
                     static_cast<int>(hardware.schedule.row_policy));
}

std::string timing_key(const Hardware& hardware, const TimingSpec& spec) {
  // What of these shows in cycles is in `spec`; of the ADC's values only the sums depend.
  constexpr std::string_view indifferent[] = {"name",
                                              "cell.model",
                                              "adc.type",
                                              "adc.transfer",
                                              "adc.bits",
                                              "adc.levels",
                                              "adc.level_values",
                                              "adc.calibrated_step",
                                              "array.current",
                                              "clock",
                                              "tech"};
  return fmt::format("{} {} {} {} {}", without(hardware, indifferent).dump(), spec.adc_cycles,
                     spec.adder_tree_level_cycles, spec.vector_cycles, spec.link_cycles);
}

}  // namespace cimcycle
