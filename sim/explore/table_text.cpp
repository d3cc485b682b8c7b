// SPDX-License-Identifier: Apache-2.0
#include "explore/table_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "report/shell_words.h"
#include "report/units.h"

namespace cimcycle {
namespace {

using nlohmann::json;

constexpr std::size_t shown_rows = 25;
constexpr std::size_t shown_reasons = 8;
constexpr std::size_t shown_levels = 8;
constexpr std::size_t shown_interactions = 3;
constexpr int widest_cell = 28;

std::string short_name(const std::string& text) {
  const std::size_t slash = text.find_last_of('/');
  return slash == std::string::npos || slash + 1 == text.size() ? text : text.substr(slash + 1);
}

std::string shown_parameter(const json& value) {
  return shortened(printable(short_name(cell_text(value))), widest_cell);
}

std::string shown_figure(const json& value) {
  if (!value.is_number()) return "-";
  if (value.is_number_integer()) return with_commas(value.get<std::int64_t>());
  return fmt::format("{:.5g}", value.get<double>());
}

std::string counts_line(const SweepTable& table) {
  std::map<std::string, std::int64_t> counts;
  for (const TableRow& row : table.rows) ++counts[row.status];
  std::string line = fmt::format("{} points done", with_commas(counts["done"]));
  if (counts["invalid"] > 0) line += fmt::format(", {} invalid", with_commas(counts["invalid"]));
  if (counts["stopped"] > 0) line += fmt::format(", {} given up early", with_commas(counts["stopped"]));
  if (counts["failed"] > 0) line += fmt::format(", {} failed", with_commas(counts["failed"]));
  return line + "\n";
}

std::string front_text(const SweepTable& table, const Front& front, const TextStyle& style) {
  if (front.rows.empty()) return {};
  std::string names;
  for (const Metric* metric : front.objectives) names += fmt::format("{}{}", names.empty() ? "" : ", ", metric->name);
  std::string text = fmt::format("\nfront of {}: {} points, hypervolume {:.4f} of the box of all points\n", names,
                                 front.rows.size(), front.hypervolume);
  std::vector<TextTable::Column> columns;
  for (const Metric* metric : front.objectives) columns.push_back({std::string(metric->name)});
  for (const std::string& key : table.varied) columns.push_back({key});
  columns.push_back({"point"});
  TextTable rows(columns);
  for (std::size_t i = 0; i < std::min(shown_rows, front.rows.size()); ++i) {
    const TableRow& row = table.rows[front.rows[i]];
    std::vector<std::string> cells;
    for (const Metric* metric : front.objectives) {
      cells.push_back(shown_figure(row.metrics.value(std::string(metric->name), json())));
    }
    for (const std::string& key : table.varied) cells.push_back(shown_parameter(row.parameters.value(key, json())));
    cells.push_back(row.hash);
    rows.add_row(std::move(cells));
  }
  text += rows.text(style);
  if (front.rows.size() > shown_rows) text += fmt::format("and {} more\n", front.rows.size() - shown_rows);
  return text;
}

std::string effects_text(const SweepTable& table, const Metric& metric, const TextStyle& style) {
  std::vector<json> settings;
  const auto samples = effect_samples(table, metric, settings);
  std::vector<MainEffect> effects = main_effects(samples);
  if (effects.empty()) return {};
  std::stable_sort(effects.begin(), effects.end(),
                   [](const MainEffect& a, const MainEffect& b) { return a.range > b.range; });
  std::string text = fmt::format("\nmean {} by parameter\n", metric.name);
  TextTable rows({{"parameter", TextTable::Align::left}, {"range"}, {"means", TextTable::Align::left}});
  for (const MainEffect& effect : effects) {
    std::string means;
    for (std::size_t i = 0; i < std::min(shown_levels, effect.levels.size()); ++i) {
      means += fmt::format("{}{}: {:.4g}", means.empty() ? "" : "  ", shown_parameter(effect.levels[i].level),
                           effect.levels[i].mean);
    }
    if (effect.levels.size() > shown_levels) means += fmt::format("  and {} more", effect.levels.size() - shown_levels);
    rows.add_row({effect.key, fmt::format("{:.4g}", effect.range), means});
  }
  text += rows.text(style);
  const auto pairs = interactions(samples);
  for (std::size_t i = 0; i < std::min(shown_interactions, pairs.size()); ++i) {
    text += fmt::format("{}{} x {} ({:.3g})", i == 0 ? "interactions: " : ", ", pairs[i].first, pairs[i].second,
                        pairs[i].strength);
  }
  return pairs.empty() ? text : text + "\n";
}

std::string reasons_text(const SweepTable& table) {
  std::map<std::string, std::int64_t> reasons;
  for (const TableRow& row : table.rows) {
    // Each point that was given up has a reason of its own; they stand in the report's files.
    if (row.status != "done" && row.status != "stopped") ++reasons[row.status + ": " + printable(row.error)];
  }
  std::string text;
  std::size_t shown = 0;
  for (const auto& [reason, count] : reasons) {
    if (shown++ == shown_reasons) {
      text += fmt::format("and {} more reasons\n", reasons.size() - shown_reasons);
      break;
    }
    text += fmt::format("{}{} x {}\n", shown == 1 ? "\n" : "", count, reason);
  }
  return text;
}

}  // namespace

std::string table_text(const SweepTable& table, const Front& front, const TextStyle& style) {
  std::string text = counts_line(table) + front_text(table, front, style);
  for (const Metric* metric : front.objectives) text += effects_text(table, *metric, style);
  return text + reasons_text(table);
}

std::string row_text(const SweepTable& table, std::size_t index) {
  const TableRow& row = table.rows[index];
  std::string text = fmt::format("point {}\n", row.hash);
  for (const std::string& key : table.varied) {
    text += fmt::format("  {:<24} {}\n", key, printable(cell_text(row.parameters.value(key, json()))));
  }
  for (const Metric& metric : all_metrics()) {
    const json value = row.metrics.value(std::string(metric.name), json());
    if (!value.is_null()) text += fmt::format("  {:<24} {}\n", metric.name, shown_figure(value));
  }
  const std::string command = command_of(row);
  return command.empty() ? text : text + "run it alone: " + command + "\n";
}

std::string command_of(const TableRow& row) {
  const auto base = row.config.find("base");
  const auto run = row.config.find("run");
  if (base == row.config.end() || run == row.config.end()) return {};
  std::vector<std::string> words = {"run", run->value("network", std::string()), "--hardware",
                                    base->value("hardware", std::string())};
  for (const json& text : base->value("set", json::array())) {
    words.emplace_back("--set");
    words.push_back(text.get<std::string>());
  }
  words.insert(words.end(), {"--dataset", row.config.value("dataset", std::string())});
  const auto add_count = [&](const char* option, const char* key) {
    const json value = row.config.value(key, json());
    if (!value.is_number() || (std::string_view(key) == "images" && value == 0)) return;
    words.insert(words.end(), {option, value.dump()});
  };
  add_count("--images", "images");
  add_count("--timed-images", "timed_images");
  add_count("--reference-images", "reference_images");
  add_count("--seed", "seed");
  return shell_command(words);
}

}  // namespace cimcycle
