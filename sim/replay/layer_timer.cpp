// SPDX-License-Identifier: Apache-2.0
#include "replay/layer_timer.h"

#include "replay/ledger.h"

namespace cimcycle {

LayerTimer::LayerTimer(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                       const TimingSpec& spec)
    : network_(network), mapping_(mapping), hardware_(hardware), spec_(spec), fixed_(mapping.layers.size()) {
  if (hardware.schedule.row_policy != RowPolicy::all) return;
  for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
    const LayerTrace trace = full_trace(i);
    for (int t = 0; t < gate_treatments; ++t) {
      if (is_fixed(i, static_cast<GateTreatment>(t))) {
        fixed_[i][static_cast<std::size_t>(t)] = run(i, static_cast<GateTreatment>(t), trace);
      }
    }
  }
}

LayerTime LayerTimer::time(std::size_t mapped, GateTreatment treatment, const LayerTrace& trace) const {
  const auto& known = fixed_[mapped][static_cast<std::size_t>(treatment)];
  return known ? *known : run(mapped, treatment, trace);
}

const Layer& LayerTimer::layer(std::size_t mapped) const {
  return network_.layers[static_cast<std::size_t>(mapping_.layers[mapped].layer)];
}

bool LayerTimer::is_fixed(std::size_t mapped, GateTreatment treatment) const {
  return layer(mapped).dec3.gate == GateKind::none || mapping_.layers[mapped].has_static_mask() ||
         treatment == GateTreatment::no_skip || treatment == GateTreatment::msb_only;
}

/// Every digit of every row group is read. A static mask is what it is; other gates (all closed here) do not matter to
/// what is fixed.
LayerTrace LayerTimer::full_trace(std::size_t mapped) const {
  const LayerMapping& mapping = mapping_.layers[mapped];
  LayerTrace trace;
  trace.vectors = layer(mapped).vectors();
  trace.groups = static_cast<int>(mapping.groups.size());
  trace.mask_words = (static_cast<int>(mapping.blocks.size()) + 63) / 64;
  const std::size_t pairs = static_cast<std::size_t>(trace.vectors) * mapping.groups.size();
  trace.digits.assign(pairs, static_cast<std::uint8_t>(mapping.high_digits()));
  trace.low_digits.assign(mapping.low_digits > 0 ? pairs : 0, static_cast<std::uint8_t>(mapping.low_digits));
  if (!has_mask(layer(mapped), mapping)) return trace;
  const std::size_t words = static_cast<std::size_t>(trace.mask_words), blocks = mapping.blocks.size();
  trace.open.assign(pairs * words, 0);
  for (std::size_t pair = 0; mapping.has_static_mask() && pair < pairs; ++pair) {
    const std::uint8_t* removed = &mapping.removed[pair % mapping.groups.size() * blocks];
    for (std::size_t b = 0; b < blocks; ++b) {
      if (removed[b] == 0) trace.open[pair * words + b / 64] |= std::uint64_t{1} << (b % 64);
    }
  }
  return trace;
}

LayerTime LayerTimer::run(std::size_t mapped, GateTreatment treatment, const LayerTrace& trace) const {
  TimingSpec spec = spec_;
  spec.residual_bits = residual_bits(layer(mapped), network_);
  return time_layer(layer(mapped), mapping_.layers[mapped], hardware_, spec, trace, treatment);
}

}  // namespace cimcycle
