// SPDX-License-Identifier: Apache-2.0
#include "replay/calibrate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "base/version.h"
#include "replay/adc_steps.h"
#include "replay/image_pass.h"
#include "replay/result_builder.h"

namespace cimcycle {
namespace {

/// Closed shares at which the damage of one layer is measured; 0 (no damage) is known.
constexpr double probed_shares[] = {0.3, 0.5, 0.65, 0.8, 0.9, 1.0};
/// The damage of one layer is a mean over images of a smooth quantity: it needs fewer images than an accuracy.
constexpr std::int64_t most_probe_images = 160;
/// Halvings of the price's interval (on a logarithmic scale over twelve decades), and of the way between the two last.
constexpr int price_steps = 10;
constexpr int mixing_steps = 5;

/// How often each opening level occurred in one layer: a histogram with an exact part and nothing lost beyond.
class LevelCounts {
 public:
  void add(std::int64_t level) {
    const std::size_t at = static_cast<std::size_t>(level);
    if (at >= counts_.size()) counts_.resize(at + 1, 0);
    ++counts_[at];
    ++total_;
  }

  void merge(const LevelCounts& other) {
    if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size(), 0);
    for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
  }

  /// The smallest threshold that closes at least `share` of the decisions.
  std::int64_t threshold_for(double share) const {
    const double wanted = share * static_cast<double>(total_);
    std::int64_t closed = 0;
    for (std::size_t level = 0; level < counts_.size(); ++level) {
      if (static_cast<double>(closed) >= wanted) return static_cast<std::int64_t>(level);
      closed += counts_[level];
    }
    return static_cast<std::int64_t>(counts_.size());
  }

 private:
  std::vector<std::int64_t> counts_;
  std::int64_t total_ = 0;
};

struct GatedLayer {
  std::size_t mapped = 0;      ///< in the mapping
  int index = 0;               ///< in the network
  LevelCounts levels;          ///< with all gates open
  double saving_pj = 0;        ///< per image if everything is closed
  std::vector<double> damage;  ///< at 0 and at probed_shares
};

/// Damage of a layer at any closed share: linear between what was measured, never falling.
double damage_at(const GatedLayer& layer, double share) {
  double from = 0;
  for (std::size_t i = 0; i < std::size(probed_shares); ++i) {
    if (share <= probed_shares[i]) {
      const double part = (share - from) / (probed_shares[i] - from);
      return layer.damage[i] + part * (layer.damage[i + 1] - layer.damage[i]);
    }
    from = probed_shares[i];
  }
  return layer.damage.back();
}

class Calibrator {
 public:
  Calibrator(const Network& network, const Hardware& hardware, const Dataset& training,
             const CalibrationOptions& options)
      : network_(network), hardware_(hardware), training_(training), options_(options) {
    // Static masks are the outcome; while they are looked for, every OU group is read.
    if (hardware_.gate.mask_known == MaskKnown::static_) hardware_.gate.mask_known = MaskKnown::after_read;
    workers_ = static_cast<std::size_t>(std::max(1, options.threads));
  }

  CalibrationResult run() {
    if (options_.images < 1 || options_.images > training_.size) {
      fail_input("--images {}: {} has {} training images; use 1 to {}", options_.images, printable(training_.name),
                 training_.size, training_.size);
    }
    if (options_.adc_steps) choose_adc_steps();
    const bool thresholds = options_.skip || options_.accuracy_loss_points;
    for (Layer& layer : network_.layers) {
      if (layer.has_weights() && layer.dec3.gate != GateKind::none) {
        if (!thresholds) continue;
        layer.dec3.threshold = {0};
        layer.dec3.threshold_per = Dec3::ThresholdPer::layer;
        layer.dec3.removed_groups.clear();
      }
    }
    mapping_ = map_network(network_, hardware_);
    if (thresholds) choose_thresholds();
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
    calibrate_adc_steps(network_, hardware_, training_, std::min<std::int64_t>(options_.images, 16));
  }

  void choose_thresholds() {
    find_gated_layers();
    measure_levels();
    measure_damage();
    search_multiplier();
    if (removes_groups()) record_removed_groups();
  }

  bool removes_groups() const {
    return std::any_of(gated_.begin(), gated_.end(), [&](const GatedLayer& layer) {
      return network_.layers[static_cast<std::size_t>(layer.index)].dec3.lb == 0;
    });
  }

  void find_gated_layers() {
    const ChipModel chip = chip_model_of(hardware_, mapping_);
    const ResultBuilder builder(network_, mapping_, hardware_, chip);
    const NumericsOptions open{false, GateMode::all_open};
    const ImagePass pass(network_, mapping_, hardware_, {&open, 1});
    for (std::size_t i = 0; i < mapping_.layers.size(); ++i) {
      const Layer& layer = network_.layers[static_cast<std::size_t>(mapping_.layers[i].layer)];
      if (layer.dec3.gate == GateKind::none) continue;
      GatedLayer gated;
      gated.mapped = i;
      gated.index = mapping_.layers[i].layer;
      gated_.push_back(std::move(gated));
    }
    if (gated_.empty()) fail_input("{}: no layer has a gate; nothing to calibrate", printable(network_.name));
    PassMemory memory;
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(training_.shape.size()));
    training_.read(0, pixels);
    PassHooks hooks;
    hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
      for (GatedLayer& layer : gated_) {
        if (layer.mapped != mapped) continue;
        layer.saving_pj = builder.gated_saving_pj(mapped, reading.stats);
      }
    };
    pass.run(pixels, memory, hooks);
  }

  /// Runs body(image index, worker) over the first `images` images.
  template <class Body>
  void over_images(std::int64_t images, std::string_view what, Body&& body) {
    ProgressCount progress(options_.progress, images, what);
    parallel_for(images, options_.threads, [&](std::int64_t image, int worker) {
      if (options_.stop != nullptr && options_.stop->load()) throw Interrupted();
      body(image, static_cast<std::size_t>(worker));
      progress.add(1);
    });
  }

  std::int64_t probe_images() const { return std::min(options_.images, most_probe_images); }

  std::vector<std::uint8_t> pixels_of(std::int64_t image, int& label) const {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(training_.shape.size()));
    label = training_.read(image, pixels);
    return pixels;
  }

  /// Opening levels of every gated layer, with all gates open (threshold 0).
  void measure_levels() {
    const NumericsOptions as_described;
    const ImagePass pass(network_, mapping_, hardware_, {&as_described, 1});
    std::vector<std::vector<LevelCounts>> counts(workers_, std::vector<LevelCounts>(mapping_.layers.size()));
    std::vector<PassMemory> memory(workers_);
    over_images(probe_images(), "gate levels", [&](std::int64_t image, std::size_t worker) {
      int label = 0;
      PassHooks hooks;
      hooks.gate_decision = [&](std::size_t mapped, std::int64_t level) { counts[worker][mapped].add(level); };
      pass.run(pixels_of(image, label), memory[worker], hooks);
    });
    for (GatedLayer& layer : gated_) {
      for (const auto& worker : counts) layer.levels.merge(worker[layer.mapped]);
    }
  }

  /// Mean squared change of the centred logits with one layer gated at each probed share, over the logits' variance.
  void measure_damage() {
    const NumericsOptions as_described;
    const ImagePass pass(network_, mapping_, hardware_, {&as_described, 1});
    std::vector<Layer> layers;
    layers.reserve(gated_.size() * std::size(probed_shares));
    std::vector<PackedLayer> probes;
    for (const GatedLayer& gated : gated_) {
      for (const double share : probed_shares) {
        layers.push_back(network_.layers[static_cast<std::size_t>(gated.index)]);
        layers.back().dec3.threshold = {gated.levels.threshold_for(share)};
        probes.push_back(pack_layer(layers.back(), mapping_.layers[gated.mapped], hardware_,
                                    network_.signed_inputs && layers.back().input == image_input, {}));
      }
    }
    const std::size_t images = static_cast<std::size_t>(probe_images());
    std::vector<std::vector<double>> change(images, std::vector<double>(probes.size()));
    std::vector<double> variance(images);
    std::vector<PassMemory> memory(workers_);
    over_images(probe_images(), "damage per layer", [&](std::int64_t image, std::size_t worker) {
      const std::size_t at = static_cast<std::size_t>(image);
      int label = 0;
      const auto pixels = pixels_of(image, label);
      const auto logits = pass.run(pixels, memory[worker]);
      const std::vector<double> reference = centred(logits);
      variance[at] = mean_square(reference);
      // From the last layer to the first: what earlier layers left in the memory stays valid.
      for (std::size_t g = gated_.size(); g-- > 0;) {
        PassHooks hooks;
        hooks.first_layer = gated_[g].index;
        hooks.replaced = gated_[g].mapped;
        for (std::size_t s = 0; s < std::size(probed_shares); ++s) {
          const std::size_t probe = g * std::size(probed_shares) + s;
          hooks.replacement = &probes[probe];
          std::vector<double> changed = centred(pass.run(pixels, memory[worker], hooks));
          for (std::size_t c = 0; c < changed.size(); ++c) changed[c] -= reference[c];
          change[at][probe] = mean_square(changed);
        }
      }
    });
    const double all_variance = std::accumulate(variance.begin(), variance.end(), 0.0);
    for (std::size_t g = 0; g < gated_.size(); ++g) {
      gated_[g].damage.push_back(0);
      for (std::size_t s = 0; s < std::size(probed_shares); ++s) {
        double sum = 0;
        for (const auto& image : change) sum += image[g * std::size(probed_shares) + s];
        gated_[g].damage.push_back(std::max(gated_[g].damage.back(), all_variance > 0 ? sum / all_variance : 0));
      }
    }
  }

  static std::vector<double> centred(std::span<const std::int64_t> logits) {
    double mean = 0;
    for (const std::int64_t logit : logits) mean += static_cast<double>(logit);
    mean /= static_cast<double>(logits.size());
    std::vector<double> values;
    for (const std::int64_t logit : logits) values.push_back(static_cast<double>(logit) - mean);
    return values;
  }

  static double mean_square(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value * value;
    return sum / static_cast<double>(values.size());
  }

  /// The closed share of a layer that saves the most energy at this price of damage (pJ per unit of damage).
  static double best_share(const GatedLayer& layer, double price) {
    double best = 0, best_gain = 0;
    for (int percent = 1; percent <= 100; ++percent) {
      const double share = percent / 100.0;
      const double gain = layer.saving_pj * share - price * damage_at(layer, share);
      if (gain > best_gain) {
        best = share;
        best_gain = gain;
      }
    }
    return best;
  }

  using Shares = std::vector<double>;

  Shares best_shares(double price) const {
    Shares shares;
    for (const GatedLayer& gated : gated_) shares.push_back(best_share(gated, price));
    return shares;
  }

  /// Each layer on its way from one share to the other.
  static Shares between(const Shares& from, const Shares& to, double part) {
    Shares shares = from;
    for (std::size_t i = 0; i < shares.size(); ++i) shares[i] += part * (to[i] - from[i]);
    return shares;
  }

  void set_thresholds(const Shares& shares) {
    result_.layers.clear();
    for (std::size_t i = 0; i < gated_.size(); ++i) {
      Layer& layer = network_.layers[static_cast<std::size_t>(gated_[i].index)];
      layer.dec3.threshold = {gated_[i].levels.threshold_for(shares[i])};
      CalibrationResult::LayerChoice choice;
      choice.name = layer.name;
      choice.threshold = layer.dec3.threshold.front();
      choice.damage = damage_at(gated_[i], shares[i]);
      result_.layers.push_back(choice);
    }
  }

  struct Outcome {
    double top1 = 0;
    double masked_ratio = 0;
    std::vector<double> closed_share;  ///< per gated layer
  };

  /// All gates working (or all open) on all calibration images.
  Outcome measure(GateMode mode) {
    const NumericsOptions numerics{false, mode};
    const ImagePass pass(network_, mapping_, hardware_, {&numerics, 1});
    std::vector<PassMemory> memory(workers_);
    std::vector<std::vector<ReadStats>> stats(workers_, std::vector<ReadStats>(mapping_.layers.size()));
    std::vector<std::uint8_t> hits(static_cast<std::size_t>(options_.images));
    over_images(options_.images, "all gates", [&](std::int64_t image, std::size_t worker) {
      int label = 0;
      const auto pixels = pixels_of(image, label);
      PassHooks hooks;
      hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
        stats[worker][mapped] += reading.stats;
      };
      hits[static_cast<std::size_t>(image)] = top_class(pass.run(pixels, memory[worker], hooks)) == label ? 1 : 0;
    });
    Outcome outcome;
    outcome.top1 = static_cast<double>(std::accumulate(hits.begin(), hits.end(), std::int64_t{0})) /
                   static_cast<double>(options_.images);
    std::int64_t all_closed = 0, all_decisions = 0;
    for (const GatedLayer& gated : gated_) {
      std::int64_t closed = 0, decisions = 0;
      for (const auto& worker : stats) {
        closed += worker[gated.mapped].gates_closed;
        decisions += worker[gated.mapped].gate_decisions;
      }
      outcome.closed_share.push_back(decisions > 0 ? static_cast<double>(closed) / static_cast<double>(decisions) : 0);
      all_closed += closed;
      all_decisions += decisions;
    }
    outcome.masked_ratio = all_decisions > 0 ? static_cast<double>(all_closed) / static_cast<double>(all_decisions) : 0;
    return outcome;
  }

  /// Whether a price leaves the network within the target; the search looks for the price at its edge.
  bool within_target(const Outcome& outcome) const {
    if (options_.skip) return outcome.masked_ratio <= *options_.skip;
    return 100 * (result_.top1_ungated - outcome.top1) <= *options_.accuracy_loss_points;
  }

  bool shares_within_target(const Shares& shares) {
    set_thresholds(shares);
    return within_target(measure(GateMode::as_described));
  }

  void search_multiplier() {
    result_.top1_ungated = measure(GateMode::all_open).top1;
    double total_saving = 0;
    for (const GatedLayer& layer : gated_) total_saving += layer.saving_pj;
    // From a price at which a millionth of the damage 1 outweighs the whole saving to one at which all of it does not.
    double low = std::log(total_saving * 1e-6), high = std::log(total_saving * 1e6);
    Shares within(gated_.size(), 0.0), beyond(gated_.size(), 1.0);
    for (int step = 0; step < price_steps; ++step) {
      const double middle = 0.5 * (low + high);
      const Shares shares = best_shares(std::exp(middle));
      const bool good = shares_within_target(shares);
      (good ? high : low) = middle;
      (good ? within : beyond) = shares;
    }
    // A layer's best share jumps where its damage curve bends; the target may lie inside a jump.
    double good_part = 0, bad_part = 1;
    for (int step = 0; step < mixing_steps; ++step) {
      const double part = 0.5 * (good_part + bad_part);
      (shares_within_target(between(within, beyond, part)) ? good_part : bad_part) = part;
    }
    set_thresholds(between(within, beyond, good_part));
    const Outcome outcome = measure(GateMode::as_described);
    result_.top1_gated = outcome.top1;
    result_.masked_ratio = outcome.masked_ratio;
    for (std::size_t i = 0; i < gated_.size(); ++i) result_.layers[i].closed_share = outcome.closed_share[i];
  }

  /// OU groups of lb = 0 layers that never open on the calibration images.
  void record_removed_groups() {
    const NumericsOptions as_described;
    const ImagePass pass(network_, mapping_, hardware_, {&as_described, 1});
    std::vector<PassMemory> memory(workers_);
    std::vector<std::vector<std::vector<std::uint8_t>>> opened(
        workers_, std::vector<std::vector<std::uint8_t>>(mapping_.layers.size()));
    over_images(options_.images, "static masks", [&](std::int64_t image, std::size_t worker) {
      int label = 0;
      PassHooks hooks;
      hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
        const Layer& layer = network_.layers[static_cast<std::size_t>(mapping_.layers[mapped].layer)];
        if (layer.dec3.gate == GateKind::none || layer.dec3.lb > 0) return;
        const std::size_t groups = mapping_.layers[mapped].groups.size(),
                          blocks = mapping_.layers[mapped].blocks.size();
        const std::size_t words = static_cast<std::size_t>(reading.trace.mask_words);
        auto& seen = opened[worker][mapped];
        seen.resize(groups * blocks);
        for (std::size_t v = 0; v < static_cast<std::size_t>(reading.trace.vectors); ++v) {
          for (std::size_t g = 0; g < groups; ++g) {
            for (std::size_t b = 0; b < blocks; ++b) {
              seen[g * blocks + b] |=
                  static_cast<std::uint8_t>(reading.trace.open[(v * groups + g) * words + b / 64] >> (b % 64) & 1u);
            }
          }
        }
      };
      pass.run(pixels_of(image, label), memory[worker], hooks);
    });
    for (const GatedLayer& gated : gated_) {
      Dec3& dec3 = network_.layers[static_cast<std::size_t>(gated.index)].dec3;
      if (dec3.lb > 0) continue;
      const LayerMapping& mapping = mapping_.layers[gated.mapped];
      dec3.removed_groups.assign(mapping.groups.size() * mapping.blocks.size(), 1);
      for (const auto& worker : opened) {
        for (std::size_t i = 0; i < worker[gated.mapped].size(); ++i) {
          if (worker[gated.mapped][i] != 0) dec3.removed_groups[i] = 0;
        }
      }
    }
  }

  void write_provenance() {
    nlohmann::json record = {{"version", program_version()},
                             {"hardware_hash", hardware_hash(hardware_)},
                             {"hardware", calibration_keys(hardware_)},
                             {"dataset", training_.name.substr(0, training_.name.find(':'))},  // no one's folders
                             {"split", "train"},
                             {"images", options_.images}};
    if (options_.skip) record["skip"] = *options_.skip;
    if (options_.accuracy_loss_points) record["accuracy_loss_points"] = *options_.accuracy_loss_points;
    if (!result_.layers.empty()) {
      record["masked_ratio"] = result_.masked_ratio;
      record["top1_gated"] = result_.top1_gated;
      record["top1_ungated"] = result_.top1_ungated;
    }
    if (!network_.provenance.is_object()) network_.provenance = nlohmann::json::object();
    network_.provenance["calibration"] = std::move(record);
  }

  Network network_;
  Hardware hardware_;
  const Dataset& training_;
  const CalibrationOptions& options_;
  std::size_t workers_ = 1;
  NetworkMapping mapping_;
  std::vector<GatedLayer> gated_;
  CalibrationResult result_;
};

}  // namespace

CalibrationResult calibrate(const Network& network, const Hardware& hardware, const Dataset& training,
                            const CalibrationOptions& options) {
  return Calibrator(network, hardware, training, options).run();
}

nlohmann::json calibration_keys(const Hardware& hardware) {
  const nlohmann::json all = to_json(hardware);
  nlohmann::json keys = nlohmann::json::object();
  constexpr const char* relevant[] = {"/crossbar/rows", "/crossbar/cols",    "/ou/rows",          "/ou/cols",
                                      "/cell/bits",     "/input/digit_bits", "/adc/transfer",     "/adc/bits",
                                      "/mapping/cells", "/mapping/flip",     "/mapping/subtract", "/mapping/offset_sum",
                                      "/mapping/rows"};
  for (const char* pointer : relevant) {
    std::string name = std::string(pointer).substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    keys[name] = all.at(nlohmann::json::json_pointer(pointer));
  }
  return keys;
}

std::vector<std::string> calibration_warnings(const Network& network, const Hardware& hardware) {
  std::vector<std::string> warnings;
  if (!network.provenance.is_object() || !network.provenance.contains("calibration")) return warnings;
  const nlohmann::json& record = network.provenance["calibration"];
  if (!record.is_object() || !record.contains("hardware") || !record["hardware"].is_object()) return warnings;
  const nlohmann::json now = calibration_keys(hardware);
  for (const auto& [key, value] : record["hardware"].items()) {
    if (!now.contains(key) || now[key] == value) continue;
    warnings.push_back(fmt::format("{} was calibrated with {} = {}, this run has {}; thresholds may not fit",
                                   printable(network.name), printable(key), printable(value.dump()), now[key].dump()));
  }
  return warnings;
}

}  // namespace cimcycle
