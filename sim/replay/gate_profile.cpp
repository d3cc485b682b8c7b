// SPDX-License-Identifier: Apache-2.0
#include "replay/gate_profile.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "replay/image_pass.h"
#include "replay/result_builder.h"

namespace cimcycle {
namespace {

/// Closed shares at which the damage of one layer is measured; 0 (no damage) is known.
constexpr double probed_shares[] = {0.3, 0.5, 0.65, 0.8, 0.9, 1.0};
/// The damage of one layer is a mean over images of a smooth quantity: it needs fewer images than an accuracy.
constexpr std::int64_t most_probe_images = 160;

std::vector<double> centred(std::span<const std::int64_t> logits) {
  double mean = 0;
  for (const std::int64_t logit : logits) mean += static_cast<double>(logit);
  mean /= static_cast<double>(logits.size());
  std::vector<double> values;
  for (const std::int64_t logit : logits) values.push_back(static_cast<double>(logit) - mean);
  return values;
}

double mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum / static_cast<double>(values.size());
}

class Profiler {
 public:
  Profiler(const Network& network, const NetworkMapping& mapping, const Hardware& hardware, const ImageRun& training)
      : network_(network), mapping_(mapping), hardware_(hardware), training_(training) {
    for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
      if (!layer(i).dec3.has_free_threshold()) continue;
      GateProfile profile;
      profile.mapped = i;
      profile.index = mapping.layers[i].layer;
      profiles_.push_back(std::move(profile));
    }
    if (profiles_.empty()) fail_input("{}: no layer has a gate; nothing to calibrate", printable(network.name));
  }

  std::vector<GateProfile> run() {
    measure_savings();
    measure_levels();
    measure_damage();
    return std::move(profiles_);
  }

 private:
  const Layer& layer(std::size_t mapped) const {
    return network_.layers[static_cast<std::size_t>(mapping_.layers[mapped].layer)];
  }

  std::int64_t probe_images() const { return std::min(training_.count, most_probe_images); }

  /// On the first image: what a read costs hardly depends on the image.
  void measure_savings() {
    const ChipModel chip = chip_model_of(hardware_, mapping_);
    const ResultBuilder builder(network_, mapping_, hardware_, chip);
    const NumericsOptions open{false, GateMode::all_open};
    const ImagePass pass(network_, mapping_, hardware_, {&open, 1});
    PassMemory memory;
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(training_.dataset.shape.size()));
    training_.dataset.read(0, pixels);
    PassHooks hooks;
    hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
      for (GateProfile& profile : profiles_) {
        if (profile.mapped == mapped) profile.saving_pj = builder.gated_saving_pj(mapped, reading.stats);
      }
    };
    pass.run(pixels, memory, hooks);
  }

  void measure_levels() {
    const NumericsOptions as_described;
    const ImagePass pass(network_, mapping_, hardware_, {&as_described, 1});
    std::vector<std::vector<LevelCounts>> counts(training_.workers(), std::vector<LevelCounts>(mapping_.layers.size()));
    std::vector<PassMemory> memory(training_.workers());
    training_.for_each(
        probe_images(), "gate levels", [&](std::size_t, std::span<const std::uint8_t> pixels, int, std::size_t worker) {
          PassHooks hooks;
          hooks.gate_decision = [&](std::size_t mapped, std::int64_t level) { counts[worker][mapped].add(level); };
          pass.run(pixels, memory[worker], hooks);
        });
    for (GateProfile& profile : profiles_) {
      for (const auto& worker : counts) profile.levels.merge(worker[profile.mapped]);
    }
  }

  void measure_damage() {
    constexpr std::size_t shares = std::size(probed_shares);
    const NumericsOptions as_described;
    const ImagePass pass(network_, mapping_, hardware_, {&as_described, 1});
    std::vector<Layer> layers;
    layers.reserve(profiles_.size() * shares);
    std::vector<PackedLayer> probes;
    for (const GateProfile& profile : profiles_) {
      for (const double share : probed_shares) {
        layers.push_back(layer(profile.mapped));
        layers.back().dec3.threshold = {profile.levels.threshold_for(share)};
        probes.push_back(pack_layer(layers.back(), mapping_.layers[profile.mapped], hardware_,
                                    network_.reads_signed(layers.back()), {}));
      }
    }
    const std::size_t images = static_cast<std::size_t>(probe_images());
    std::vector<std::vector<double>> change(images, std::vector<double>(probes.size()));
    std::vector<double> variance(images);
    std::vector<PassMemory> memory(training_.workers());
    training_.for_each(probe_images(), "damage per layer",
                       [&](std::size_t image, std::span<const std::uint8_t> pixels, int, std::size_t worker) {
                         const std::vector<double> reference = centred(pass.run(pixels, memory[worker]));
                         variance[image] = mean_square(reference);
                         // From the last layer to the first: what earlier layers left in the memory stays valid.
                         for (std::size_t p = profiles_.size(); p-- > 0;) {
                           PassHooks hooks;
                           hooks.first_layer = profiles_[p].index;
                           hooks.replaced = profiles_[p].mapped;
                           for (std::size_t probe = p * shares; probe < (p + 1) * shares; ++probe) {
                             hooks.replacement = &probes[probe];
                             std::vector<double> changed = centred(pass.run(pixels, memory[worker], hooks));
                             for (std::size_t c = 0; c < changed.size(); ++c) changed[c] -= reference[c];
                             change[image][probe] = mean_square(changed);
                           }
                         }
                       });
    const double all_variance = std::accumulate(variance.begin(), variance.end(), 0.0);
    for (std::size_t p = 0; p < profiles_.size(); ++p) {
      std::vector<double>& damage = profiles_[p].damage;
      damage.push_back(0);
      for (std::size_t probe = p * shares; probe < (p + 1) * shares; ++probe) {
        double sum = 0;
        for (const auto& image : change) sum += image[probe];
        damage.push_back(std::max(damage.back(), all_variance > 0 ? sum / all_variance : 0));
      }
    }
  }

  const Network& network_;
  const NetworkMapping& mapping_;
  const Hardware& hardware_;
  const ImageRun& training_;
  std::vector<GateProfile> profiles_;
};

}  // namespace

void LevelCounts::add(std::int64_t level) {
  const std::size_t at = static_cast<std::size_t>(level);
  if (at >= counts_.size()) counts_.resize(at + 1, 0);
  ++counts_[at];
  ++total_;
}

void LevelCounts::merge(const LevelCounts& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size(), 0);
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
}

std::int64_t LevelCounts::threshold_for(double share) const {
  const double wanted = share * static_cast<double>(total_);
  std::int64_t closed = 0;
  for (std::size_t level = 0; level < counts_.size(); ++level) {
    if (static_cast<double>(closed) >= wanted) return static_cast<std::int64_t>(level);
    closed += counts_[level];
  }
  return static_cast<std::int64_t>(counts_.size());
}

double GateProfile::damage_at(double share) const {
  double from = 0;
  for (std::size_t i = 0; i < std::size(probed_shares); ++i) {
    if (share <= probed_shares[i]) {
      const double part = (share - from) / (probed_shares[i] - from);
      return damage[i] + part * (damage[i + 1] - damage[i]);
    }
    from = probed_shares[i];
  }
  return damage.back();
}

double replays_of_profiles(const Network& network, std::int64_t images) {
  const double layers = static_cast<double>(network.layers.size());
  double per_image = 2;  // the levels, and the undamaged logits
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    if (!layer.dec3.has_free_threshold()) continue;
    per_image += static_cast<double>(std::size(probed_shares)) * (layers - static_cast<double>(i)) / layers;
  }
  return per_image * static_cast<double>(std::min(images, most_probe_images));
}

std::vector<GateProfile> profile_gates(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                                       const ImageRun& training) {
  return Profiler(network, mapping, hardware, training).run();
}

}  // namespace cimcycle
