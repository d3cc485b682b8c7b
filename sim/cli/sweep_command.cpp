// SPDX-License-Identifier: Apache-2.0
// cimcycle sweep: runs the points of a sweep file and keeps their results in a folder.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "base/error.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "explore/distribute.h"
#include "explore/evaluate.h"
#include "explore/pareto.h"
#include "explore/run_points.h"
#include "explore/table_text.h"
#include "explore/work.h"
#include "report/progress_line.h"
#include "report/shell_words.h"
#include "report/units.h"

namespace cimcycle {
namespace {

Syntax sweep_syntax() {
  return {"sweep",
          "Runs every point of a sweep file. Results are kept in a folder as they come; cimcycle report looks at them.",
          {"SWEEP.json"},
          {{"out", "DIR", "folder of the results"},
           {"resume", "", "go on in a folder that holds results: points that are there are not run again"},
           {"shard", "I/N", "run part I of N, 1 to N: for job arrays, each job with a folder of its own"},
           {"plan", "", "say what would be run, and end"},
           threads_option,
           quiet_option}};
}

Shard shard_of(const Arguments& arguments) {
  const std::optional<std::string> text = arguments.text("shard");
  if (!text) return {};
  Shard shard;
  const char* const end = text->data() + text->size();
  const auto [slash, error] = std::from_chars(text->data(), end, shard.index);
  bool good = error == std::errc() && slash != end && *slash == '/';
  if (good) {
    const auto [stop, count_error] = std::from_chars(slash + 1, end, shard.count);
    good = count_error == std::errc() && stop == end;
  }
  constexpr int most = 100000;
  if (!good || shard.count < 1 || shard.count > most || shard.index < 1 || shard.index > shard.count) {
    fail_input("sweep: --shard = \"{}\": expected I/N with 1 <= I <= N <= {}", printable(*text), most);
  }
  --shard.index;
  return shard;
}

/// Throws InputError if no point is left that can run.
void check_some_point_runs(const Sweep& sweep, const SweepPlan& plan) {
  if (plan.points.empty()) {
    fail_input("{}: the constraints leave none of the {} points", sweep.file, with_commas(plan.excluded));
  }
  const auto can_run = [](const SweepPoint& point) { return point.hardware.has_value(); };
  if (std::any_of(plan.points.begin(), plan.points.end(), can_run)) return;
  fail_input("{}: none of its {} points can run; the first one: {}", sweep.file,
             with_commas(static_cast<std::int64_t>(plan.points.size())), plan.points.front().error);
}

std::string plan_text(const SweepPlan& plan, std::int64_t invalid) {
  std::string text = fmt::format("{} points in {} groups that share their numerics",
                                 with_commas(static_cast<std::int64_t>(plan.points.size()) - invalid),
                                 with_commas(static_cast<std::int64_t>(plan.groups.size())));
  if (plan.excluded > 0) text += fmt::format("; {} left out by constraints", with_commas(plan.excluded));
  if (plan.repeated > 0) text += fmt::format("; {} drawn twice", with_commas(plan.repeated));
  if (invalid > 0) text += fmt::format("; {} invalid", with_commas(invalid));
  return text + "\n";
}

std::string estimate_text(const Evaluator::Estimate& estimate, std::int64_t open, std::int64_t settled, int threads,
                          int processes) {
  constexpr double mib = 1024.0 * 1024.0;
  std::string text = fmt::format("{} to run", with_commas(open));
  if (settled > 0) text += fmt::format(", {} there already", with_commas(settled));
  text += fmt::format(": about {} on {} threads, {:.0f} MiB",
                      estimate.seconds ? duration(*estimate.seconds / processes) : "an unknown time",
                      threads * processes, static_cast<double>(estimate.bytes) * processes / mib);
  if (estimate.calibrations > 0) {
    text += fmt::format("; before that {} calibrations", estimate.calibrations);
    if (estimate.calibration_seconds > 0) {
      text += fmt::format(", about {}", duration(estimate.calibration_seconds / processes));
    }
  }
  return text + "\n";
}

Front usual_front(const SweepTable& table) {
  const Metric* const objectives[] = {&metric_named("top1", "report"), &metric_named("energy_pj", "report"),
                                      &metric_named("latency_ns", "report")};
  return front_of(table, objectives);
}

/// How far the sweep is, on the terminal.
class Progress {
 public:
  Progress(bool quiet, std::int64_t points) : display_(quiet), points_(points) {}

  /// This process starts a group of so many points.
  void begin(std::size_t points) {
    const std::lock_guard lock(mutex_);
    count_.begin(points);
  }
  /// From any thread: images of the group at hand, or of something that comes before it.
  void images(std::int64_t done, std::int64_t all, std::string_view what) {
    if (what != "replay") return display_.show(done, all, what);
    const std::lock_guard lock(mutex_);
    display_.show(count_.done_at(done, all), points_, "sweep", "points", note_);
  }
  /// Rows have been stored.
  void add(const std::vector<StoredPoint>& rows) {
    const std::lock_guard lock(mutex_);
    count_.finish(rows.size());
    for (const StoredPoint& row : rows) {
      if (row.status != "done") continue;
      front_.push_back({-row.metrics.at("top1").get<double>(), row.metrics.at("energy_pj").get<double>(),
                        row.metrics.at("latency_ns").get<double>()});
    }
    std::vector<Costs> front;
    for (const std::size_t member : pareto_front(front_)) front.push_back(front_[member]);
    front_ = std::move(front);
    if (!front_.empty()) {
      const Costs& best = *std::min_element(front_.begin(), front_.end());
      note_ =
          fmt::format("front {}, best {:.2f} % at {}", front_.size(), -100 * best[0], with_unit(best[1], energy_units));
    }
    display_.show(count_.done(), points_, "sweep", "points", note_);
  }

 private:
  std::mutex mutex_;
  ProgressDisplay display_;
  std::int64_t points_;
  PointCount count_;
  std::vector<Costs> front_;  ///< of top1, energy, latency
  std::string note_;
};

/// The command that goes on with a sweep.
std::string resuming(CommandArguments given, const Arguments& arguments) {
  std::vector<std::string> words = {"sweep"};
  words.insert(words.end(), given.begin(), given.end());
  if (!arguments.has("resume")) words.emplace_back("--resume");
  return shell_command(words);
}

std::int64_t points_in(const SweepPlan& plan, Shard shard) {
  std::int64_t points = 0;
  for (std::size_t g = static_cast<std::size_t>(shard.index); g < plan.groups.size();
       g += static_cast<std::size_t>(shard.count)) {
    points += static_cast<std::int64_t>(plan.groups[g].points.size());
  }
  return points;
}

/// What the processes of a job have in common.
struct Job {
  Sweep sweep;
  SweepPlan plan;
  EvaluationOptions options;
};

int follow(const Job& job, const Messenger& messenger) {
  Evaluator evaluator(job.sweep, job.plan, job.options);
  try {
    follow_job(messenger, evaluator);
  } catch (const std::exception&) {
    // Rank 0 knows and says it.
  }
  messenger.finish();
  return exit_good;
}

int run_alone_or_lead(Job& job, const Arguments& arguments, CommandArguments given,
                      const std::optional<Messenger>& messenger) {
  const bool quiet = arguments.has("quiet");
  const Shard shard = shard_of(arguments);
  const std::vector<StoredPoint> invalid = invalid_rows(job.plan);
  if (!quiet) print(plan_text(job.plan, static_cast<std::int64_t>(invalid.size())));
  ResultStore store = open_sweep_folder(job.options.folder, arguments.has("resume"));
  WorkList list(job.plan, shard, store, job.options.folder, job.options.stop, job.sweep.early_stop.has_value());
  std::optional<Progress> progress;
  job.options.progress = [&](std::int64_t done, std::int64_t all, std::string_view what) {
    if (progress) progress->images(done, all, what);
  };
  Evaluator evaluator(job.sweep, job.plan, job.options);
  if (!quiet) {
    print(estimate_text(evaluator.estimate(list.groups()), list.open_points(),
                        points_in(job.plan, shard) - list.open_points(), job.options.threads,
                        messenger ? messenger->size : 1));
  }
  if (arguments.has("plan")) {
    if (!quiet) print(table_text(table_of(invalid), {}, style_of_stdout()));
    return exit_good;
  }
  if (shard.index == 0) store.put(invalid);
  try {
    progress.emplace(quiet, list.open_points());
    if (messenger) {
      lead_job(*messenger, list, evaluator, job.options.stop,
               [&](const std::vector<StoredPoint>& rows) { progress->add(rows); });
    } else {
      run_points(list, evaluator,
                 {[&](std::size_t points) { progress->begin(points); },
                  [&](const std::vector<StoredPoint>& rows) { progress->add(rows); }});
    }
    progress.reset();
  } catch (const Interrupted&) {
    progress.reset();
    fmt::print(stderr, "cimcycle: interrupted; what is done is in {}; go on with: {}\n",
               printable(job.options.folder.string()), resuming(given, arguments));
    return exit_interrupted;
  }
  if (!quiet) {
    const SweepTable table = table_of(rows_of_plan(job.plan, store));
    print(table_text(table, usual_front(table), style_of_stdout()));
  }
  return exit_good;
}

}  // namespace

int sweep_command(CommandArguments given) {
  const Arguments arguments(sweep_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const std::optional<std::string> out = arguments.text("out");
  if (!out) fail_input("sweep: --out DIR is missing: the folder of the results");
  const int threads =
      arguments.has("threads") ? arguments.threads() : std::max(1, arguments.threads() / processes_here());
  shard_of(arguments);
  Job job;
  job.sweep = load_sweep(arguments.positional(0));
  job.plan = plan_sweep(job.sweep, threads);
  check_some_point_runs(job.sweep, job.plan);
  job.options = {*out, threads, &stop_requested(), {}};
  const std::optional<Messenger> messenger = join_job();
  if (messenger && messenger->rank > 0) {
    if (!arguments.has("plan")) return follow(job, *messenger);
    messenger->finish();
    return exit_good;
  }
  const int code = run_alone_or_lead(job, arguments, given, messenger);
  if (messenger) messenger->finish();
  return code;
}

}  // namespace cimcycle
