// SPDX-License-Identifier: Apache-2.0
// Collects the figures of a chip while it is built: value, formula in words, inputs and their sources.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "circuits/actions.h"
#include "circuits/chip_model.h"
#include "circuits/chip_parts.h"

namespace cimcycle {

class FigureBook {
 public:
  explicit FigureBook(const ChipParts& parts) : parts_(&parts) {}

  /// Adds a figure; further calls of `input...` belong to it.
  FigureBook& add(std::string_view component, std::string_view name, double value, std::string_view unit,
                  std::string_view formula);
  /// Adds the factor of an action: in pJ, component after the action's line of the energy breakdown. Returns *this.
  FigureBook& factor(Action action, std::string_view name, double value_pj, std::string_view formula);

  /// Sources of the last figure's formula and inputs.
  FigureBook& source(std::string_view text);
  FigureBook& input(std::string_view name, double value, std::string_view unit, std::string_view source);
  FigureBook& inputs(const std::vector<Figure::Input>& all);
  FigureBook& hardware(std::string_view key, double value, std::string_view unit = "");
  /// A value of the technology file, by section ("transistor") and key.
  FigureBook& node(std::string_view section, std::string_view key, double value, std::string_view unit = "");
  /// A value of the cell file.
  FigureBook& cell(std::string_view key, double value, std::string_view unit);
  /// A value that stands in the book as a figure of its own, or follows from the model page alone.
  FigureBook& derived(std::string_view name, double value, std::string_view unit, std::string_view where);

  std::vector<Figure> take() { return std::move(figures_); }

 private:
  const ChipParts* parts_;
  std::vector<Figure> figures_;
};

/// A value of the technology file, by section ("transistor") and key, with its source.
Figure::Input node_input(const TechNode& node, std::string_view section, std::string_view key, double value,
                         std::string_view unit);
/// A value that follows from a section of docs/models/circuits.md.
Figure::Input derived_input(std::string_view name, double value, std::string_view unit, std::string_view section);

/// Units of figures.
inline double to_pj(double joule) { return joule * 1e12; }
inline double to_um2(double square_metre) { return square_metre * 1e12; }
inline double to_ns(double seconds) { return seconds * 1e9; }
inline double to_uw(double watt) { return watt * 1e6; }
inline double to_ff(double farad) { return farad * 1e15; }

}  // namespace cimcycle
