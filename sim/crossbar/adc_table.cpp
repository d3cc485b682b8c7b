// SPDX-License-Identifier: Apache-2.0
#include "crossbar/adc_table.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace cimcycle {
namespace {

using Values = std::vector<std::int32_t>;

/// Quotient of non-negative integers rounded to the nearest integer, halves away from zero.
std::int64_t rounded_quotient(std::int64_t value, std::int64_t divisor) {
  return (2 * value + divisor) / (2 * divisor);
}

// Each transfer fills the values of all sums and returns the sum above which a conversion counts as clipped.

std::int32_t ideal(const AdcSpec&, int, Values& value) {
  std::iota(value.begin(), value.end(), 0);
  return static_cast<std::int32_t>(value.size()) - 1;
}

std::int32_t clip(const AdcSpec& adc, int, Values& value) {
  const std::int32_t top = (1 << adc.bits) - 1;
  for (std::size_t s = 0; s < value.size(); ++s) value[s] = std::min(static_cast<std::int32_t>(s), top);
  return top;
}

std::int32_t full_scale(const AdcSpec& adc, int, Values& value) {
  const std::int64_t top = (1 << adc.bits) - 1;
  const std::int64_t s_max = static_cast<std::int64_t>(value.size()) - 1;
  for (std::int64_t s = 0; s <= s_max; ++s) {
    value[static_cast<std::size_t>(s)] =
        static_cast<std::int32_t>(top >= s_max ? s : rounded_quotient(rounded_quotient(s * top, s_max) * s_max, top));
  }
  return static_cast<std::int32_t>(s_max);
}

std::int32_t calibrated(const AdcSpec& adc, int step, Values& value) {
  const std::int64_t top = (1 << adc.bits) - 1;
  std::int32_t clip_above = static_cast<std::int32_t>(value.size()) - 1;
  for (std::size_t s = value.size(); s-- > 0;) {
    const std::int64_t code = rounded_quotient(static_cast<std::int64_t>(s), step);
    if (code > top) clip_above = static_cast<std::int32_t>(s) - 1;
    value[s] = static_cast<std::int32_t>(step * std::min(code, top));
  }
  return clip_above;
}

std::int32_t levels(const AdcSpec& adc, int, Values& value) {
  std::vector<int> step_values = adc.level_values;
  if (step_values.empty()) {
    step_values.push_back(0);
    step_values.insert(step_values.end(), adc.levels.begin(), adc.levels.end());
  }
  std::size_t passed = 0;
  for (std::size_t s = 0; s < value.size(); ++s) {
    while (passed < adc.levels.size() && static_cast<std::size_t>(adc.levels[passed]) <= s) ++passed;
    value[s] = step_values[passed];
  }
  return *std::max_element(step_values.begin(), step_values.end());
}

/// In the order of AdcTransfer.
constexpr std::int32_t (*transfers[])(const AdcSpec&, int, Values&) = {ideal, clip, full_scale, calibrated, levels};

/// The map that gives rounded_quotient(x numerator, denominator) for x = 0 .. largest, the finest one that fits.
std::optional<LinearMap> rounded_map(std::int64_t numerator, std::int64_t denominator, std::int64_t largest) {
  constexpr int finest = 24;
  for (int shift = finest; shift > 0; --shift) {
    const std::int64_t factor = ((numerator << shift) + denominator - 1) / denominator;  // upwards: halves round up
    const std::int64_t offset = std::int64_t{1} << (shift - 1);
    if (largest * factor + offset > std::numeric_limits<std::int32_t>::max()) continue;
    for (std::int64_t x = 0; x <= largest; ++x) {
      if ((x * factor + offset) >> shift != rounded_quotient(x * numerator, denominator)) return std::nullopt;
    }
    return LinearMap{static_cast<std::int32_t>(factor), static_cast<std::int32_t>(offset), shift};
  }
  return std::nullopt;
}

}  // namespace

std::optional<StepTransfer> step_transfer(const AdcSpec& adc, AdcTransfer transfer, int step, const AdcTable& table) {
  const std::int64_t s_max = static_cast<std::int64_t>(table.value.size()) - 1;
  const std::int64_t top = (1 << adc.bits) - 1;
  std::int64_t codes = 0, sums = 0;  // so many codes for so many sums
  std::int64_t highest = top;
  if (table.lossless) {
    codes = sums = 1;
    highest = s_max;
  } else if (transfer == AdcTransfer::full_scale) {
    codes = top;
    sums = s_max;
  } else if (transfer == AdcTransfer::calibrated) {
    codes = 1;
    sums = step;
  } else {
    return std::nullopt;
  }
  const auto code = rounded_map(codes, sums, s_max);
  const auto value = rounded_map(sums, codes, std::min(highest, rounded_quotient(s_max * codes, sums)));
  if (!code || !value) return std::nullopt;
  return StepTransfer{*code, *value, static_cast<std::int32_t>(highest)};
}

AdcTable make_adc_table(const AdcSpec& adc, AdcTransfer transfer, std::int32_t s_max, int step) {
  AdcTable table;
  table.value.resize(static_cast<std::size_t>(s_max) + 1);
  table.clip_above = transfers[static_cast<int>(transfer)](adc, step, table.value);
  table.lossless = true;
  for (std::int32_t s = 0; s <= s_max; ++s) table.lossless &= table.value[static_cast<std::size_t>(s)] == s;
  return table;
}

}  // namespace cimcycle
