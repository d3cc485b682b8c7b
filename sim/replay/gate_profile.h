// SPDX-License-Identifier: Apache-2.0
// What gating each layer would save and would break, one layer at a time: the data from which calibration chooses.
#pragma once

#include <cstdint>
#include <vector>

#include "hardware/hardware.h"
#include "mapping/mapping.h"
#include "network/network.h"
#include "replay/image_run.h"

namespace cimcycle {

/// How often each opening level occurred in one layer: a histogram with an exact part and nothing lost beyond.
class LevelCounts {
 public:
  void add(std::int64_t level);
  void merge(const LevelCounts& other);
  /// The smallest threshold that closes at least `share` of the decisions.
  std::int64_t threshold_for(double share) const;

 private:
  std::vector<std::int64_t> counts_;
  std::int64_t total_ = 0;
};

/// A gated layer with its gates looked at alone.
struct GateProfile {
  std::size_t mapped = 0;      ///< index in NetworkMapping::layers
  int index = 0;               ///< index in Network::layers
  LevelCounts levels;          ///< with all gates open
  double saving_pj = 0;        ///< dynamic energy per image that closing everything saves
  std::vector<double> damage;  ///< at closed share 0 and at each probed share, never falling

  /// Damage at any closed share of 0 to 1: linear between what was measured.
  double damage_at(double share) const;
};

/// Profiles of every gated layer, in order. Damage is the mean squared change of the centred logits with this layer
/// alone gated, over the logits' variance (docs/models/calibration.md). Thresholds in `network` must be 0 (all open).
/// Throws InputError if no layer has a gate.
std::vector<GateProfile> profile_gates(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                                       const ImageRun& training);

/// How many images profile_gates() sends through all layers, of `images` that calibration has; a layer's share of an
/// image is one of all layers.
double replays_of_profiles(const Network& network, std::int64_t images);

}  // namespace cimcycle
