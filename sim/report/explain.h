// SPDX-License-Identifier: Apache-2.0
// What `cimcycle explain` shows: how a figure of the chip comes about: formula, inputs, units, sources.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "circuits/chip_model.h"
#include "report/text_table.h"

namespace cimcycle {

/// The components that have figures, in the order of the model.
std::vector<std::string_view> explained_components(const ChipModel& chip);

/// The figures of one component, or all of them for "all". Throws InputError for any other word, naming the nearest
/// one.
std::vector<Figure> figures_of(const ChipModel& chip, std::string_view component);

std::string explain_text(const std::vector<Figure>& figures, const TextStyle& style);
/// {"figures": [...], "energy_factors_pj": {action: value}}; the factors are those of the shown figures.
nlohmann::ordered_json explain_json(const std::vector<Figure>& figures);

}  // namespace cimcycle
