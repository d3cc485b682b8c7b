// SPDX-License-Identifier: Apache-2.0
// From integer sums to a RunResult: ratios, energies, leakage, baselines, the paper's accounting, each derived once.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "chip/layer_time.h"
#include "circuits/chip_model.h"
#include "crossbar/layer_reader.h"
#include "mapping/mapping.h"
#include "network/network.h"
#include "replay/hits.h"
#include "replay/run_result.h"

namespace cimcycle {

/// Number of GateTreatment enumerators.
inline constexpr int gate_treatments = 4;

/// Integer sums over images, per mapped layer; adding them in any order gives the same.
struct ReplaySums {
  std::vector<ReadStats> stats;
  std::vector<LayerTime> time;  ///< of the chip as described, over timed images
  std::vector<std::array<Cycle, gate_treatments>> cycles;
  ReplaySums& operator+=(const ReplaySums& other);
};

void add_time(LayerTime& sum, const LayerTime& time);

/// What is kept per image: each entry is written once, by whichever thread ran the image.
class PerImage {
 public:
  PerImage(std::int64_t images, std::int64_t timed, std::int64_t classes);
  /// `logits` are empty for recorded inputs, whose label is no_label.
  void record(std::int64_t image, int label, std::span<const std::int64_t> logits, double energy_pj, Cycle cycles);

  std::int64_t images() const { return hits_.images(); }
  std::int64_t timed() const { return timed_; }
  /// Nothing if the images have no labels.
  std::optional<double> top1() const { return hits_.top1(); }
  const std::vector<double>& energy_pj() const { return energy_pj_; }
  std::vector<double> cycles() const;  ///< of the timed images
  const std::vector<std::int64_t>& logits() const { return logits_; }

 private:
  std::int64_t timed_, classes_;
  Hits hits_;
  std::vector<double> energy_pj_;
  std::vector<Cycle> cycles_;
  std::vector<std::int64_t> logits_;
};

/// The chip that holds the mapping: its tiles, or chip.tiles if given.
ChipModel chip_model_of(const Hardware& hardware, const NetworkMapping& mapping);
TimingSpec timing_of(const ChipModel& chip);

class ResultBuilder {
 public:
  /// All arguments must outlive this.
  ResultBuilder(const Network& network, const NetworkMapping& mapping, const Hardware& hardware, const ChipModel& chip);

  /// Some layer has a gate.
  bool gated() const { return gated_; }
  ReplaySums empty_sums() const;
  /// Dynamic energy of one image that does not depend on its content.
  double fixed_energy_pj() const { return fixed_energy_pj_; }
  /// Dynamic energy of the reads of one layer and image.
  double read_energy_pj(std::size_t mapped, const ReadStats& stats) const;
  /// Dynamic energy that closing every gate of a layer would save on one image (lb = 0: that not reading would save).
  double gated_saving_pj(std::size_t mapped, const ReadStats& stats) const;
  /// Cycles of one image spent in pooling layers.
  Cycle pooling_cycles() const { return pooling_cycles_; }
  std::int64_t reads_of(const ReplaySums& sums) const;
  RunResult build(const ReplaySums& sums, const PerImage& per_image) const;

 private:
  const Layer& layer_of(std::size_t mapped) const;
  LayerCounts counts_of(std::size_t mapped, const ReadStats& stats, GateTreatment treatment) const;
  LayerResult build_weight_layer(std::size_t mapped, const ReplaySums& sums, const PerImage& per_image) const;
  LayerResult build_pooling_layer(int index, const PerImage& per_image) const;
  void finish_layer(LayerResult& row, const ActionCounts& movement, const PerImage& per_image) const;
  double dynamic_pj(std::size_t mapped, const ReplaySums& sums, GateTreatment treatment, bool gate_hardware,
                    const PerImage& per_image) const;
  Baseline build_baseline(const ReplaySums& sums, GateTreatment treatment, const PerImage& per_image) const;
  void build_totals(RunResult& result, const ReplaySums& sums, const PerImage& per_image) const;

  const Network& network_;
  const NetworkMapping& mapping_;
  const Hardware& hardware_;
  const ChipModel& chip_;
  double leakage_uw_;
  bool gated_ = false;
  std::vector<ActionCounts> movement_;   ///< per layer of the network
  std::vector<LayerTime> pooling_time_;  ///< per layer of the network
  Cycle pooling_cycles_ = 0;
  double fixed_energy_pj_ = 0;
};

}  // namespace cimcycle
