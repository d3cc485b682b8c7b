// SPDX-License-Identifier: Apache-2.0
// Laws that hold for any layer on any hardware, and layers of one crossbar against the long way.
#include <catch2/catch.hpp>

#include <ctime>
#include <random>

#include "long_way.h"
#include "slow_layer.h"
#include "small_chip.h"

using namespace cimcycle;

namespace {

int pick(std::mt19937& random, int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }

template <class T>
T any_of(std::mt19937& random, std::initializer_list<T> values) {
  return values.begin()[pick(random, 0, static_cast<int>(values.size()) - 1)];
}

Hardware random_hardware(std::mt19937& random) {
  Hardware hardware = small_chip::hardware();
  hardware.ou = {any_of(random, {4, 16}), any_of(random, {4, 8, 16})};
  hardware.crossbar = {any_of(random, {16, 32, 64}), any_of(random, {64, 128})};
  hardware.adc.per_crossbar = any_of(random, {1, 2, 8, 16});
  hardware.adc.sample_and_hold = pick(random, 0, 1) == 1;
  hardware.mapping.lsb = any_of(random, {LsbPlacement::same_crossbar, LsbPlacement::separate_crossbars});
  hardware.mapping.offset_sum = any_of(random, {OffsetSum::digital, OffsetSum::unit_column});
  hardware.mapping.cells = any_of(random, {CellMapping::offset, CellMapping::differential});
  hardware.gate.mask_known = any_of(random, {MaskKnown::after_read, MaskKnown::oracle});
  hardware.gate.input_sums = true;
  hardware.chip.crossbars_per_tile = any_of(random, {1, 2, 3, 16});
  hardware.chip.tile_port_bits = any_of(random, {3, 64, 1024});
  hardware.chip.global_port_bits = any_of(random, {5, 64, 1024});
  hardware.chip.link_bits = any_of(random, {7, 64, 1024});
  hardware.chip.vector_lanes = any_of(random, {1, 16});
  return hardware;
}

Layer random_layer(std::mt19937& random) {
  Layer layer = small_chip::layer(pick(random, 1, 20), pick(random, 1, 40), 1);
  layer.kernel_h = layer.kernel_w = any_of(random, {1, 3});
  layer.stride = pick(random, 1, 2);
  layer.padding = layer.kernel_h == 3 ? pick(random, 0, 1) : 0;
  layer.in.height = layer.in.width = pick(random, 3, 6);
  layer.out.height = layer.out.width =
      (layer.in.width + 2 * layer.padding.left - layer.kernel_w) / layer.stride.width + 1;
  layer.input_bits = pick(random, 1, 4);
  layer.dec3.hb = pick(random, 1, 2);
  layer.dec3.lb = pick(random, 0, 2);
  if (pick(random, 0, 3) > 0) {
    layer.dec3.gate = GateKind::max;
    layer.dec3.threshold = {pick(random, 0, 5) == 0 ? never_opens : 1};
    layer.dec3.granularity =
        any_of(random, {GateGranularity::ou, GateGranularity::output_block, GateGranularity::output});
    if (layer.dec3.granularity == GateGranularity::ou && pick(random, 0, 1) == 0) layer.dec3.gate = GateKind::inputs;
  }
  if (pick(random, 0, 1) == 0) layer.residual = Residual{};
  if (layer.dec3.granularity == GateGranularity::ou && pick(random, 0, 2) == 0) {
    layer.groups = pick(random, 2, 4);
    layer.in.channels *= layer.groups;
    layer.out.channels *= layer.groups;
  }
  return layer;
}

/// Now and then a gate on low digits instead, where layer and hardware take one.
void gate_digits(std::mt19937& random, Layer& layer, const Hardware& hardware) {
  const int digits = (layer.input_bits + hardware.input.digit_bits - 1) / hardware.input.digit_bits;
  const bool unit_column = hardware.mapping.offset_sum == OffsetSum::unit_column;
  if (layer.dec3.lb > 0 || layer.groups > 1 || digits < 2 || unit_column || pick(random, 0, 1) == 0) return;
  layer.dec3.gate = GateKind::digits;
  layer.dec3.granularity = GateGranularity::output;
  layer.dec3.threshold.clear();
  layer.dec3.high_digit_bits = layer.input_bits - hardware.input.digit_bits * pick(random, 1, digits - 1);
  layer.dec3.digit_threshold.assign(static_cast<std::size_t>(layer.out.channels), 0);
}

TimingSpec random_spec(std::mt19937& random) {
  TimingSpec spec;
  spec.adc_cycles = any_of(random, {1, 3});
  spec.adder_tree_level_cycles = pick(random, 1, 2);
  spec.vector_cycles = pick(random, 0, 3);
  spec.link_cycles = pick(random, 0, 4);
  spec.residual_bits = any_of(random, {2, 90});
  return spec;
}

LayerTrace random_trace(std::mt19937& random, const Layer& layer, const LayerMapping& mapping, bool zeros) {
  LayerTrace trace = small_chip::trace(layer, mapping, false);
  const int skip = zeros ? pick(random, 0, 2) : 0;
  for (auto& digits : trace.digits) {
    if (skip == 1 && pick(random, 0, 1) == 0)
      digits = static_cast<std::uint8_t>(pick(random, 0, mapping.high_digits()));
    if (skip == 2) digits = static_cast<std::uint8_t>(pick(random, 0, 7) == 0 ? 1 : 0);
  }
  for (auto& digits : trace.low_digits) {
    if (skip > 0 && pick(random, 0, 1) == 0) digits = static_cast<std::uint8_t>(pick(random, 0, mapping.low_digits));
  }
  const bool never = !layer.dec3.threshold.empty() && layer.dec3.threshold[0] == never_opens;
  const bool one_decision = layer.dec3.granularity != GateGranularity::ou;
  const auto words = static_cast<std::size_t>(trace.mask_words);
  for (std::size_t i = 0; i < trace.open.size(); ++i) {
    const std::size_t group = i / words % static_cast<std::size_t>(trace.groups);
    trace.open[i] = never ? 0 : one_decision && group > 0 ? trace.open[i - words] : random() & random();
  }
  return trace;
}

// OU reads that the treatment must issue, counted one by one.
std::pair<std::int64_t, std::int64_t> expected_reads(const Layer& layer, const LayerMapping& mapping,
                                                     const Hardware& hardware, const LayerTrace& trace,
                                                     GateTreatment treatment) {
  const bool gated = layer.dec3.gate != GateKind::none && treatment != GateTreatment::no_skip;
  std::int64_t msb = 0, lsb = 0;
  for (std::size_t v = 0; v < static_cast<std::size_t>(trace.vectors); ++v) {
    for (std::size_t g = 0; g < mapping.groups.size(); ++g) {
      const std::size_t pair = v * mapping.groups.size() + g;
      for (std::size_t b = 0; b < mapping.blocks.size(); ++b) {
        const bool open =
            !gated || (trace.open[pair * static_cast<std::size_t>(trace.mask_words) + b / 64] >> (b % 64) & 1) != 0;
        const bool known_early =
            layer.dec3.gate == GateKind::inputs || hardware.gate.mask_known != MaskKnown::after_read;
        const bool known =
            treatment == GateTreatment::oracle || (treatment == GateTreatment::as_described && known_early);
        const bool pruned = !layer.dec3.has_low_part() && known && !open;
        for (int digit = 0; digit < trace.digits[pair] && !pruned; ++digit) {
          msb += static_cast<std::int64_t>(mapping.msb_slices.size());
        }
        const bool own_digits = !trace.low_digits.empty();
        for (int digit = 0; digit < (own_digits ? trace.low_digits : trace.digits)[pair]; ++digit) {
          if (!open || treatment == GateTreatment::msb_only) continue;
          lsb += static_cast<std::int64_t>((own_digits ? mapping.msb_slices : mapping.lsb_slices).size());
        }
      }
    }
  }
  return {msb, lsb};
}

constexpr GateTreatment treatments[] = {GateTreatment::as_described, GateTreatment::no_skip, GateTreatment::msb_only,
                                        GateTreatment::oracle};

}  // namespace

TEST_CASE("random layers: cycles add up, every read is issued once, runs repeat") {
  std::mt19937 random(21);
  for (int trial = 0; trial < 1500; ++trial) {
    Hardware hardware = random_hardware(random);
    Layer layer = random_layer(random);
    gate_digits(random, layer, hardware);
    const TimingSpec spec = random_spec(random);
    const LayerMapping mapping = map_layer(layer, 0, hardware);
    if (pick(random, 0, 2) == 0) {
      // As small a tile buffer as the layer's window allows: a row and a window for 3 x 3, at most.
      const int width = layer.in.width;
      const int positions = layer.kernel_h == 1 ? 1 : 3 * width;
      hardware.chip.tile_buffer_bits = positions * layer.in.channels * layer.input_bits;
    }
    const LayerTrace trace = random_trace(random, layer, mapping, true);
    for (const GateTreatment treatment : treatments) {
      const LayerTime time = time_layer(layer, mapping, hardware, spec, trace, treatment);
      small_chip::require_conservation(time, mapping);
      const auto [msb, lsb] = expected_reads(layer, mapping, hardware, trace, treatment);
      REQUIRE(time.msb_reads == msb);
      REQUIRE(time.lsb_reads == lsb);
      const int grids = treatment == GateTreatment::msb_only ? mapping.column_crossbars
                                                             : mapping.column_crossbars + mapping.lsb_column_crossbars;
      REQUIRE(time.jobs == std::int64_t{trace.vectors} * grids * mapping.row_crossbars);
      REQUIRE(time == time_layer(layer, mapping, hardware, spec, trace, treatment));
      if (treatment != GateTreatment::as_described) {
        REQUIRE(time.crossbars.stall(Stall::gate) == 0);
      }
    }
  }
}

TEST_CASE("random layers equal the same layers moved forward cycle by cycle") {
  std::mt19937 random(24);
  for (int trial = 0; trial < 600; ++trial) {
    Hardware hardware = random_hardware(random);
    Layer layer = random_layer(random);
    gate_digits(random, layer, hardware);
    const TimingSpec spec = random_spec(random);
    const LayerMapping mapping = map_layer(layer, 0, hardware);
    if (pick(random, 0, 1) == 0) {
      const int positions = layer.kernel_h == 1 ? 1 : 3 * layer.in.width;
      hardware.chip.tile_buffer_bits = positions * layer.in.channels * layer.input_bits;
    }
    const LayerTrace trace = random_trace(random, layer, mapping, true);
    const GateTreatment treatment = treatments[pick(random, 0, 5) % 4];
    const LayerTime time = time_layer(layer, mapping, hardware, spec, trace, treatment);
    const MemoryWidths widths{hardware.chip.global_port_bits, hardware.chip.link_bits, spec.link_cycles};
    const auto slow =
        slow_layer::run(plan_layer(layer, mapping, hardware, spec, treatment), trace, widths, spec.vector_cycles);
    REQUIRE(time.cycles == slow.cycles);
    REQUIRE(time.crossbars == slow.crossbars);
    REQUIRE(time.tile_buffers.busy == slow.load_cycles);
    REQUIRE(time.adder_trees == slow.adder_trees);
    REQUIRE(time.global_buffer == slow.global_buffer);
    REQUIRE(time.links == slow.links);
    REQUIRE(time.vector_units == slow.vector_units);
  }
}

TEST_CASE("layers of one crossbar equal the long way") {
  // Wide ports everywhere: after the first load the crossbar waits for nothing but gates, ADCs and banks.
  std::mt19937 random(22);
  for (int trial = 0; trial < 600; ++trial) {
    Hardware hardware = small_chip::hardware();
    hardware.chip.tile_port_bits = hardware.chip.global_port_bits = hardware.chip.link_bits = 1 << 20;
    hardware.chip.vector_lanes = 1024;
    hardware.ou = {any_of(random, {4, 16}), any_of(random, {4, 16})};
    hardware.adc.per_crossbar = any_of(random, {1, 2, 8, 16});
    hardware.adc.sample_and_hold = pick(random, 0, 1) == 1;
    hardware.mapping.offset_sum = any_of(random, {OffsetSum::digital, OffsetSum::unit_column});
    TimingSpec spec;
    spec.adc_cycles = any_of(random, {1, 3});
    Layer layer = small_chip::layer(pick(random, 1, 32), pick(random, 1, 16), pick(random, 1, 5));
    layer.dec3.lb = pick(random, 0, 2);
    if (pick(random, 0, 4) > 0) layer = small_chip::gated(layer);
    layer.dec3.granularity = any_of(random, {GateGranularity::ou, GateGranularity::output});
    if (pick(random, 0, 1) == 0) hardware.gate.mask_known = MaskKnown::oracle;
    const GateTreatment treatment = treatments[pick(random, 0, 3)];
    const LayerMapping mapping = map_layer(layer, 0, hardware);
    if (mapping.crossbars() != 1) continue;
    LayerTrace trace = random_trace(random, layer, mapping, false);
    if (layer.dec3.lb == 0) {
      // A pruned vector without a read ends together with the one before, and would wait for the vector unit.
      for (std::size_t i = 0; i < trace.open.size(); i += mapping.groups.size()) trace.open[i] |= 1;
    }

    long_way::Crossbar crossbar;
    crossbar.groups = trace.groups;
    crossbar.msb_slices = static_cast<int>(mapping.msb_slices.size());
    crossbar.lsb_slices = treatment == GateTreatment::msb_only ? 0 : static_cast<int>(mapping.lsb_slices.size());
    for (const OutputBlock& block : mapping.blocks) crossbar.columns.push_back(block.outputs);
    crossbar.adcs = hardware.adc.per_crossbar;
    crossbar.conversion_cycles = spec.adc_cycles;
    crossbar.sample_and_hold = hardware.adc.sample_and_hold;
    crossbar.unit_column = hardware.mapping.offset_sum == OffsetSum::unit_column;
    const bool gated = layer.dec3.gate != GateKind::none;
    const bool pruning = layer.dec3.lb == 0;
    const bool described = treatment == GateTreatment::as_described;
    const bool known =
        treatment == GateTreatment::oracle || (described && pruning && hardware.gate.mask_known == MaskKnown::oracle);
    if (!gated || (!described && treatment != GateTreatment::oracle))
      crossbar.mode = long_way::Mode::ungated;
    else if (known)
      crossbar.mode = pruning ? long_way::Mode::pruned : long_way::Mode::prefixed;
    else if (layer.dec3.granularity == GateGranularity::ou)
      crossbar.mode = long_way::Mode::gated;
    else
      crossbar.mode = long_way::Mode::collected;

    std::vector<long_way::Vector> vectors(static_cast<std::size_t>(trace.vectors));
    for (std::size_t v = 0; v < vectors.size(); ++v) {
      vectors[v].loaded = 4;
      for (std::size_t g = 0; g < mapping.groups.size(); ++g) {
        vectors[v].digits.push_back(trace.digits[v * mapping.groups.size() + g]);
        std::vector<bool> open;
        for (std::size_t b = 0; b < mapping.blocks.size(); ++b) {
          open.push_back(gated && (trace.open[v * mapping.groups.size() + g] >> b & 1) != 0);
        }
        vectors[v].open.push_back(open);
      }
    }
    const auto outcomes = long_way::run(crossbar, vectors);
    CycleCounts expected;
    for (const auto& outcome : outcomes) {
      for (const long_way::Counts* part : {&outcome.counts, &outcome.waiting}) {
        expected.busy += part->busy;
        expected.stall(Stall::gate) += part->gate;
        expected.stall(Stall::adc) += part->adc;
        expected.stall(Stall::input) += part->input;
        expected.stall(Stall::accumulator) += part->accumulator;
        expected.idle += part->idle;
      }
    }
    const LayerTime time = time_layer(layer, mapping, hardware, spec, trace, treatment);
    expected.idle += time.cycles - outcomes.back().next;
    REQUIRE(time.crossbars == expected);
    const bool masks_sums = crossbar.mode == long_way::Mode::collected && pruning;
    REQUIRE(time.cycles == outcomes.back().complete + (masks_sums ? 1 : 0) + 5);
  }
}

TEST_CASE("wider ports are never slower on a layer of one crossbar") {
  std::mt19937 random(23);
  for (int trial = 0; trial < 200; ++trial) {
    Hardware hardware = random_hardware(random);
    hardware.crossbar = {256, 512};
    hardware.mapping.lsb = LsbPlacement::same_crossbar;
    Layer layer = random_layer(random);
    layer.residual.reset();
    if (layer.rows() > 128) continue;
    const TimingSpec spec = random_spec(random);
    const LayerMapping mapping = map_layer(layer, 0, hardware);
    if (mapping.crossbars() != 1) continue;
    const LayerTrace trace = random_trace(random, layer, mapping, true);
    for (int ChipSpec::*width :
         {&ChipSpec::tile_port_bits, &ChipSpec::global_port_bits, &ChipSpec::link_bits, &ChipSpec::vector_lanes}) {
      Cycle before = 0;
      for (const int bits : {1, 2, 3, 8, 50, 64, 1000}) {
        Hardware wider = hardware;
        wider.chip.*width = bits;
        const Cycle cycles = time_layer(layer, mapping, wider, spec, trace).cycles;
        if (before > 0) REQUIRE(cycles <= before);
        before = cycles;
      }
    }
  }
}

TEST_CASE("layer speed", "[.speed]") {
  // The convolutions of ResNet-20 on the default chip, (4,4), half of the gates open.
  std::mt19937 random(1);
  Hardware hardware = small_chip::hardware();
  hardware.chip.tile_port_bits = hardware.chip.link_bits = 256;
  hardware.chip.global_port_bits = 512;
  struct Timed {
    Layer layer;
    LayerMapping mapping;
    LayerTrace trace;
  };
  std::vector<Timed> layers;
  const auto add = [&](int channels, int outputs, int in_width, int out_width) {
    Layer layer = small_chip::gated(small_chip::layer(channels, outputs, 1));
    layer.in = {channels, in_width, in_width};
    layer.out = {outputs, out_width, out_width};
    layer.kernel_h = layer.kernel_w = 3;
    layer.padding = 1;
    layer.stride = in_width / out_width;
    layer.input_bits = layer.output_bits = 8;
    layer.dec3.hb = layer.dec3.lb = 4;
    const LayerMapping mapping = map_layer(layer, 0, hardware);
    layers.push_back({layer, mapping, random_trace(random, layer, mapping, false)});
  };
  add(3, 16, 32, 32);
  for (int i = 0; i < 6; ++i) add(16, 16, 32, 32);
  add(16, 32, 32, 16);
  for (int i = 0; i < 5; ++i) add(32, 32, 16, 16);
  add(32, 64, 16, 8);
  for (int i = 0; i < 5; ++i) add(64, 64, 8, 8);
  std::int64_t jobs = 0, events = 0;
  constexpr int rounds = 20;
  const std::clock_t start = std::clock();
  for (int round = 0; round < rounds; ++round) {
    for (const Timed& timed : layers) {
      const LayerTime time = time_layer(timed.layer, timed.mapping, hardware, TimingSpec{}, timed.trace);
      jobs += time.jobs;
      events += time.events;
    }
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  WARN(seconds / rounds * 1e3 << " ms an image, " << jobs / rounds << " jobs, " << events / rounds << " events, "
                              << seconds / static_cast<double>(jobs) * 1e9 << " ns per job with everything around it");
  CHECK(jobs > 0);
}
