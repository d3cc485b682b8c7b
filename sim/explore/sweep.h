// SPDX-License-Identifier: Apache-2.0
// What a sweep file asks for (docs/formats/sweep.md): the chip and network to start from, the axes along which they
// change, and how points are chosen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "explore/expression.h"

namespace cimcycle {

/// Keys of an axis that are no hardware keys.
inline constexpr std::string_view network_key = "network";                          ///< a network folder
inline constexpr std::string_view threshold_scale_key = "network.threshold_scale";  ///< factor of all gate thresholds
inline constexpr std::string_view skip_key = "network.skip";  ///< share of gate decisions that calibration closes

/// Hardware keys and network keys, in the order of the description.
std::vector<std::string> sweep_keys();

/// An interval to draw from.
struct SweepInterval {
  double from = 0, to = 0;
  bool whole = false;  ///< only whole numbers
};

/// One axis: its keys change together (one key, or several zipped ones).
struct SweepAxis {
  std::vector<std::string> keys;
  std::vector<std::vector<nlohmann::json>> values;  ///< [value][key]
  std::optional<SweepInterval> interval;            ///< instead of values; one key; not with a grid
};

enum class SamplingKind { grid, random, latin_hypercube };
struct Sampling {
  SamplingKind kind = SamplingKind::grid;
  std::int64_t points = 0;  ///< to draw; not with a grid
  std::uint64_t seed = 0;
};

/// How thresholds and ADC steps follow the geometry.
struct Recalibration {
  bool on = true;
  std::optional<std::int64_t> images;  ///< absent: as many as the network's own calibration used
  std::optional<double> skip;          ///< absent, as the next one: the target of the network's own calibration
  std::optional<double> accuracy_loss_points;
};

/// When a point that others beat beyond doubt is given up (explore/early_stop.h).
struct EarlyStop {
  std::int64_t images = 0;  ///< looked at before a decision
  double confidence = 0;    ///< of each bound
};

struct Sweep {
  std::string file;  ///< in messages
  std::string name;
  std::string hardware;                                     ///< the file to start from, as the sweep file names it
  std::vector<std::pair<std::string, nlohmann::json>> set;  ///< keys changed for all points
  std::string network;                                      ///< for all points; empty: an axis names it
  std::string dataset;                                      ///< empty: the one that the network names
  std::int64_t images = 0;                                  ///< 0: all
  std::optional<std::int64_t> timed_images;                 ///< absent: all
  std::int64_t reference_images = 0;
  std::uint64_t seed = 0;
  std::vector<SweepAxis> axes;
  std::vector<Expression> constraints;
  Sampling sampling;
  Recalibration recalibration;
  std::optional<EarlyStop> early_stop;  ///< absent: every point is run to its end
  std::filesystem::path folder;         ///< of the sweep file: relative names are looked for here, too
};

/// Reads a sweep file. Throws InputError; unknown keys name the nearest known one.
Sweep load_sweep(const std::filesystem::path& file);

/// The same from the content of such a file; `file` stands in messages, `folder` is where relative names are looked
/// for.
Sweep parse_sweep(const nlohmann::json& content, const std::string& file, const std::filesystem::path& folder);

/// {"adc": {"bits": 5}} as {"adc.bits": 5}.
nlohmann::json flat_keys(const nlohmann::json& description);

/// "adc.bits=5": the override that gives a hardware key a value.
std::string override_text(const std::string& key, const nlohmann::json& value);

}  // namespace cimcycle
