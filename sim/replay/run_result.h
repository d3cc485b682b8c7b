// SPDX-License-Identifier: Apache-2.0
// What a replay measured, as plain numbers: integer counts first, energies and spreads derived from them once.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chip/layer_time.h"
#include "circuits/actions.h"
#include "circuits/chip_model.h"
#include "hardware/hardware.h"

namespace cimcycle {

/// mean, population standard deviation, minimum, median, 95th percentile (nearest rank), maximum over images.
struct Spread {
  double mean = 0, std = 0, min = 0, p50 = 0, p95 = 0, max = 0;
};
/// All zero for no values. The mean is the fixed-order sum divided by the count.
Spread spread_of(std::vector<double> values);

/// Integer counts of one layer, summed over images.
struct LayerCounts {
  ActionCounts actions{};
  std::int64_t msb_reads = 0;           ///< OU reads of MSB slices issued
  std::int64_t lsb_reads = 0;           ///< OU reads of LSB slices issued
  std::int64_t lsb_reads_possible = 0;  ///< LSB OU reads that the row policy would have issued without the gate
  std::int64_t zero_skipped = 0;  ///< OU reads (MSB, and LSB behind open gates) not issued because no row was active
  std::int64_t gate_decisions = 0;
  std::int64_t gates_closed = 0;
  std::int64_t conversions = 0;
  std::int64_t clipped_conversions = 0;
  LayerCounts& operator+=(const LayerCounts&);
  bool operator==(const LayerCounts&) const = default;
};

/// One row of the per-layer result; energies in pJ per image, cycles per image (mean over the timed images).
struct LayerResult {
  std::string name;
  std::string kind;
  int hb = 0, lb = 0;
  std::string gate;  ///< "none", "max/ou", "mean/output_block", ...
  bool has_weights = false;
  bool lossless = false;  ///< no reachable sum is changed by the ADC
  std::int64_t macs = 0;
  int crossbars = 0;
  double cell_utilization = 0;
  LayerCounts counts;                  ///< summed over all counted images
  LayerTime time;                      ///< summed over the timed images
  std::optional<double> skip_ratio;    ///< empty where lb = 0 or there is no gate
  std::optional<double> masked_ratio;  ///< empty without a gate
  double cycles = 0;
  double latency_ns = 0;
  double adc_utilization = 0;                         ///< ADC-cycles converting / (ADCs x cycles)
  std::array<double, energy_components> energy_pj{};  ///< leakage included
  double energy_total_pj = 0;
  double paper_energy_pj = 0;
};

/// One comparison point of a gated run.
struct Baseline {
  std::optional<double> top1;  ///< empty if its reference pass did not run
  double energy_pj = 0;        ///< per image, on the gated run's own layer inputs
  double latency_ns = 0;
};

struct RunResult {
  std::string network_name, network_hash;
  std::string dataset_name, dataset_split;
  std::int64_t images = 0, timed_images = 0, reference_images = 0;
  std::uint64_t seed = 0;
  Hardware hardware;

  /// top1 is empty for recorded inputs, the others also if they were not asked for or not stated.
  std::optional<double> top1, ideal_adc_top1, ungated_top1, float_top1, agreement;

  std::vector<LayerResult> layers;
  ChipModel chip;
  int tiles = 0, crossbars = 0;
  std::array<double, energy_components> energy_pj{};
  double energy_total_pj = 0;
  Spread energy_spread_pj;  ///< dynamic energy plus mean leakage, over counted images
  Spread latency_ns;        ///< over timed images
  Spread cycles;
  std::optional<double> skip_ratio, masked_ratio;
  double paper_energy_pj = 0;
  std::string paper_energy_source;  ///< "simulated"
  double tops_per_watt = 0;
  double images_per_second = 0;  ///< of the simulated chip: 1 / mean latency
  bool gated = false;
  Baseline no_skip, msb_only, oracle;
  double gate_energy_pj = 0;  ///< what the gate itself costs (component gate)
  /// Waiting for gates, cycles per image summed over layers: stall `gate` of crossbars / crossbars.
  double gate_stall_cycles = 0;

  std::vector<std::string> warnings;  ///< lines that belong on the terminal and in the report

  // Of the simulation itself; never compared, never part of a hash.
  double wall_seconds = 0;
  double simulated_images_per_second = 0;
  double ou_reads_per_second = 0;
  std::int64_t events = 0;
  double events_per_second = 0;
  int threads = 1;
  std::string simd;
  std::int64_t peak_rss_bytes = 0;

  /// Logits of all images in order, [image][class] (for tests and --logits).
  std::vector<std::int64_t> logits;
};

}  // namespace cimcycle
