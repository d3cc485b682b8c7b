// SPDX-License-Identifier: Apache-2.0
#include "comparison.h"

#include <fmt/format.h>

#include <set>
#include <stdexcept>

namespace cimcycle::silicon {

double fit_factor(std::span<const Line> lines, const std::string& fit) {
  const Line* fitted = nullptr;
  for (const Line& line : lines) {
    if (line.fit != fit || !line.is_fitted) continue;
    if (fitted != nullptr) throw std::invalid_argument("the fit " + fit + " has two fitted points");
    fitted = &line;
  }
  if (fitted == nullptr) throw std::invalid_argument("the fit " + fit + " has no fitted point");
  const double factor = (fitted->published - fitted->fixed) / fitted->scaled;
  if (!(factor > 0) || fitted->scaled <= 0) {
    throw std::invalid_argument("the fit " + fit + " has nothing to scale at its fitted point");
  }
  return factor;
}

double fitted_ratio(std::span<const Line> lines, const Line& line) {
  if (line.fit.empty()) return line.ratio();
  return (line.fixed + fit_factor(lines, line.fit) * line.scaled) / line.published;
}

std::string table_of(std::span<const Line> lines) {
  std::string text = "| macro | figure | point | published | ours | ratio | after the fit | from |\n";
  text += "|---|---|---|---|---|---|---|---|\n";
  std::set<std::string> fits;
  for (const Line& line : lines) {
    std::string after = "-";
    if (!line.fit.empty()) {
      fits.insert(line.fit);
      after = line.is_fitted ? "fitted" : fmt::format("{:.2f}", fitted_ratio(lines, line));
    }
    text += fmt::format("| {} | {} | {} | {:.4g} {} | {:.4g} {} | {:.2f} | {} | {} |\n", line.macro, line.figure,
                        line.point, line.published, line.unit, line.ours(), line.unit, line.ratio(), after, line.basis);
  }
  for (const std::string& fit : fits) text += fmt::format("\nfit {}: x {:.4g}\n", fit, fit_factor(lines, fit));
  return text;
}

}  // namespace cimcycle::silicon
