// SPDX-License-Identifier: Apache-2.0
// Times the layers of one chip; what no image can change is timed once.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "chip/layer_time.h"
#include "mapping/mapping.h"
#include "network/network.h"
#include "replay/result_builder.h"

namespace cimcycle {

/// Timings that no image can change are known beforehand: all of them for a layer without a gate or with a static mask
/// under row policy `all`, and the data-blind baselines of a gated one.
class LayerTimer {
 public:
  /// `network`, `mapping` and `hardware` must outlive this.
  LayerTimer(const Network& network, const NetworkMapping& mapping, const Hardware& hardware, const TimingSpec& spec);

  LayerTime time(std::size_t mapped, GateTreatment treatment, const LayerTrace& trace) const;

 private:
  const Layer& layer(std::size_t mapped) const;
  bool is_fixed(std::size_t mapped, GateTreatment treatment) const;
  LayerTrace full_trace(std::size_t mapped) const;
  LayerTime run(std::size_t mapped, GateTreatment treatment, const LayerTrace& trace) const;

  const Network& network_;
  const NetworkMapping& mapping_;
  const Hardware& hardware_;
  const TimingSpec spec_;
  std::vector<std::array<std::optional<LayerTime>, gate_treatments>> fixed_;
};

}  // namespace cimcycle
