// SPDX-License-Identifier: Apache-2.0
#include "explore/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "base/version.h"
#include "explore/metrics.h"
#include "replay/calibrate.h"
#include "replay/replay.h"
#include "report/report_json.h"

namespace cimcycle {
namespace {

using nlohmann::json;

Network scaled(const Network& network, double factor) {
  Network result = network;
  for (Layer& layer : result.layers) {
    for (std::int64_t& threshold : layer.dec3.threshold) {
      if (threshold == never_opens) continue;
      const double wanted = std::round(static_cast<double>(threshold) * factor);
      threshold = static_cast<std::int64_t>(std::min(wanted, static_cast<double>(largest_threshold)));
    }
  }
  return result;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

StoredPoint invalid_row(const SweepPoint& point) { return {point.hash, "invalid", point.config, {}, {}, point.error}; }

Evaluator::Evaluator(const Sweep& sweep, const SweepPlan& plan, EvaluationOptions options)
    : sweep_(sweep), plan_(plan), options_(std::move(options)) {
  for (const auto& [name, network] : plan.networks) {
    const Dataset& images = dataset(dataset_of(sweep, *network), DataSplit::test);
    if (sweep.images > images.size) {
      fail_input("{}: images: found {}, but {} has {}", sweep.file, sweep.images, printable(images.name), images.size);
    }
  }
  if (!sweep.recalibration.images) return;
  for (const SweepPoint& point : plan.points) {
    if (!point.calibration) continue;
    const Dataset& training = dataset(point.calibration->dataset, DataSplit::train);
    if (*sweep.recalibration.images > training.size) {
      fail_input("{}: recalibrate.images: found {}, but {} has {} training images", sweep.file,
                 *sweep.recalibration.images, printable(training.name), training.size);
    }
  }
}

const Dataset& Evaluator::dataset(const std::string& name, DataSplit split) {
  const std::pair key(name, split);
  const auto found = datasets_.find(key);
  return found != datasets_.end() ? found->second : datasets_.emplace(key, open_images(name, split)).first->second;
}

/// Writes a changed network into the store's folder, so that `cimcycle run` can name it, and reads it back: its hash is
/// that of the files.
std::shared_ptr<const Network> Evaluator::keep(const Network& network, const std::string& name) {
  const std::filesystem::path folder = options_.folder / "networks" / name;
  save_network(network, folder);
  return std::make_shared<Network>(load_network(folder));
}

std::shared_ptr<const Network> Evaluator::calibrated(const SweepPoint& point) {
  const CalibrationRequest& request = *point.calibration;
  const std::string name = "calibrated-" + request.hash;
  if (const auto known = kept_.find(name); known != kept_.end()) return known->second;
  const std::filesystem::path folder = options_.folder / "networks" / name;
  std::error_code error;
  // Another process may be at it: its result is as good as ours.
  std::optional<WorkClaim> claim = WorkClaim::take(options_.folder, request.hash);
  while (!claim) {
    if (options_.stop != nullptr && options_.stop->load()) throw Interrupted();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    claim = WorkClaim::take(options_.folder, request.hash);
  }
  if (std::filesystem::is_regular_file(folder / "network.json", error)) {
    return kept_[name] = std::make_shared<Network>(load_network(folder));
  }
  CalibrationOptions options;
  options.images = request.images;
  options.skip = request.skip;
  options.accuracy_loss_points = request.accuracy_loss_points;
  options.adc_steps = request.adc_steps;
  options.threads = options_.threads;
  options.stop = options_.stop;
  options.progress = options_.progress;
  const CalibrationResult result = calibrate(*plan_.networks.at(point.network), request.hardware,
                                             dataset(request.dataset, DataSplit::train), options);
  return kept_[name] = keep(result.network, name);
}

Evaluator::Prepared Evaluator::prepare(const SweepPoint& point) {
  Prepared prepared{plan_.networks.at(point.network), find_beside(sweep_, point.network).string(), "as in the network"};
  const auto folder_of = [&](const std::string& name) { return (options_.folder / "networks" / name).string(); };
  std::string name = "scaled-" + prepared.network->hash;
  if (point.calibration) {
    prepared.network = calibrated(point);
    prepared.folder = folder_of("calibrated-" + point.calibration->hash);
    prepared.thresholds = "calibrated";
    name = "scaled-" + point.calibration->hash;
  }
  if (point.threshold_scale != 1) {
    name += fmt::format("-{}", point.threshold_scale);
    auto& kept = kept_[name];
    if (kept == nullptr) kept = keep(scaled(*prepared.network, point.threshold_scale), name);
    prepared.network = kept;
    prepared.folder = folder_of(name);
    prepared.thresholds = point.calibration ? "calibrated and scaled" : "scaled";
  }
  return prepared;
}

StoredPoint Evaluator::row_of(const SweepPoint& point, const std::string& status, const std::string& error) const {
  return {point.hash, status, point.config, {}, {}, error};
}

std::vector<RunResult> Evaluator::replay_points(const std::vector<std::size_t>& points, const Network& network,
                                                std::int64_t images) {
  std::vector<Hardware> chips;
  chips.reserve(points.size());
  for (const std::size_t index : points) chips.push_back(*plan_.points[index].hardware);
  RunOptions options;
  options.images = images;
  options.timed_images = sweep_.timed_images;
  options.reference_images = sweep_.reference_images;
  options.threads = options_.threads;
  options.seed = sweep_.seed;
  options.stop = options_.stop;
  options.progress = options_.progress;
  return replay_chips(network, chips, dataset(dataset_of(sweep_, network), DataSplit::test), options);
}

std::vector<StoredPoint> Evaluator::stopped(std::vector<std::size_t>& points, const Prepared& prepared,
                                            std::span<const Rival> rivals) {
  const std::string name = dataset_of(sweep_, *prepared.network);
  const std::int64_t images = sweep_.images > 0 ? sweep_.images : dataset(name, DataSplit::test).size;
  if (rivals.empty() || sweep_.early_stop->images >= images) return {};
  const std::vector<RunResult> pilots = replay_points(points, *prepared.network, sweep_.early_stop->images);
  std::vector<StoredPoint> rows;
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto reason = beaten_by(rivals, pilots[i], name, images, sweep_.early_stop->confidence);
    if (!reason) {
      left.push_back(points[i]);
      continue;
    }
    rows.push_back(row_of(plan_.points[points[i]], "stopped", *reason));
    rows.back().config["thresholds"] = prepared.thresholds;
  }
  points = std::move(left);
  return rows;
}

std::vector<StoredPoint> Evaluator::rows_of(const std::vector<std::size_t>& points, const Prepared& prepared) {
  if (points.empty()) return {};
  const auto started = std::chrono::steady_clock::now();
  const std::vector<RunResult> results = replay_points(points, *prepared.network, sweep_.images);
  const double seconds = seconds_since(started);
  std::vector<StoredPoint> rows;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const SweepPoint& point = plan_.points[points[i]];
    StoredPoint row = row_of(point, "done", {});
    row.config["thresholds"] = prepared.thresholds;
    row.config["run"] = {{"network", prepared.folder}, {"network_hash", prepared.network->hash}};
    row.config["warnings"] = results[i].warnings;
    row.metrics = metrics_of(report_json(results[i], {std::string(program_version()), "cimcycle sweep"}));
    row.simulation = {{"wall_seconds", seconds},
                      {"points_together", points.size()},
                      {"threads", options_.threads},
                      {"simd", results[i].simd}};
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<StoredPoint> Evaluator::run(const std::vector<std::size_t>& points, std::span<const Rival> rivals) {
  std::vector<StoredPoint> rows;
  try {
    const Prepared prepared = prepare(plan_.points[points.front()]);
    std::vector<std::size_t> wanted = points;
    if (sweep_.early_stop) rows = stopped(wanted, prepared, rivals);
    std::vector<StoredPoint> done = rows_of(wanted, prepared);
    std::move(done.begin(), done.end(), std::back_inserter(rows));
    return rows;
  } catch (const Interrupted&) {
    throw;
  } catch (const RunError&) {
    throw;
  } catch (const std::exception& error) {
    // One of them, perhaps: each alone says which.
    if (points.size() == 1) {
      const bool impossible = dynamic_cast<const InputError*>(&error) != nullptr;
      return {row_of(plan_.points[points.front()], impossible ? "invalid" : "failed", error.what())};
    }
  }
  rows.clear();
  for (const std::size_t point : points) {
    for (StoredPoint& row : run({point}, rivals)) rows.push_back(std::move(row));
  }
  return rows;
}

std::optional<Evaluator::Cost> Evaluator::measure_cost(const SweepPoint& point) {
  const Network& network = *plan_.networks.at(point.network);
  const Dataset& images = dataset(dataset_of(sweep_, network), DataSplit::test);
  const auto seconds_of = [&](std::int64_t count) {
    RunOptions options;
    options.images = std::min(count, images.size);
    options.timed_images = 1;
    options.reference_images = 0;
    options.stop = options_.stop;
    return replay(network, *point.hardware, images, options).wall_seconds;
  };
  try {
    const double one = seconds_of(1), three = seconds_of(3);
    const double image = std::max(1e-6, (three - one) / 2);
    return Cost{static_cast<double>(point.conversions), image, std::max(0.0, one - image)};
  } catch (const InputError&) {
    return std::nullopt;  // e.g. a converter's step that only calibration will find
  }
}

std::vector<Evaluator::Cost> Evaluator::measure_costs(const std::deque<std::size_t>& groups) {
  constexpr std::size_t most_tries = 4;  // per end; each takes as long as four images
  std::vector<const SweepPoint*> points;
  for (const std::size_t group : groups) {
    for (const std::size_t point : plan_.groups[group].points) points.push_back(&plan_.points[point]);
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const SweepPoint* a, const SweepPoint* b) { return a->conversions < b->conversions; });
  std::vector<Cost> costs;
  const auto first_of = [&](auto from, auto to) {
    for (std::size_t tries = 0; from != to && tries < most_tries; ++from, ++tries) {
      if (const auto cost = measure_cost(**from)) {
        costs.push_back(*cost);
        return;
      }
    }
  };
  first_of(points.begin(), points.end());
  const bool all_alike = !costs.empty() && static_cast<double>(points.back()->conversions) <= costs.front().conversions;
  if (!all_alike) first_of(points.rbegin(), points.rend());
  return costs;
}

Evaluator::Estimate Evaluator::estimate(const std::deque<std::size_t>& groups) {
  Estimate estimate;
  const std::vector<Cost> costs = measure_costs(groups);
  const auto between = [&](std::int64_t conversions, double Cost::*part) {
    const Cost &few = costs.front(), &many = costs.back();
    const double span = many.conversions - few.conversions;
    const double at = span > 0 ? (static_cast<double>(conversions) - few.conversions) / span : 0.5;
    return std::max(0.0, few.*part + at * (many.*part - few.*part));
  };
  std::set<std::string> calibrations;
  double seconds = 0;
  for (const std::size_t group : groups) {
    std::int64_t most = 0;
    const Network& network = *plan_.networks.at(plan_.points[plan_.groups[group].points.front()].network);
    const Dataset& images = dataset(dataset_of(sweep_, network), DataSplit::test);
    const std::int64_t count = sweep_.images > 0 ? sweep_.images : images.size;
    const std::int64_t timed = std::min(count, sweep_.timed_images.value_or(images.size));
    for (const std::size_t index : plan_.groups[group].points) {
      const SweepPoint& point = plan_.points[index];
      most = std::max(most, point.conversions);
      estimate.bytes = std::max(estimate.bytes, point.host_bytes * options_.threads);
      if (!costs.empty()) seconds += static_cast<double>(timed) * between(point.conversions, &Cost::timing);
      std::error_code error;
      if (!point.calibration ||
          std::filesystem::exists(options_.folder / "networks" / ("calibrated-" + point.calibration->hash), error) ||
          !calibrations.insert(point.calibration->hash).second) {
        continue;
      }
      if (!costs.empty() && point.calibration->chooses_thresholds()) {
        estimate.calibration_seconds += replays_of_threshold_choice(network, point.calibration->images) *
                                        between(point.conversions, &Cost::numerics) / options_.threads;
      }
    }
    if (!costs.empty()) seconds += static_cast<double>(count) * between(most, &Cost::numerics);
  }
  if (!costs.empty()) estimate.seconds = seconds / options_.threads;
  estimate.calibrations = static_cast<std::int64_t>(calibrations.size());
  return estimate;
}

}  // namespace cimcycle
