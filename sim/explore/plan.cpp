// SPDX-License-Identifier: Apache-2.0
#include "explore/plan.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/json_object.h"
#include "base/parallel.h"
#include "base/text.h"
#include "base/version.h"
#include "explore/sampling.h"
#include "replay/calibrate.h"
#include "replay/calibration_record.h"
#include "replay/result_builder.h"
#include "replay/sharing.h"
#include "report/estimate.h"

namespace cimcycle {
namespace {

using nlohmann::json;

/// Chips that are run together: bounds the memory of a group, and what a killed process loses.
constexpr std::size_t max_group = 64;
/// Images for thresholds when neither sweep nor network say how many; calibrate probes damages on 160.
constexpr std::int64_t usual_calibration_images = 256;

bool is_network_key(const std::string& key) {
  return key == network_key || key == threshold_scale_key || key == skip_key;
}

/// Whether thresholds belong to a geometry.
bool gated(const Network& network) {
  return std::any_of(network.layers.begin(), network.layers.end(),
                     [](const Layer& layer) { return layer.dec3.has_free_threshold(); });
}

/// What the network's own calibration recorded; an empty object if it has none.
json calibration_record(const Network& network) {
  const json provenance = parse_json(network.provenance, network.name);
  if (!provenance.is_object()) return json::object();
  const auto record = provenance.find("calibration");
  return record != provenance.end() && record->is_object() ? *record : json::object();
}

class Planner {
 public:
  explicit Planner(const Sweep& sweep)
      : sweep_(sweep), chip_file_(find_hardware(find_beside(sweep, sweep.hardware).string())) {
    std::vector<std::string> fixed;
    for (const auto& [key, value] : sweep.set) {
      if (!is_network_key(key)) fixed.push_back(override_text(key, value));
      base_[key] = value;
    }
    const json chip = flat_keys(to_json(load_hardware(chip_file_, fixed)));
    for (const auto& [key, value] : chip.items()) base_[key] = value;
    base_.emplace(network_key, sweep.network);
    base_.emplace(threshold_scale_key, 1.0);
    base_.emplace(skip_key, nullptr);
    for (const SweepAxis& axis : sweep.axes) keys_.insert(keys_.end(), axis.keys.begin(), axis.keys.end());
  }

  SweepPlan run(int threads) {
    std::vector<Settings> drawn = draw_settings(sweep_);
    const std::size_t all = drawn.size();
    std::erase_if(drawn, [&](const Settings& settings) { return !wanted(settings); });
    plan_.excluded = static_cast<std::int64_t>(all - drawn.size());
    load_networks(drawn);
    std::vector<SweepPoint> points(drawn.size());
    parallel_for(static_cast<std::int64_t>(drawn.size()), threads, [&](std::int64_t i, int) {
      points[static_cast<std::size_t>(i)] = resolve(drawn[static_cast<std::size_t>(i)]);
    });
    std::set<std::string> hashes;
    for (SweepPoint& point : points) {
      if (hashes.insert(point.hash).second) {
        plan_.points.push_back(std::move(point));
      } else {
        ++plan_.repeated;
      }
    }
    make_groups();
    return std::move(plan_);
  }

 private:
  json value_of(const Settings& settings, std::string_view key) const {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i] == key) return settings[i];
    }
    const auto found = base_.find(std::string(key));
    return found == base_.end() ? json() : found->second;  // a key of a section that the chip does not have
  }

  bool wanted(const Settings& settings) const {
    return std::all_of(sweep_.constraints.begin(), sweep_.constraints.end(), [&](const Expression& constraint) {
      return constraint.holds([&](std::string_view key) { return expression_value(value_of(settings, key)); });
    });
  }

  void load_networks(const std::vector<Settings>& drawn) {
    for (const Settings& settings : drawn) {
      const std::string name = value_of(settings, network_key).get<std::string>();
      auto& network = plan_.networks[name];
      if (network != nullptr) continue;
      network = std::make_shared<Network>(load_network(find_beside(sweep_, name)));
      records_[name] = calibration_record(*network);
      if (sweep_.recalibration.on && gated(*network)) open_.emplace(name, with_open_gates(*network));
    }
  }

  SweepPoint resolve(const Settings& settings) const {
    SweepPoint point;
    point.network = value_of(settings, network_key).get<std::string>();
    point.threshold_scale = value_of(settings, threshold_scale_key).get<double>();
    const Network& network = *plan_.networks.at(point.network);
    std::vector<std::string> overrides;
    for (const auto& [key, value] : sweep_.set) {
      if (!is_network_key(key)) overrides.push_back(override_text(key, value));
    }
    json shown = json::object();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (!is_network_key(keys_[i])) overrides.push_back(override_text(keys_[i], settings[i]));
      shown[keys_[i]] = settings[i];
    }
    json identity = {{"version", program_version()},
                     {"network", network.hash},
                     {"threshold_scale", point.threshold_scale},
                     {"dataset", dataset_of(sweep_, network)},
                     {"images", sweep_.images},
                     {"timed_images", sweep_.timed_images ? json(*sweep_.timed_images) : json()},
                     {"reference_images", sweep_.reference_images},
                     {"seed", sweep_.seed}};
    try {
      point.hardware = load_hardware(chip_file_, overrides);
      point.calibration = calibration_of(point, network, overrides, value_of(settings, skip_key));
      Hardware hardware = *point.hardware;
      const Network* mapped = &network;
      if (point.calibration && point.calibration->chooses_thresholds()) {
        // The network's own thresholds and masks may be of other sizes, and are replaced.
        mapped = &open_.at(point.network);
        hardware.gate.mask_known = MaskKnown::after_read;
      }
      const NetworkMapping mapping = map_network(*mapped, hardware);
      const ChipModel chip = chip_model_of(*point.hardware, mapping);
      const Estimate cost = estimate(*mapped, mapping, hardware, chip);
      point.conversions = cost.conversions;
      point.host_bytes = cost.host_bytes;
      identity["hardware"] = to_json(*point.hardware);
      identity["tech"] = chip.tech_hash;
      identity["calibration"] = point.calibration ? json(point.calibration->hash) : json();
    } catch (const PlanError& error) {
      throw InputError(error.what());
    } catch (const InputError& error) {
      point.hardware.reset();
      point.calibration.reset();
      point.error = error.what();
      identity["hardware"] = sweep_.hardware;
      identity["set"] = overrides;
    }
    point.config = identity;
    if (point.hardware) identity["hardware"].erase("name");
    point.hash = content_hash(identity.dump());
    point.config["network"] = {{"name", network.name}, {"folder", point.network}, {"hash", network.hash}};
    point.config["settings"] = std::move(shown);
    point.config["base"] = {{"hardware", chip_file_.string()}, {"set", overrides}};
    if (point.calibration) point.config["calibration"] = request_json(*point.calibration);
    return point;
  }

  /// A fault of the sweep, whichever point shows it first.
  struct PlanError : InputError {
    using InputError::InputError;
  };

  static json request_json(const CalibrationRequest& request) {
    return {{"hash", request.hash},
            {"dataset", request.dataset},
            {"images", request.images},
            {"skip", request.skip ? json(*request.skip) : json()},
            {"accuracy_loss_points", request.accuracy_loss_points ? json(*request.accuracy_loss_points) : json()},
            {"adc_steps", request.adc_steps},
            {"hardware", to_json(request.hardware)}};
  }

  /// What the network's own calibration recorded under a key, null if nothing.
  const json* recorded(const std::string& network, const char* key) const {
    const json& record = records_.at(network);
    const auto value = record.find(key);
    return value == record.end() ? nullptr : &*value;
  }

  std::optional<CalibrationRequest> calibration_of(const SweepPoint& point, const Network& network,
                                                   const std::vector<std::string>& overrides, const json& skip) const {
    const Recalibration& wish = sweep_.recalibration;
    if (!wish.on && !skip.is_null()) {
      throw PlanError(
          fmt::format("{}: {} asks for other thresholds, and \"recalibrate\": false keeps those that there are",
                      sweep_.file, skip_key));
    }
    if (!wish.on) return std::nullopt;
    CalibrationRequest request;
    request.adc_steps = point.hardware->adc.transfer == AdcTransfer::calibrated;
    const json* const geometry = recorded(point.network, "hardware");
    const json keys = calibration_keys(*point.hardware);
    const bool asked = wish.skip || wish.accuracy_loss_points || !skip.is_null();
    if (gated(network) && (asked || geometry == nullptr || *geometry != keys || request.adc_steps)) {
      const json* const own_skip = recorded(point.network, "skip");
      const json* const own_loss = recorded(point.network, "accuracy_loss_points");
      if (!skip.is_null()) {
        request.skip = skip.get<double>();
      } else if (asked) {
        request.skip = wish.skip;
        request.accuracy_loss_points = wish.accuracy_loss_points;
      } else if (own_skip != nullptr && own_skip->is_number()) {
        request.skip = own_skip->get<double>();
      } else if (own_loss != nullptr && own_loss->is_number()) {
        request.accuracy_loss_points = own_loss->get<double>();
      } else {
        throw PlanError(fmt::format(
            "{}: {} has gates and no record of its calibration; say how far to close them (\"recalibrate\": "
            "{{\"skip\": 0.8}}) or keep its thresholds (\"recalibrate\": false)",
            sweep_.file, printable(point.network)));
      }
    }
    if (!request.chooses_thresholds() && !request.adc_steps) return std::nullopt;
    const json* const own_images = recorded(point.network, "images");
    const bool usable = own_images != nullptr && own_images->is_number_integer() && own_images->get<std::int64_t>() > 0;
    request.images = wish.images.value_or(usable ? own_images->get<std::int64_t>() : usual_calibration_images);
    request.dataset = dataset_of(sweep_, network);
    request.hardware = geometry_alone(*point.hardware, overrides, keys);
    request.hash = content_hash(
        json{{"version", program_version()}, {"network", network.hash}, {"request", request_json(request)}}.dump());
    return request;
  }

  /// The sweep's chip with the point's geometry; the point's own chip if the two do not fit together.
  Hardware geometry_alone(const Hardware& hardware, const std::vector<std::string>& overrides, const json& keys) const {
    std::vector<std::string> relevant;
    for (const std::string& text : overrides) {
      if (keys.contains(text.substr(0, text.find('=')))) relevant.push_back(text);
    }
    try {
      Hardware alone = load_hardware(chip_file_, relevant);
      alone.gate.input_sums = hardware.gate.input_sums;  // moves no threshold, but gates on inputs need it
      if (calibration_keys(alone) == keys) return alone;
    } catch (const InputError&) {
      // E.g. converters of one type and bits that only another type allows.
    }
    return hardware;
  }

  void make_groups() {
    std::map<std::string, std::size_t> open;  // the group that takes the next point of this kind
    for (std::size_t i = 0; i < plan_.points.size(); ++i) {
      const SweepPoint& point = plan_.points[i];
      if (!point.hardware) continue;
      const std::string kind =
          fmt::format("{} {} {} {}", point.network, point.threshold_scale,
                      point.calibration ? point.calibration->hash : "-", numerics_key(*point.hardware));
      const auto [entry, is_new] = open.emplace(kind, plan_.groups.size());
      if (is_new || plan_.groups[entry->second].points.size() == max_group) {
        entry->second = plan_.groups.size();
        plan_.groups.emplace_back();
      }
      plan_.groups[entry->second].points.push_back(i);
    }
  }

  const Sweep& sweep_;
  const std::filesystem::path chip_file_;
  std::map<std::string, json> base_;     ///< values of all keys that no axis changes
  std::vector<std::string> keys_;        ///< of the axes, in the order of Settings
  std::map<std::string, json> records_;  ///< calibration_record of each network
  std::map<std::string, Network> open_;  ///< the gated networks, gates open; empty unless points are recalibrated
  SweepPlan plan_;
};

}  // namespace

std::filesystem::path find_beside(const Sweep& sweep, const std::string& name) {
  const std::filesystem::path beside = sweep.folder / name;
  std::error_code error;
  return std::filesystem::exists(beside, error) ? beside : find_shipped(name);
}

std::string dataset_of(const Sweep& sweep, const Network& network) {
  if (!sweep.dataset.empty()) return sweep.dataset;
  if (network.dataset.empty()) {
    fail_input("{}: dataset: missing, and {} names none", sweep.file, printable(network.name));
  }
  return network.dataset;
}

SweepPlan plan_sweep(const Sweep& sweep, int threads) { return Planner(sweep).run(threads); }

}  // namespace cimcycle
