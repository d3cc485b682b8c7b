// SPDX-License-Identifier: Apache-2.0
// A small result made by hand.
#include "sample_result.h"

namespace cimcycle {
namespace {

LayerResult weight_layer(std::string name, std::string kind, int hb, int lb, std::string gate) {
  LayerResult layer;
  layer.name = std::move(name);
  layer.kind = std::move(kind);
  layer.hb = hb;
  layer.lb = lb;
  layer.gate = std::move(gate);
  layer.has_weights = true;
  layer.macs = 442368;
  layer.crossbars = 2;
  layer.cell_utilization = 0.75;
  layer.adc_utilization = 0.5;
  layer.time.crossbars.busy = 90;
  layer.time.crossbars.stalled = {6, 5, 4, 3, 2, 1};
  layer.time.crossbars.idle = 89;
  layer.time.events = 40;
  return layer;
}

/// wordline, bitline, array, adc, offset, shift_add, accumulate, gate, buffer, interconnect, digital, leakage.
void set_energy(LayerResult& layer, std::array<double, energy_components> parts) {
  layer.energy_pj = parts;
  layer.energy_total_pj = 0;
  for (const double part : parts) layer.energy_total_pj += part;
}

}  // namespace

RunResult sample_result() {
  RunResult result;
  result.network_name = "tiny";
  result.network_hash = "0123456789abcdef";
  result.dataset_name = "synthetic";
  result.dataset_split = "test";
  result.images = 200;
  result.timed_images = 20;
  result.reference_images = 200;
  result.seed = 7;
  result.hardware.name = "ou16-adc5-22nm";
  result.top1 = 0.915;
  result.ideal_adc_top1 = 0.92;
  result.ungated_top1 = 0.925;
  result.float_top1 = 0.9275;
  result.agreement = 0.985;

  LayerResult conv1 = weight_layer("conv1", "conv", 8, 0, "none");
  conv1.lossless = true;
  conv1.cycles = 65536.5;
  conv1.latency_ns = 149423.22;
  conv1.counts.msb_reads = 13107200;
  conv1.counts.conversions = 209715200;
  conv1.counts.actions[static_cast<std::size_t>(Action::conversion)] = 209715200;
  set_energy(conv1, {60000, 30000, 50000, 80000, 5000, 9000, 1000, 0, 700, 800, 900, 20000});

  LayerResult conv2 = weight_layer("block1.conv2_with_a_long_name", "conv", 4, 4, "max/ou");
  conv2.cycles = 9000;
  conv2.latency_ns = 20520;
  conv2.counts = {.actions = {},
                  .msb_reads = 3000,
                  .lsb_reads = 1000,
                  .lsb_reads_possible = 4000,
                  .zero_skipped = 17,
                  .gate_decisions = 800,
                  .gates_closed = 600,
                  .conversions = 64000,
                  .clipped_conversions = 3};
  conv2.skip_ratio = 0.75;
  conv2.masked_ratio = 0.75;
  set_energy(conv2, {6000, 3000, 5000, 8000, 500, 900, 100, 0.5, 70, 80, 90, 2000});
  conv2.paper_energy_pj = 30000;

  LayerResult pool;
  pool.name = "pool";
  pool.kind = "average_pool";
  pool.gate = "none";
  pool.cycles = 64;
  pool.latency_ns = 145.92;
  set_energy(pool, {0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 60, 10});

  LayerResult fc = weight_layer("fc", "linear", 2, 0, "mean/output_block");
  fc.cycles = 21;
  fc.latency_ns = 47.88;
  fc.counts.msb_reads = 400;
  fc.counts.conversions = 6400;
  fc.counts.clipped_conversions = 320;
  fc.counts.gate_decisions = 200;
  fc.counts.gates_closed = 20;
  fc.masked_ratio = 0.1;
  set_energy(fc, {600, 300, 500, 800, 50, 90, 10, 70, 7, 8, 9, 200});
  result.layers = {conv1, conv2, pool, fc};

  for (const LayerResult& layer : result.layers) {
    for (std::size_t c = 0; c < layer.energy_pj.size(); ++c) result.energy_pj[c] += layer.energy_pj[c];
    result.energy_total_pj += layer.energy_total_pj;
  }
  result.energy_spread_pj = {result.energy_total_pj, 1500, 270000, 286000, 289000, 290000};
  result.latency_ns = {170137.02, 1000, 168000, 170000, 172000, 173000};
  result.cycles = {74621.5, 440, 73684, 74561, 75438, 75877};
  result.skip_ratio = 0.75;
  result.masked_ratio = 0.62;
  result.paper_energy_pj = 260000;
  result.paper_energy_source = "simulated";
  result.tops_per_watt = 12.345;
  result.images_per_second = 5877.6;
  result.gated = true;
  result.no_skip = {0.925, 320000, 190000};
  result.msb_only = {std::nullopt, 250000, 160000};
  result.oracle = {0.915, 280000, 168000};
  result.gate_energy_pj = 70.5;
  result.gate_stall_cycles = 312.25;
  result.tiles = 3;
  result.crossbars = 6;
  result.chip.clock_period_ns = 2.28;
  result.chip.budget = {{"cells", 98304, 0.01, 0}, {"wordline drivers", 768, 2.5, 0.001}};
  result.chip.energy_pj[static_cast<std::size_t>(Action::conversion)] = 0.0811;
  result.warnings = {"layer fc: 5.0% of the conversions are clipped"};
  result.wall_seconds = 6.5;
  result.simulated_images_per_second = 30.8;
  result.ou_reads_per_second = 3.1e8;
  result.events = 12345;
  result.events_per_second = 2e6;
  result.threads = 2;
  result.simd = "avx2";
  result.peak_rss_bytes = 50000000;
  result.logits.assign(2000, -5);
  return result;
}

RunResult untimed_result() {
  RunResult result = sample_result();
  result.timed_images = 0;
  result.reference_images = 0;
  result.ideal_adc_top1 = result.ungated_top1 = result.float_top1 = result.agreement = std::nullopt;
  result.gated = false;
  result.skip_ratio = result.masked_ratio = std::nullopt;
  result.no_skip = result.msb_only = result.oracle = {};
  result.warnings.clear();
  return result;
}

}  // namespace cimcycle
