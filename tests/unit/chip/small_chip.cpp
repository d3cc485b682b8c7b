// SPDX-License-Identifier: Apache-2.0
#include "small_chip.h"

using namespace cimcycle;

namespace small_chip {

Hardware hardware() {
  Hardware hardware;
  hardware.crossbar = {128, 128};
  hardware.ou = {16, 16};
  hardware.cell.bits = 1;
  hardware.input.digit_bits = 1;
  hardware.adc.type = AdcType::flash;
  hardware.adc.per_crossbar = 16;
  hardware.chip.crossbars_per_tile = 16;
  hardware.chip.tile_buffer_bits = 1 << 20;
  hardware.chip.tile_port_bits = 64;
  hardware.chip.global_buffer_bits = 1 << 20;
  hardware.chip.global_port_bits = 128;
  hardware.chip.link_bits = 128;
  hardware.chip.vector_lanes = 16;
  return hardware;
}

Layer layer(int channels, int outputs, int positions) {
  Layer layer;
  layer.name = "small";
  layer.kind = LayerKind::conv;
  layer.in = {channels, 1, positions};
  layer.out = {outputs, 1, positions};
  layer.input_bits = 2;
  layer.output_bits = 2;
  layer.dec3.hb = 2;
  layer.dec3.lb = 2;
  return layer;
}

Layer gated(Layer layer) {
  layer.dec3.gate = GateKind::max;
  layer.dec3.threshold = {1};
  return layer;
}

LayerTrace trace(const Layer& layer, const LayerMapping& mapping, bool open) {
  LayerTrace trace;
  trace.vectors = layer.vectors();
  trace.groups = static_cast<int>(mapping.groups.size());
  trace.mask_words = static_cast<int>((mapping.blocks.size() + 63) / 64);
  const auto pairs = static_cast<std::size_t>(trace.vectors * trace.groups);
  trace.digits.assign(pairs, static_cast<std::uint8_t>(mapping.high_digits()));
  trace.low_digits.assign(mapping.low_digits > 0 ? pairs : 0, static_cast<std::uint8_t>(mapping.low_digits));
  if (layer.dec3.gate != GateKind::none) {
    trace.open.assign(pairs * static_cast<std::size_t>(trace.mask_words), open ? ~std::uint64_t{0} : 0);
  }
  return trace;
}

void require_conservation(const LayerTime& time, const LayerMapping& mapping) {
  REQUIRE(time.crossbars.elapsed() == time.cycles * mapping.crossbars());
  REQUIRE(time.tile_buffers.elapsed() == time.cycles * mapping.tiles);
  REQUIRE(time.adder_trees.elapsed() == time.cycles * mapping.column_crossbars);
  REQUIRE(time.vector_units.elapsed() == time.cycles * mapping.tiles);
  REQUIRE(time.links.elapsed() == time.cycles * (mapping.tiles + 1));
  REQUIRE(time.global_buffer.elapsed() == time.cycles * 2);
  for (const CycleCounts* counts :
       {&time.crossbars, &time.tile_buffers, &time.adder_trees, &time.vector_units, &time.links, &time.global_buffer}) {
    REQUIRE(counts->busy >= 0);
    REQUIRE(counts->idle >= 0);
    for (const Cycle stalled : counts->stalled) REQUIRE(stalled >= 0);
  }
}

CycleCounts counts(Cycle busy, Cycle idle, std::vector<std::pair<Stall, Cycle>> stalls) {
  CycleCounts counts;
  counts.busy = busy;
  counts.idle = idle;
  for (const auto& [cause, cycles] : stalls) counts.stall(cause) = cycles;
  return counts;
}

}  // namespace small_chip
