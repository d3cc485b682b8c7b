// SPDX-License-Identifier: Apache-2.0
// One line that tells how far a run is.
#include "report/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/units.h"

namespace cimcycle {

std::string duration(double seconds) {
  constexpr double longest = 1e9;  // beyond this nobody reads minutes
  const auto whole = static_cast<std::int64_t>(std::llround(std::min(seconds, longest)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

std::string progress_line(std::string_view what, std::int64_t done, std::int64_t all, double seconds,
                          const TextStyle& style, std::string_view unit) {
  constexpr int bar_width = 16;
  const double fraction = all > 0 ? static_cast<double>(done) / static_cast<double>(all) : 0;
  const std::string filled = bar(fraction, bar_width, style);
  const std::string rest(static_cast<std::size_t>(bar_width - display_width(filled)), ' ');
  std::string line =
      fmt::format("{:<9} [{}{}] {}/{} {}", shortened(what, 9), filled, rest, with_commas(done), with_commas(all), unit);
  if (done > 0 && seconds > 0) {
    const double rate = static_cast<double>(done) / seconds;
    line += fmt::format("  {:.3g} {}/s  {} left", rate, unit, duration(static_cast<double>(all - done) / rate));
  }
  return line;
}

}  // namespace cimcycle
