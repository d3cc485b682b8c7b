// SPDX-License-Identifier: Apache-2.0
// The points of a sweep, resolved: every key of the chip, the network, what is run, and a name made of all of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "explore/sweep.h"
#include "hardware/hardware.h"
#include "network/network.h"

namespace cimcycle {

/// What `calibrate` is asked for before a point can run. Points of one geometry share it: only the keys on which
/// thresholds depend (calibration_keys) are those of the point, the others are those of the sweep's own chip.
struct CalibrationRequest {
  Hardware hardware;
  std::string dataset;
  std::int64_t images = 0;
  std::optional<double> skip;
  std::optional<double> accuracy_loss_points;
  bool adc_steps = false;
  std::string hash;  ///< of all of this and the network

  bool chooses_thresholds() const { return skip || accuracy_loss_points; }
};

struct SweepPoint {
  std::string
      hash;  ///< of version, network, chip, technology and cell files, calibration, images and seed; 16 hex digits
  nlohmann::json config;  ///< what the hash is made of, and for people: the settings, the command's words
  std::string network;    ///< folder as the sweep names it
  double threshold_scale = 1;
  std::optional<CalibrationRequest> calibration;
  std::optional<Hardware> hardware;  ///< empty if the point is invalid
  std::string error;                 ///< why it is invalid
  // For the estimate, per image:
  std::int64_t conversions = 0;
  std::int64_t host_bytes = 0;
};

/// Points that share their numerics and are run together.
struct SweepGroup {
  std::vector<std::size_t> points;
};

struct SweepPlan {
  std::vector<SweepPoint> points;  ///< in the order of the sweep; no two with one hash
  std::vector<SweepGroup> groups;  ///< of the valid points, in the order of their first one
  std::int64_t excluded = 0;       ///< drawn, but not wanted by a constraint
  std::int64_t repeated = 0;       ///< drawn a second time
  std::map<std::string, std::shared_ptr<const Network>> networks;  ///< by their name in the sweep
};

/// Resolves all points. Throws InputError if the sweep itself cannot be used: a network or the chip to start from is
/// missing or wrong, a gated network must be calibrated and nobody says how far. A wrong point is no error: it is
/// invalid.
SweepPlan plan_sweep(const Sweep& sweep, int threads);

/// The file or folder that a sweep names: beside the sweep file, or as find_shipped finds it.
std::filesystem::path find_beside(const Sweep& sweep, const std::string& name);

/// The dataset of a point: the sweep's, or the one that the network names.
std::string dataset_of(const Sweep& sweep, const Network& network);

}  // namespace cimcycle
