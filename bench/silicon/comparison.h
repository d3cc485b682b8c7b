// SPDX-License-Identifier: Apache-2.0
// Published figures beside ours: ratios, and what one declared fit makes of them.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace cimcycle::silicon {

/// A figure of a macro.
struct Line {
  std::string macro;   ///< "NeuRRAM"
  std::string figure;  ///< "neuron energy"
  std::string point;   ///< "4b out, 2b in"
  std::string unit;
  double published = 0;
  double fixed = 0;        ///< ours: what no fit touches,
  double scaled = 0;       ///< and what the fit scales
  std::string fit;         ///< the fit that touches the line; empty: none
  bool is_fitted = false;  ///< the point that the fit takes its factor from
  std::string basis;       ///< what comes from the paper, what is assumed

  double ours() const { return fixed + scaled; }
  double ratio() const { return ours() / published; }
};

/// What `scaled` is multiplied by so that the fitted point agrees. Throws std::invalid_argument unless exactly one line
/// is the fitted point of `fit` and leaves something to be scaled.
double fit_factor(std::span<const Line> lines, const std::string& fit);

/// Ours / published after the fit of the line (1 for the fitted point itself).
double fitted_ratio(std::span<const Line> lines, const Line& line);

/// A Markdown table, a line each, followed by the factors. The fitted point shows "fitted" instead of a ratio.
std::string table_of(std::span<const Line> lines);

}  // namespace cimcycle::silicon
