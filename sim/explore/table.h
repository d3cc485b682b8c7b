// SPDX-License-Identifier: Apache-2.0
// The rows of one or several stores as a table: parameters in which they differ, figures, and what follows from them:
// fronts, effects, the best point under a condition.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "explore/effects.h"
#include "explore/expression.h"
#include "explore/metrics.h"
#include "explore/store.h"

namespace cimcycle {

struct TableRow {
  std::string hash, status, error;
  nlohmann::json parameters;  ///< every hardware and network key: {"adc.bits": 5, ..., "network": "NAME"}
  nlohmann::json metrics;     ///< null unless done
  nlohmann::json config;
};

struct SweepTable {
  std::vector<TableRow> rows;       ///< by hash
  std::vector<std::string> varied;  ///< parameters in which done rows differ
};

/// Rows of several stores; of rows with one hash a done one is kept.
SweepTable table_of(std::vector<StoredPoint> points);

/// A finished run as a row: its report.json. Throws InputError if it is none.
StoredPoint point_of_report(const nlohmann::ordered_json& report, const std::string& file);

/// Names that a condition may use: metrics and parameters.
std::vector<std::string> table_names();

struct Front {
  std::vector<const Metric*> objectives;
  std::vector<std::size_t> rows;  ///< indices in the table, best first in the first objective
  /// Share of the box between the best and the worst value of each objective, over all done rows, that the front
  /// dominates.
  double hypervolume = 0;
};

/// Of the done rows that have all of these figures. Throws InputError for a metric for which neither way is better.
Front front_of(const SweepTable& table, std::span<const Metric* const> objectives);

/// The done row with the best value for which the condition (if any) holds; ties go to the smaller hash.
std::optional<std::size_t> best_row(const SweepTable& table, const Metric& metric, const Expression* condition);

/// The settings and the figure of every done row that has it.
std::vector<EffectSample> effect_samples(const SweepTable& table, const Metric& metric,
                                         std::vector<nlohmann::json>& settings);

/// The value of a parameter or metric as text: "5", "sar", "" for null.
std::string cell_text(const nlohmann::json& value);

/// points.csv: hash, status, varied parameters, metrics, error; quoted as in RFC 4180.
std::string table_csv(const SweepTable& table);
/// What report.html shows (report/html_page.h).
nlohmann::ordered_json table_page_data(const SweepTable& table, const std::string& title);
/// Everything for programs: points, front, effects.
nlohmann::ordered_json table_json(const SweepTable& table, const Front& front);

}  // namespace cimcycle
