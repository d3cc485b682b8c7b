// SPDX-License-Identifier: Apache-2.0
#include "network/load_dec3.h"

#include <limits>
#include <string>

#include "base/text.h"
#include "network/limits.h"
#include "network/load_keys.h"

namespace cimcycle {

using nlohmann::json;

namespace {

std::int64_t threshold_value(JsonObject& object, const std::string& place, const json& value) {
  if (value.is_null()) return never_opens;
  const bool is_index = value.is_number_unsigned() && value.get<std::uint64_t>() <= largest_threshold;
  if (!is_index) {
    object.fail(place,
                fmt::format("found {}, expected an integer 0 to {} or null", shown_value(value), largest_threshold));
  }
  return value.get<std::int64_t>();
}

void read_digits(JsonObject object, Dec3& dec3) {
  dec3.high_digit_bits = integer(object, "high", 1, 7);
  constexpr std::int64_t reach = std::numeric_limits<std::int32_t>::max();
  const auto thresholds = object.integers("thresholds", -reach - 1, reach, limits::side);
  dec3.digit_threshold.assign(thresholds.begin(), thresholds.end());
  object.finish();
}

void read_gate(JsonObject& object, Dec3& dec3) {
  if (dec3.gate != GateKind::digits) reject(object, "digits", "gate is not digits");
  if (dec3.gate == GateKind::none) {
    for (const std::string_view key : {"granularity", "threshold", "threshold_per"}) {
      reject(object, key, "gate is none");
    }
    return;
  }
  if (dec3.gate == GateKind::digits) {
    for (const std::string_view key : {"granularity", "threshold", "threshold_per"}) {
      reject(object, key, "gate is digits");
    }
    dec3.granularity = GateGranularity::output;
    read_digits(object.object("digits"), dec3);
    return;
  }
  dec3.granularity = static_cast<GateGranularity>(object.word_or("granularity", 0, granularity_words));
  dec3.threshold_per = static_cast<Dec3::ThresholdPer>(object.word_or("threshold_per", 0, threshold_per_words));
  if (!object.has("threshold")) {
    object.fail("threshold", fmt::format("missing, but gate is {}", word_of(gate_words, dec3.gate)));
  }
  const json& value = *object.any("threshold");
  if (dec3.threshold_per == Dec3::ThresholdPer::layer) {
    dec3.threshold.push_back(threshold_value(object, "threshold", value));
    return;
  }
  for (const json* element : object.array("threshold", limits::side)) {
    dec3.threshold.push_back(threshold_value(object, fmt::format("threshold[{}]", dec3.threshold.size()), *element));
  }
}

}  // namespace

Dec3 read_dec3(JsonObject object) {
  Dec3 dec3;
  dec3.hb = integer(object, "hb", 1, 8);
  dec3.lb = integer(object, "lb", 0, 7);
  dec3.split = static_cast<Split>(object.word_or("split", 0, split_words));
  dec3.gate = static_cast<GateKind>(object.word_or("gate", 0, gate_words));
  read_gate(object, dec3);
  if (object.has("adc_step_msb")) dec3.adc_step_msb = integer(object, "adc_step_msb", 1, limits::adc_step);
  if (object.has("adc_step_lsb")) dec3.adc_step_lsb = integer(object, "adc_step_lsb", 1, limits::adc_step);
  object.finish();
  return dec3;
}

}  // namespace cimcycle
