// SPDX-License-Identifier: Apache-2.0
// The figures by which points of a sweep are compared.
#pragma once

#include <span>
#include <string_view>

#include <nlohmann/json.hpp>

namespace cimcycle {

enum class Better { more, less, neither };

/// One figure: where it stands in report.json, and which way is better.
struct Metric {
  std::string_view name;  ///< as in the store, in conditions and tables; the unit is in the name
  std::string_view path;  ///< JSON pointer into report.json
  Better better{};
};

std::span<const Metric> all_metrics();

/// The metric of this name. Throws InputError with the nearest one; `where` stands in front.
const Metric& metric_named(std::string_view name, std::string_view where);

/// {"top1": 0.91, ...}: the figures of a report.json, null where it holds none.
nlohmann::json metrics_of(const nlohmann::ordered_json& report);

}  // namespace cimcycle
