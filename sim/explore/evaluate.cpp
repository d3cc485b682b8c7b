// SPDX-License-Identifier: Apache-2.0
#include "explore/evaluate.h"

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

std::optional<Evaluator::Rates> Evaluator::measure_rates(const SweepPoint& point) {
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
    const double conversions = static_cast<double>(point.conversions);
    return Rates{image / conversions, std::max(0.0, one - image) / conversions};
  } catch (const InputError&) {
    return std::nullopt;  // e.g. a converter's step that only calibration will find
  }
}

Evaluator::Estimate Evaluator::estimate(const std::deque<std::size_t>& groups) {
  Estimate estimate;
  std::optional<Rates> rates;
  for (std::size_t i = 0; i < groups.size() && !rates; ++i) {
    rates = measure_rates(plan_.points[plan_.groups[groups[i]].points.front()]);
  }
  if (groups.empty()) return estimate;
  const Network& network = *plan_.networks.begin()->second;
  const Dataset& images = dataset(dataset_of(sweep_, network), DataSplit::test);
  const double count = static_cast<double>(sweep_.images > 0 ? sweep_.images : images.size);
  const double timed = std::min(count, static_cast<double>(sweep_.timed_images.value_or(images.size)));
  std::set<std::string> calibrations;
  double seconds = 0;
  for (const std::size_t group : groups) {
    double most = 0, sum = 0;
    for (const std::size_t index : plan_.groups[group].points) {
      const SweepPoint& point = plan_.points[index];
      most = std::max(most, static_cast<double>(point.conversions));
      sum += static_cast<double>(point.conversions);
      estimate.bytes = std::max(estimate.bytes, point.host_bytes * options_.threads);
      std::error_code error;
      if (point.calibration &&
          !std::filesystem::exists(options_.folder / "networks" / ("calibrated-" + point.calibration->hash), error)) {
        calibrations.insert(point.calibration->hash);
      }
    }
    if (rates) seconds += (count * rates->numerics * most + timed * rates->timing * sum) / options_.threads;
  }
  if (rates) estimate.seconds = seconds;
  estimate.calibrations = static_cast<std::int64_t>(calibrations.size());
  return estimate;
}

}  // namespace cimcycle
