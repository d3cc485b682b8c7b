// SPDX-License-Identifier: Apache-2.0
// cimcycle report: looks again at the folders of finished sweeps and runs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/json_object.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/terminal.h"
#include "explore/table_text.h"
#include "report/html_page.h"
#include "report/report_json.h"

namespace cimcycle {
namespace {

constexpr std::string_view result_files = "points.csv points.json report.html";

Syntax report_syntax() {
  return {"report",
          "Puts finished sweeps and runs together: the Pareto front, what each parameter does, the best point.",
          {"DIR..."},
          {{"objectives", "LIST", "two or three metrics of the front (default: top1,energy_pj,latency_ns)"},
           {"best", "METRIC", "print the best point in this metric instead"},
           {"where", "EXPR", "with --best: among points for which this holds, such as \"top1 >= 0.91\""},
           {"out", "DIR2", "write report.html, points.csv and points.json into this folder"},
           json_option,
           quiet_option}};
}

std::vector<const Metric*> objectives_of(const Arguments& arguments) {
  const std::string text = arguments.text("objectives").value_or("top1,energy_pj,latency_ns");
  std::vector<const Metric*> metrics;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    metrics.push_back(&metric_named(text.substr(begin, end - begin), "report: --objectives"));
    begin = end + 1;
  }
  if (metrics.size() < 2 || metrics.size() > 3) {
    fail_input("report: --objectives = \"{}\": expected two or three metrics, such as top1,energy_pj", printable(text));
  }
  for (auto at = metrics.begin(); at != metrics.end(); ++at) {
    if (std::find(metrics.begin(), at, *at) != at) {
      fail_input("report: --objectives = \"{}\": {} stands there twice", printable(text), (*at)->name);
    }
  }
  return metrics;
}

/// Throws InputError for figures that no run gives; results may have been edited.
void check_figures(const StoredPoint& point, const std::string& file) {
  if (!point.metrics.is_object()) return;
  constexpr double most = 1e100;
  for (const auto& [name, value] : point.metrics.items()) {
    if (!value.is_number()) continue;
    const double figure = value.get<double>(), limit = name == "top1" ? 1 : most;
    if (!(figure >= 0 && figure <= limit)) {
      fail_input("{}: {}: found {}, allowed: 0 to {}", file, printable(name), value.dump(), limit);
    }
  }
}

std::vector<StoredPoint> points_in(const std::string& name) {
  const std::filesystem::path folder = name;
  std::error_code error;
  if (std::filesystem::exists(folder / store_file, error)) {
    std::vector<StoredPoint> points = ResultStore(folder, ResultStore::Mode::read).all();
    for (const StoredPoint& point : points) check_figures(point, printable((folder / store_file).string()));
    return points;
  }
  const std::filesystem::path report = folder / "report.json";
  if (!std::filesystem::exists(report, error)) {
    fail_input("{}: holds neither {} of a sweep nor report.json of a run", printable(name), store_file);
  }
  const std::string file = printable(report.string());
  const StoredPoint point = point_of_report(nlohmann::ordered_json(read_json(report)), file);
  check_figures(point, file);
  return {point};
}

int report(const Arguments& arguments) {
  const std::vector<const Metric*> objectives = objectives_of(arguments);
  const std::optional<std::string> best = arguments.text("best");
  const std::optional<std::string> where = arguments.text("where");
  const std::optional<std::string> out = arguments.text("out");
  if (where && !best) fail_input("report: --where needs --best METRIC");
  const Metric* const metric = best ? &metric_named(*best, "report: --best") : nullptr;
  std::optional<Expression> condition;
  if (where) condition.emplace(*where, "report: --where", table_names());
  if (out) check_folder_writable(*out, result_files);
  std::vector<StoredPoint> points;
  for (const std::string& folder : arguments.positionals()) {
    for (StoredPoint& point : points_in(folder)) points.push_back(std::move(point));
  }
  const SweepTable table = table_of(std::move(points));
  const Front front = front_of(table, objectives);
  if (out) {
    std::string title = "Sweep";
    for (const std::string& folder : arguments.positionals()) {
      title.append(" ").append(std::filesystem::path(folder).filename().string());
    }
    write_folder_atomically(*out,
                            {{"points.csv", table_csv(table)},
                             {"points.json", json_text(table_json(table, front))},
                             {"report.html", sweep_page(table_page_data(table, title))}},
                            result_files);
  }
  if (arguments.has("quiet")) return exit_good;
  if (metric == nullptr) {
    print(arguments.has("json") ? json_text(table_json(table, front)) : table_text(table, front, style_of_stdout()));
    return exit_good;
  }
  const std::optional<std::size_t> row = best_row(table, *metric, condition ? &*condition : nullptr);
  if (!row) fail_input("report: no point has a {}{}", metric->name, where ? " and fulfils --where" : "");
  if (arguments.has("json")) {
    const TableRow& found = table.rows[*row];
    print(json_text(
        {{"hash", found.hash}, {"config", found.config}, {"metrics", found.metrics}, {"command", command_of(found)}}));
  } else {
    print(row_text(table, *row));
  }
  return exit_good;
}

}  // namespace

int report_command(CommandArguments given) {
  const Arguments arguments(report_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  try {
    return report(arguments);
  } catch (const nlohmann::json::exception& error) {
    // Everything that is shown comes from results, which may have been edited.
    const std::vector<std::string>& names = arguments.positionals();
    fail_input("{}: no results of this program: {}", join(std::vector<std::string_view>(names.begin(), names.end())),
               printable(error.what()));
  }
}

}  // namespace cimcycle
