// SPDX-License-Identifier: Apache-2.0
#include "explore/table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "base/version.h"
#include "explore/pareto.h"
#include "explore/sweep.h"
#include "report/csv_text.h"

namespace cimcycle {
namespace {

using nlohmann::json;

json parameters_of(const json& config) {
  json parameters = json::object();
  const auto settings = config.find("settings");
  if (settings != config.end() && settings->is_object()) parameters = *settings;
  const auto hardware = config.find("hardware");
  if (hardware != config.end() && hardware->is_object()) {
    const json keys = flat_keys(*hardware);
    for (const auto& [key, value] : keys.items()) {
      if (key != "name") parameters[key] = value;  // the chip's name decides nothing
    }
  }
  const auto network = config.find("network");
  if (network != config.end() && network->is_object()) {
    parameters[std::string(network_key)] = network->value("folder", network->value("name", std::string()));
  }
  return parameters;
}

std::optional<double> figure(const TableRow& row, const Metric& metric) {
  if (!row.metrics.is_object()) return std::nullopt;
  const auto value = row.metrics.find(std::string(metric.name));
  if (value == row.metrics.end() || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

double cost_of(double value, const Metric& metric) { return metric.better == Better::more ? -value : value; }

}  // namespace

SweepTable table_of(std::vector<StoredPoint> points) {
  std::map<std::string, StoredPoint> merged;
  for (StoredPoint& point : points) {
    auto [entry, is_new] = merged.try_emplace(point.hash, point);
    if (!is_new && entry->second.status != "done") entry->second = std::move(point);
  }
  SweepTable table;
  std::map<std::string, std::set<json>> levels;
  std::int64_t done = 0;
  for (auto& [hash, point] : merged) {
    TableRow row{hash, point.status, point.error, parameters_of(point.config), point.metrics, std::move(point.config)};
    if (row.status == "done") {
      ++done;
      for (const auto& [key, value] : row.parameters.items()) levels[key].insert(value);
    }
    table.rows.push_back(std::move(row));
  }
  for (const auto& [key, values] : levels) {
    if (values.size() > 1) table.varied.push_back(key);
  }
  return table;
}

StoredPoint point_of_report(const nlohmann::ordered_json& report, const std::string& file) {
  const auto is_object = [&](const char* key) { return report.contains(key) && report.at(key).is_object(); };
  if (!report.is_object() || !is_object("hardware") || !is_object("accuracy") || !is_object("totals") ||
      !is_object("network")) {
    fail_input("{}: is no report of a run", file);
  }
  StoredPoint point;
  point.status = "done";
  point.config = {{"hardware", report.at("hardware")}, {"network", report.at("network")}};
  point.metrics = metrics_of(report);
  point.hash = content_hash(json{{"config", point.config}, {"metrics", point.metrics}}.dump());
  return point;
}

std::vector<std::string> table_names() {
  std::vector<std::string> names = sweep_keys();
  for (const Metric& metric : all_metrics()) names.emplace_back(metric.name);
  return names;
}

Front front_of(const SweepTable& table, std::span<const Metric* const> objectives) {
  Front front{{objectives.begin(), objectives.end()}, {}, 0};
  std::vector<Costs> costs;
  std::vector<std::size_t> indices;
  for (const Metric* metric : objectives) {
    if (metric->better == Better::neither) {
      fail_input("{}: neither more nor less of it is better; it cannot be an objective", metric->name);
    }
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    Costs cost;
    for (const Metric* metric : objectives) {
      if (const auto value = figure(table.rows[i], *metric)) cost.push_back(cost_of(*value, *metric));
    }
    if (cost.size() < objectives.size()) continue;
    costs.push_back(std::move(cost));
    indices.push_back(i);
  }
  if (costs.empty()) return front;
  std::vector<std::size_t> members = pareto_front(costs);
  std::stable_sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) { return costs[a] < costs[b]; });
  // The box of all points, scaled to 1.
  Costs least = costs.front(), most = costs.front();
  for (const Costs& cost : costs) {
    for (std::size_t k = 0; k < cost.size(); ++k) {
      least[k] = std::min(least[k], cost[k]);
      most[k] = std::max(most[k], cost[k]);
    }
  }
  std::vector<Costs> unit;
  for (const std::size_t member : members) {
    Costs scaled;
    for (std::size_t k = 0; k < least.size(); ++k) {
      const double range = most[k] - least[k];
      scaled.push_back(range > 0 ? (costs[member][k] - least[k]) / range : 0);
    }
    unit.push_back(std::move(scaled));
    front.rows.push_back(indices[member]);
  }
  front.hypervolume = hypervolume(unit, Costs(least.size(), 1.0));
  return front;
}

std::optional<std::size_t> best_row(const SweepTable& table, const Metric& metric, const Expression* condition) {
  if (metric.better == Better::neither) {
    fail_input("{}: neither more nor less of it is better; nothing can be the best", metric.name);
  }
  std::optional<std::size_t> best;
  double least = INFINITY;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const TableRow& row = table.rows[i];
    const auto value = figure(row, metric);
    if (!value) continue;
    const auto value_of = [&](std::string_view name) -> ExpressionValue {
      for (const json* const source : {&row.metrics, &row.parameters}) {
        const auto found = source->find(std::string(name));
        if (found != source->end()) return expression_value(*found);
      }
      return {};
    };
    if (condition != nullptr && !condition->holds(value_of)) continue;
    const double cost = cost_of(*value, metric);
    if (!best || cost < least) {
      best = i;
      least = cost;
    }
  }
  return best;
}

std::vector<EffectSample> effect_samples(const SweepTable& table, const Metric& metric, std::vector<json>& settings) {
  settings.clear();
  std::vector<double> values;
  for (const TableRow& row : table.rows) {
    const auto value = figure(row, metric);
    if (!value) continue;
    json own = json::object();
    for (const std::string& key : table.varied) own[key] = row.parameters.value(key, json());
    settings.push_back(std::move(own));
    values.push_back(*value);
  }
  std::vector<EffectSample> samples;
  for (std::size_t i = 0; i < values.size(); ++i) samples.push_back({&settings[i], values[i]});
  return samples;
}

std::string cell_text(const json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string table_csv(const SweepTable& table) {
  std::string text = "hash,status";
  for (const std::string& key : table.varied) text.append(",").append(csv_text(key));
  for (const Metric& metric : all_metrics()) text.append(",").append(metric.name);
  text += ",error\n";
  for (const TableRow& row : table.rows) {
    text += row.hash + "," + row.status;
    for (const std::string& key : table.varied)
      text.append(",").append(csv_text(cell_text(row.parameters.value(key, json()))));
    for (const Metric& metric : all_metrics()) {
      text += ",";
      if (row.metrics.is_object()) text += cell_text(row.metrics.value(std::string(metric.name), json()));
    }
    text.append(",").append(csv_text(row.error)).append("\n");
  }
  return text;
}

nlohmann::ordered_json table_page_data(const SweepTable& table, const std::string& title) {
  using Json = nlohmann::ordered_json;
  Json parameters = Json::array(), columns = Json::array();
  for (const std::string& key : table.varied) {
    std::map<json, std::size_t> order;
    for (const TableRow& row : table.rows) order.emplace(row.parameters.value(key, json()), 0);
    Json levels = Json::array(), index = Json::array();
    for (auto& [level, place] : order) {
      place = levels.size();
      levels.push_back(Json(level));
    }
    for (const TableRow& row : table.rows) index.push_back(order.at(row.parameters.value(key, json())));
    parameters.push_back({{"name", key}, {"levels", levels}, {"index", index}});
  }
  constexpr std::string_view words[] = {"more", "less", "neither"};
  for (const Metric& metric : all_metrics()) {
    Json values = Json::array();
    for (const TableRow& row : table.rows) {
      values.push_back(Json(row.metrics.is_object() ? row.metrics.value(std::string(metric.name), json()) : json()));
    }
    columns.push_back(
        {{"name", metric.name}, {"better", words[static_cast<std::size_t>(metric.better)]}, {"values", values}});
  }
  Json hashes = Json::array(), states = Json::array(), errors = Json::array();
  for (const TableRow& row : table.rows) {
    hashes.push_back(row.hash);
    states.push_back(row.status);
    errors.push_back(row.error);
  }
  return {{"title", title},           {"version", program_version()},
          {"parameters", parameters}, {"metrics", columns},
          {"hash", hashes},           {"status", states},
          {"error", errors}};
}

nlohmann::ordered_json table_json(const SweepTable& table, const Front& front) {
  using Json = nlohmann::ordered_json;
  Json points = Json::array();
  for (const TableRow& row : table.rows) {
    Json parameters = Json::object();
    for (const std::string& key : table.varied) parameters[key] = row.parameters.value(key, json());
    points.push_back({{"hash", row.hash},
                      {"status", row.status},
                      {"parameters", parameters},
                      {"metrics", row.metrics},
                      {"error", row.error.empty() ? Json() : Json(row.error)}});
  }
  Json objectives = Json::array(), hashes = Json::array(), effects = Json::object(), pairs = Json::object();
  for (const Metric* metric : front.objectives) {
    objectives.push_back(metric->name);
    std::vector<json> settings;
    const auto samples = effect_samples(table, *metric, settings);
    Json of_metric = Json::array(), of_pairs = Json::array();
    for (const MainEffect& effect : main_effects(samples)) {
      Json levels = Json::array();
      for (const LevelMean& level : effect.levels) {
        levels.push_back({{"value", level.level}, {"mean", level.mean}, {"points", level.points}});
      }
      of_metric.push_back({{"parameter", effect.key}, {"range", effect.range}, {"levels", levels}});
    }
    for (const Interaction& pair : interactions(samples)) {
      of_pairs.push_back({{"first", pair.first}, {"second", pair.second}, {"strength", pair.strength}});
    }
    effects[std::string(metric->name)] = of_metric;
    pairs[std::string(metric->name)] = of_pairs;
  }
  for (const std::size_t row : front.rows) hashes.push_back(table.rows[row].hash);
  return {{"parameters", table.varied},
          {"points", points},
          {"front", {{"objectives", objectives}, {"points", hashes}, {"hypervolume", front.hypervolume}}},
          {"main_effects", effects},
          {"interactions", pairs}};
}

}  // namespace cimcycle
