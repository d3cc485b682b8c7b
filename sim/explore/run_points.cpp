// SPDX-License-Identifier: Apache-2.0
#include "explore/run_points.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace cimcycle {
namespace {

/// What may lie in the folder of a sweep.
constexpr std::string_view folder_names =
    "results.sqlite results.sqlite-journal results.sqlite-wal results.sqlite-shm claims networks/ report.html "
    "points.csv points.json";

}  // namespace

ResultStore open_sweep_folder(const std::filesystem::path& folder, bool resume) {
  check_folder_writable(folder, folder_names);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail_run("{}: cannot be made: {}", printable(folder.string()), error.message());
  ResultStore store(folder, ResultStore::Mode::create);
  if (!resume && store.size() > 0) {
    fail_input("{}: holds the results of {} points; go on with --resume, or name another folder",
               printable(folder.string()), store.size());
  }
  return store;
}

std::vector<StoredPoint> invalid_rows(const SweepPlan& plan) {
  std::vector<StoredPoint> rows;
  for (const SweepPoint& point : plan.points) {
    if (!point.hardware) rows.push_back(invalid_row(point));
  }
  return rows;
}

void run_points(WorkList& list, Evaluator& evaluator, const SweepEvents& events) {
  while (std::optional<Work> work = list.next()) {
    events.begin(work->points.size());
    const std::vector<StoredPoint> rows = evaluator.run(work->points, work->rivals);
    list.put(rows);
    events.finished(rows);
  }
}

}  // namespace cimcycle
