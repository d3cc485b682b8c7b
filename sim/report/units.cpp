// SPDX-License-Identifier: Apache-2.0
// Numbers as a person reads them.
#include "report/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace cimcycle {
namespace {

constexpr std::array<Unit, 5> energy_scale = {{{"fJ", 1e-3}, {"pJ", 1}, {"nJ", 1e3}, {"uJ", 1e6}, {"mJ", 1e9}}};
constexpr std::array<Unit, 4> time_scale = {{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}};
constexpr std::array<Unit, 2> area_scale = {{{"um2", 1}, {"mm2", 1e6}}};
constexpr std::array<Unit, 4> power_scale = {{{"nW", 1e-3}, {"uW", 1}, {"mW", 1e3}, {"W", 1e6}}};

}  // namespace

const std::span<const Unit> energy_units = energy_scale;
const std::span<const Unit> time_units = time_scale;
const std::span<const Unit> area_units = area_scale;
const std::span<const Unit> power_units = power_scale;

Unit fitting_unit(double value, std::span<const Unit> scale, double least) {
  Unit fit = scale.front();
  for (const Unit& unit : scale) {
    if (value >= least * unit.factor) fit = unit;
  }
  return fit;
}

std::string with_unit(double value, std::span<const Unit> scale, int digits) {
  if (value == 0) return fmt::format("0 {}", scale.front().name);
  const Unit unit = fitting_unit(std::abs(value), scale);
  const double number = value / unit.factor;
  // Fixed notation: an exponent beside a unit with a prefix would say the size twice.
  const int before = static_cast<int>(std::floor(std::log10(std::abs(number)))) + 1;
  return fmt::format("{:.{}f} {}", number, std::max(0, digits - before), unit.name);
}

std::string with_commas(std::int64_t value) {
  std::string text = fmt::format("{}", value);
  const int first_digit = value < 0 ? 1 : 0;
  for (int at = static_cast<int>(text.size()) - 3; at > first_digit; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

std::string percent(double fraction) {
  const double value = 100 * fraction;
  if (value == 0) return "0%";
  if (value == 100) return "100%";
  if (value > 0 && value < 0.01) return "<0.01%";
  if (value > 99.99 && value < 100) return ">99.99%";
  return fmt::format("{:.{}f}%", value, value < 1 || value > 99 ? 2 : 1);
}

std::string difference(double value, double reference) {
  if (value == reference) return "the same";
  if (reference == 0) return "no reference";
  const double change = value / reference - 1;
  return fmt::format("{} {}", percent(std::abs(change)), change < 0 ? "less" : "more");
}

}  // namespace cimcycle
