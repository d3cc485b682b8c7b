// SPDX-License-Identifier: Apache-2.0
// Numbers as a person reads them: a unit that fits the size, thousands separated, percent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cimcycle {

/// A unit and how many base units it holds.
struct Unit {
  std::string_view name;
  double factor = 1;
};

/// The unit of a scale (ascending factors) in which `value` is at least `least`; the smallest one if there is none.
/// Non-positive values give the smallest unit.
Unit fitting_unit(double value, std::span<const Unit> scale, double least = 1);

/// Scales whose base units are pJ, ns, um2 and uW.
extern const std::span<const Unit> energy_units, time_units, area_units, power_units;

/// "31.2 uJ": the fitting unit, `digits` significant digits.
std::string with_unit(double value, std::span<const Unit> scale, int digits = 3);
/// "1,234,567".
std::string with_commas(std::int64_t value);
/// "64.2%"; a fraction that is not 0 never reads 0 ("<0.01%"), one below 1 never reads 100% (">99.99%").
std::string percent(double fraction);
/// How `value` differs from `reference`: "28.3% less", "1.2% more", "the same".
std::string difference(double value, double reference);

}  // namespace cimcycle
