// SPDX-License-Identifier: Apache-2.0
// Where the values of a figure come from, as text.
#include "circuits/figure_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace cimcycle {

namespace {

std::string section_source(const TechNode& node, std::string_view section) {
  if (section == "transistor") return node.transistor.source;
  if (section == "junction") return node.junction.source;
  if (section == "layout") return node.layout.source;
  if (section == "wire") return node.wire.source;
  if (section == "flash_adc") return node.flash_adc.source;
  if (section == "sar_adc") return node.sar_adc.source;
  if (section == "charge_decrement") return node.charge_decrement->source;
  return node.calibration.source;
}

}  // namespace

Figure::Input node_input(const TechNode& node, std::string_view section, std::string_view key, double value,
                         std::string_view unit) {
  return {fmt::format("{}.{}", section, key), value, std::string(unit),
          fmt::format("{}: {}", node.file, section_source(node, section))};
}

Figure::Input derived_input(std::string_view name, double value, std::string_view unit, std::string_view section) {
  return {std::string(name), value, std::string(unit), fmt::format("docs/models/circuits.md, {}", section)};
}

FigureBook& FigureBook::add(std::string_view component, std::string_view name, double value, std::string_view unit,
                            std::string_view formula) {
  Figure figure;
  figure.component = component;
  figure.name = name;
  figure.value = value;
  figure.unit = unit;
  figure.formula = formula;
  figures_.push_back(std::move(figure));
  return *this;
}

FigureBook& FigureBook::factor(Action action, std::string_view name, double value_pj, std::string_view formula) {
  const ActionRow& row = action_rows[static_cast<std::size_t>(action)];
  add(energy_component_names[static_cast<std::size_t>(row.component)], name, value_pj, "pJ", formula);
  figures_.back().action = row.name;
  return *this;
}

FigureBook& FigureBook::source(std::string_view text) {
  figures_.back().source = text;
  return *this;
}

FigureBook& FigureBook::input(std::string_view name, double value, std::string_view unit,
                              std::string_view source_text) {
  figures_.back().inputs.push_back({std::string(name), value, std::string(unit), std::string(source_text)});
  return *this;
}

FigureBook& FigureBook::inputs(const std::vector<Figure::Input>& all) {
  std::ranges::copy(all, std::back_inserter(figures_.back().inputs));
  return *this;
}

FigureBook& FigureBook::hardware(std::string_view key, double value, std::string_view unit) {
  return input(key, value, unit, "hardware description");
}

FigureBook& FigureBook::node(std::string_view section, std::string_view key, double value, std::string_view unit) {
  return inputs({node_input(parts_->node, section, key, value, unit)});
}

FigureBook& FigureBook::cell(std::string_view key, double value, std::string_view unit) {
  const auto found = parts_->cell.sources.find(std::string(key));
  return input(key, value, unit, fmt::format("{}: {}", parts_->cell.file, found->second));
}

FigureBook& FigureBook::derived(std::string_view name, double value, std::string_view unit, std::string_view where) {
  return inputs({derived_input(name, value, unit, where)});
}

}  // namespace cimcycle
