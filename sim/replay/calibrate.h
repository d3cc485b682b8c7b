// SPDX-License-Identifier: Apache-2.0
// Chooses what a network needs for one piece of hardware and cannot know by itself: gate thresholds, ADC steps, static
// masks. From training images only.
//
// How much of each layer's reads may be skipped is spread by damage per energy: for every gated layer and several
// closed shares the mean squared change of the logits is measured with that layer alone gated; then the shares are
// chosen that save the most energy for the sum of these damages (Lagrange multiplier), and the multiplier is searched
// until the whole network, all gates working, meets the target. See docs/models/calibration.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"
#include "hardware/hardware.h"
#include "network/network.h"
#include "replay/progress.h"

namespace cimcycle {

struct CalibrationOptions {
  std::int64_t images = 0;                     ///< training images to use, from the first one on
  std::optional<double> skip;                  ///< wanted share of closed gate decisions over the gated layers, 0 to 1
  std::optional<double> accuracy_loss_points;  ///< or: accuracy that may be lost, in percentage points
  bool equal_shares = false;  ///< every gated layer closes the same share, instead of by damage per energy
  /// Gates to add before thresholds are chosen, to all layers with weights but the first and the last that have none:
  /// max, mean or inputs.
  std::optional<GateKind> gate;
  bool adc_steps = false;     ///< choose dec3.adc_step_msb / _lsb for the calibrated transfer
  bool static_masks = false;  ///< record OU groups that never open, thresholds as they are in the network
  int threads = 1;
  ProgressFunction progress;
  const std::atomic<bool>* stop = nullptr;
};

/// The gate of CalibrationOptions::gate that a word names. Throws InputError.
GateKind new_gate(std::string_view word);

/// Throws InputError where options exclude each other or are out of their range, and where there is nothing to do.
void check_options(const CalibrationOptions& options);

/// What the calibration found, for the terminal and for the network's provenance.
struct CalibrationResult {
  Network network;          ///< with thresholds, steps, masks and provenance.calibration
  double masked_ratio = 0;  ///< closed / all decisions on the calibration images
  double top1_gated = 0;    ///< on the calibration images
  double top1_ungated = 0;
  struct LayerChoice {
    std::string name;
    std::int64_t threshold = 0;
    double closed_share = 0;  ///< measured with all gates working
    double damage = 0;        ///< predicted mean squared change of the logits, relative to their variance
  };
  std::vector<LayerChoice> layers;  ///< gated layers
};

/// `network` with CalibrationOptions::gate, the new gates open. Throws InputError if no layer can take one, or as
/// check_network does.
Network with_gates(const Network& network, GateKind gate);

/// `network` as the choice of thresholds starts: gates open, none removed, so that it fits any sizes of OU.
Network with_open_gates(const Network& network);

/// How many images the choice of thresholds sends through all layers, for estimates of time. Probes of one layer go
/// through the layers behind it only.
double replays_of_threshold_choice(const Network& network, std::int64_t images);

/// Throws InputError as check_options does, if there is nothing to calibrate in the network, or the target cannot be
/// reached.
CalibrationResult calibrate(const Network& network, const Hardware& hardware, const Dataset& training,
                            const CalibrationOptions& options);

}  // namespace cimcycle
