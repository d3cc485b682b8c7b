// SPDX-License-Identifier: Apache-2.0
#include "replay/calibrate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "replay/adc_steps.h"
#include "replay/calibration_record.h"
#include "replay/fit.h"
#include "replay/gate_profile.h"
#include "replay/hits.h"
#include "replay/image_pass.h"
#include "replay/image_run.h"
#include "replay/static_masks.h"
#include "replay/threshold_search.h"

namespace cimcycle {
namespace {

/// All gates working (or all open) on all calibration images.
struct Outcome {
  double top1 = 0;
  double masked_ratio = 0;
  std::vector<double> closed_share;  ///< per profile
};

double share_of(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

class Calibrator {
 public:
  Calibrator(const Network& network, const Hardware& hardware, const Dataset& training,
             const CalibrationOptions& options)
      : network_(network),
        hardware_(hardware),
        options_(options),
        images_{training, options.images, options.threads, options.progress, options.stop} {
    // Static masks are the outcome; while they are looked for, every OU group is read.
    if (hardware_.gate.mask_known == MaskKnown::static_) hardware_.gate.mask_known = MaskKnown::after_read;
  }

  CalibrationResult run() {
    check_fit(network_, images_.dataset);
    check_training_images(images_.dataset, options_.images);
    if (!images_.dataset.labelled) {
      fail_input("calibrate: {} has no labels, which tell what the gates cost", printable(images_.dataset.name));
    }
    if (options_.adc_steps) choose_adc_steps();
    if (options_.skip || options_.accuracy_loss_points) choose_thresholds();
    if (options_.static_masks) choose_static_masks();
    write_provenance();
    result_.network = network_;
    return std::move(result_);
  }

 private:
  void choose_adc_steps() {
    if (hardware_.adc.transfer != AdcTransfer::calibrated) {
      fail_input("--adc: adc.transfer = {} has no step to calibrate; use --set adc.transfer=calibrated",
                 adc_transfer_words[static_cast<std::size_t>(hardware_.adc.transfer)]);
    }
    calibrate_adc_steps(network_, hardware_, images_.dataset, std::min<std::int64_t>(options_.images, 16));
  }

  void choose_thresholds() {
    for (const Layer& layer : network_.layers) {
      if (layer.has_weights() && layer.dec3.gate == GateKind::digits) {
        fail_input(
            "layer {}: gate digits has its thresholds from training; calibrate chooses those of max, mean and inputs",
            printable(layer.name));
      }
    }
    if (options_.gate) network_ = with_gates(network_, *options_.gate);
    network_ = with_open_gates(network_);
    mapping_ = map_network(network_, hardware_);
    profiles_ = profile_gates(network_, mapping_, hardware_, images_);
    result_.top1_ungated = measure(GateMode::all_open).top1;
    const auto is_within = [&](const ClosedShares& tried) {
      set_thresholds(tried);
      return within_target(measure(GateMode::as_described));
    };
    const ClosedShares shares =
        options_.equal_shares ? search_equal_shares(profiles_.size(), is_within) : search_shares(profiles_, is_within);
    set_thresholds(shares);
    report(shares, measure(GateMode::as_described));
    record_removed_groups(network_, mapping_, hardware_, images_);
  }

  void choose_static_masks() {
    if (std::none_of(network_.layers.begin(), network_.layers.end(), is_pruned)) {
      fail_input("--static-masks: {} has no layer with a gate max or mean and lb = 0", printable(network_.name));
    }
    record_removed_groups(network_, map_network(network_, hardware_), hardware_, images_);
  }

  Layer& layer_of(const GateProfile& profile) { return network_.layers[static_cast<std::size_t>(profile.index)]; }

  void set_thresholds(const ClosedShares& shares) {
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
      layer_of(profiles_[i]).dec3.threshold = {profiles_[i].levels.threshold_for(shares[i])};
    }
  }

  bool within_target(const Outcome& outcome) const {
    if (options_.skip) return outcome.masked_ratio <= *options_.skip;
    return 100 * (result_.top1_ungated - outcome.top1) <= *options_.accuracy_loss_points;
  }

  Outcome measure(GateMode mode) const {
    const NumericsOptions numerics{false, mode};
    const ImagePass pass(network_, mapping_, hardware_, {&numerics, 1});
    std::vector<PassMemory> memory(images_.workers());
    std::vector<std::vector<ReadStats>> stats(images_.workers(), std::vector<ReadStats>(mapping_.layers.size()));
    Hits hits(options_.images);
    images_.for_each(options_.images, "all gates",
                     [&](std::size_t image, std::span<const std::uint8_t> pixels, int label, std::size_t worker) {
                       PassHooks hooks;
                       hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
                         stats[worker][mapped] += reading.stats;
                       };
                       hits.record(static_cast<std::int64_t>(image), label, pass.run(pixels, memory[worker], hooks));
                     });
    Outcome outcome;
    outcome.top1 = *hits.top1();
    ReadStats all;
    for (const GateProfile& profile : profiles_) {
      ReadStats own;
      for (const auto& worker : stats) own += worker[profile.mapped];
      outcome.closed_share.push_back(share_of(own.gates_closed, own.gate_decisions));
      all += own;
    }
    outcome.masked_ratio = share_of(all.gates_closed, all.gate_decisions);
    return outcome;
  }

  void report(const ClosedShares& shares, const Outcome& outcome) {
    result_.top1_gated = outcome.top1;
    result_.masked_ratio = outcome.masked_ratio;
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
      const Layer& layer = layer_of(profiles_[i]);
      result_.layers.push_back(
          {layer.name, layer.dec3.threshold.front(), outcome.closed_share[i], profiles_[i].damage_at(shares[i])});
    }
  }

  void write_provenance() {
    const std::string& dataset = images_.dataset.name;
    nlohmann::json record = {{"version", program_version()},
                             {"hardware_hash", hardware_hash(hardware_)},
                             {"hardware", calibration_keys(hardware_)},
                             {"dataset", dataset.substr(0, dataset.find(':'))},  // no one's folders
                             {"split", "train"},
                             {"images", options_.images}};
    if (options_.gate) record["gate"] = word_of(gate_words, *options_.gate);
    if (options_.skip) record["skip"] = *options_.skip;
    if (options_.accuracy_loss_points) record["accuracy_loss_points"] = *options_.accuracy_loss_points;
    if (options_.equal_shares) record["equal_shares"] = true;
    if (!result_.layers.empty()) {
      record["masked_ratio"] = result_.masked_ratio;
      record["top1_gated"] = result_.top1_gated;
      record["top1_ungated"] = result_.top1_ungated;
    }
    nlohmann::json provenance = nlohmann::json::parse(network_.provenance);
    if (!provenance.is_object()) provenance = nlohmann::json::object();
    provenance["calibration"] = std::move(record);
    network_.provenance = provenance.dump();
  }

  Network network_;
  Hardware hardware_;
  const CalibrationOptions& options_;
  const ImageRun images_;
  NetworkMapping mapping_;
  std::vector<GateProfile> profiles_;
  CalibrationResult result_;
};

}  // namespace

GateKind new_gate(std::string_view word) {
  for (const GateKind gate : {GateKind::max, GateKind::mean, GateKind::inputs}) {
    if (word_of(gate_words, gate) == word) return gate;
  }
  fail_input("calibrate: --gate {}: expected max, mean or inputs", printable(word));
}

void check_options(const CalibrationOptions& options) {
  const auto check_range = [](const std::optional<double>& value, std::string_view option, double max) {
    if (value && !(*value >= 0 && *value <= max)) {
      fail_input("calibrate: --{} {}: expected a number from 0 to {}", option, *value, max);
    }
  };
  check_range(options.skip, "skip", 1);
  check_range(options.accuracy_loss_points, "accuracy-loss-points", 100);
  if (options.skip && options.accuracy_loss_points) {
    fail_input("calibrate: --skip and --accuracy-loss-points exclude each other; give one");
  }
  if (options.static_masks && (options.skip || options.accuracy_loss_points)) {
    fail_input("calibrate: --static-masks keeps thresholds, and new thresholds bring their masks; leave one out");
  }
  if (options.equal_shares && !options.skip && !options.accuracy_loss_points) {
    fail_input("calibrate: --equal-shares needs --skip SHARE or --accuracy-loss-points POINTS");
  }
  if (options.gate && !options.skip && !options.accuracy_loss_points) {
    fail_input("calibrate: --gate needs --skip SHARE or --accuracy-loss-points POINTS for the new gates");
  }
  if (!options.skip && !options.accuracy_loss_points && !options.adc_steps && !options.static_masks) {
    fail_input("calibrate: nothing to do; give --skip SHARE, --accuracy-loss-points POINTS, --adc or --static-masks");
  }
}

Network with_gates(const Network& network, GateKind gate) {
  Network gated = network;
  std::vector<Layer*> layers;
  for (Layer& layer : gated.layers) {
    if (layer.has_weights()) layers.push_back(&layer);
  }
  bool has_new = false;
  for (std::size_t i = 1; i + 1 < layers.size(); ++i) {
    Dec3& dec3 = layers[i]->dec3;
    if (dec3.gate != GateKind::none) continue;
    dec3.gate = gate;
    dec3.threshold = {0};
    has_new = true;
  }
  if (!has_new) {
    fail_input("calibrate: --gate {}: {} has no layer without a gate between the first and the last one",
               word_of(gate_words, gate), printable(network.name));
  }
  check_network(gated, printable(network.name));
  return gated;
}

Network with_open_gates(const Network& network) {
  Network open = network;
  for (Layer& layer : open.layers) {
    if (!layer.dec3.has_free_threshold()) continue;
    layer.dec3.threshold = {0};
    layer.dec3.threshold_per = Dec3::ThresholdPer::layer;
    layer.dec3.removed_groups.clear();
  }
  return open;
}

double replays_of_threshold_choice(const Network& network, std::int64_t images) {
  constexpr int with_ends = 2;  // all gates open before the search, the outcome behind it
  return replays_of_profiles(network, images) + static_cast<double>(images) * (search_steps + with_ends);
}

CalibrationResult calibrate(const Network& network, const Hardware& hardware, const Dataset& training,
                            const CalibrationOptions& options) {
  check_options(options);
  return Calibrator(network, hardware, training, options).run();
}

}  // namespace cimcycle
