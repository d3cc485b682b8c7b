// SPDX-License-Identifier: Apache-2.0
// How a figure of the chip comes about, as text and as JSON.
#include "report/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

using Json = nlohmann::ordered_json;

/// The fewest digits that read back to the same value, so that a figure can be recomputed by hand.
std::string exact(double value, const std::string& unit) {
  return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
}

}  // namespace

std::vector<std::string_view> explained_components(const ChipModel& chip) {
  std::vector<std::string_view> names;
  for (const Figure& figure : chip.figures) {
    if (std::find(names.begin(), names.end(), figure.component) == names.end()) names.push_back(figure.component);
  }
  return names;
}

std::vector<Figure> figures_of(const ChipModel& chip, std::string_view component) {
  if (component == "all") return chip.figures;
  std::vector<Figure> found;
  for (const Figure& figure : chip.figures) {
    if (figure.component == component) found.push_back(figure);
  }
  if (found.empty()) {
    std::vector<std::string_view> known = explained_components(chip);
    known.push_back("all");
    fail_input("explain: \"{}\" is no component{}; known: {}", printable(component), did_you_mean(component, known),
               join(known));
  }
  return found;
}

std::string explain_text(const std::vector<Figure>& figures, const TextStyle& style) {
  std::string text;
  for (const Figure& figure : figures) {
    if (!text.empty()) text += "\n";
    text += emphasized(fmt::format("{}: {} = {}", figure.component, figure.name, exact(figure.value, figure.unit)),
                       Emphasis::bold, style) +
            "\n";
    if (!figure.action.empty()) text += fmt::format("  factor of  {}\n", figure.action);
    text += fmt::format("  formula    {}\n", figure.formula);
    if (!figure.source.empty()) text += fmt::format("  source     {}\n", figure.source);
    std::size_t name_width = 0;
    std::size_t value_width = 0;
    for (const Figure::Input& input : figure.inputs) {
      name_width = std::max(name_width, input.name.size());
      value_width = std::max(value_width, exact(input.value, input.unit).size());
    }
    for (const Figure::Input& input : figure.inputs) {
      text += fmt::format("    {:<{}}  {:<{}}  {}\n", input.name, name_width, exact(input.value, input.unit),
                          value_width, input.source);
    }
  }
  return text;
}

Json explain_json(const std::vector<Figure>& figures) {
  Json list = Json::array();
  Json factors = Json::object();
  for (const Figure& figure : figures) {
    Json inputs = Json::array();
    for (const Figure::Input& input : figure.inputs) {
      inputs.push_back({{"name", input.name}, {"value", input.value}, {"unit", input.unit}, {"source", input.source}});
    }
    list.push_back({{"component", figure.component},
                    {"name", figure.name},
                    {"value", figure.value},
                    {"unit", figure.unit},
                    {"formula", figure.formula},
                    {"inputs", inputs},
                    {"source", figure.source},
                    {"action", figure.action.empty() ? Json(nullptr) : Json(figure.action)}});
    if (!figure.action.empty()) factors[figure.action] = figure.value;
  }
  return {{"figures", list}, {"energy_factors_pj", factors}};
}

}  // namespace cimcycle
