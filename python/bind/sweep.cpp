// SPDX-License-Identifier: Apache-2.0
// A sweep in this process, and its points as rows.
#include "explore/sweep.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/json_object.h"
#include "bindings.h"
#include "explore/run_points.h"
#include "explore/table.h"
#include "interruptible.h"

namespace cimcycle::python {
namespace {

namespace py = pybind11;

/// Points done of all, from the images of the group at hand.
class Points {
 public:
  Points(const ProgressFunction& tell, std::int64_t all) : tell_(tell), all_(all) {}

  SweepEvents events() {
    return {[this](std::size_t points) {
              const std::lock_guard lock(mutex_);
              count_.begin(points);
            },
            [this](const std::vector<StoredPoint>& rows) {
              const std::lock_guard lock(mutex_);
              count_.finish(rows.size());
              tell_(count_.done(), all_, "sweep");
            }};
  }
  void images(std::int64_t done, std::int64_t all, std::string_view what) {
    if (what != "replay") return tell_(done, all, what);
    const std::lock_guard lock(mutex_);
    tell_(count_.done_at(done, all), all_, "sweep");
  }

 private:
  const ProgressFunction& tell_;
  std::mutex mutex_;
  std::int64_t all_;
  PointCount count_;
};

/// The rows in the order of the sweep.
SweepTable run_sweep(const Sweep& sweep, const std::string& folder, bool resume, int threads,
                     const ProgressFunction& tell, const std::atomic<bool>& stop) {
  const SweepPlan plan = plan_sweep(sweep, threads);
  EvaluationOptions options{folder, threads, &stop, {}};
  ResultStore store = open_sweep_folder(options.folder, resume);
  WorkList list(plan, {}, store, options.folder, &stop, sweep.early_stop.has_value());
  Points points(tell, list.open_points());
  options.progress = [&](std::int64_t done, std::int64_t all, std::string_view what) {
    points.images(done, all, what);
  };
  Evaluator evaluator(sweep, plan, options);
  store.put(invalid_rows(plan));
  run_points(list, evaluator, points.events());
  SweepTable table = table_of(rows_of_plan(plan, store));
  std::map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < plan.points.size(); ++i) place[plan.points[i].hash] = i;
  std::ranges::sort(table.rows, {}, [&](const TableRow& row) { return place.at(row.hash); });
  return table;
}

/// The points as JSON text: [{"hash", "status", "error", "parameters": {the keys of the axes}, "metrics": {...} or
/// null}].
std::string rows_text(const Sweep& sweep, const SweepTable& table) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const TableRow& row : table.rows) {
    nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
    for (const SweepAxis& axis : sweep.axes) {
      for (const std::string& key : axis.keys) parameters[key] = row.parameters.value(key, nlohmann::json());
    }
    rows.push_back({{"hash", row.hash},
                    {"status", row.status},
                    {"error", row.error.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(row.error)},
                    {"parameters", parameters},
                    {"metrics", row.metrics}});
  }
  return rows.dump();
}

}  // namespace

void bind_sweep(py::module_& module) {
  // `content`: the text of a sweep file, or empty if `name` is one.
  module.def("sweep", [](const std::string& name, const std::string& content, const std::string& folder, bool resume,
                         std::optional<std::int64_t> threads, const py::object& progress) {
    const int workers = threads_of(threads);
    std::string rows;
    run_interruptibly(progress, [&](const ProgressFunction& tell, const std::atomic<bool>& stop) {
      const Sweep sweep = content.empty() ? load_sweep(name) : parse_sweep(parse_json(content, name), name, {});
      rows = rows_text(sweep, run_sweep(sweep, folder, resume, workers, tell, stop));
    });
    return rows;
  });
}

}  // namespace cimcycle::python
