// SPDX-License-Identifier: Apache-2.0
// Calibration: targets are met from the safe side, the record names the hardware, static masks remove what never opens.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "replay/calibrate.h"
#include "replay/calibration_record.h"
#include "replay/replay.h"
#include "small_network.h"

using namespace cimcycle_test;

namespace {

Dataset training_images() {
  Dataset dataset = random_images(11);
  dataset.split = DataSplit::train;
  return dataset;
}

}  // namespace

TEST_CASE("a skip target is met from below, with any number of threads") {
  const Network network = small_network(4);
  const Hardware hardware = load_hardware(shipped_chip());
  CalibrationOptions options;
  options.images = 12;
  options.skip = 0.6;
  const CalibrationResult one = calibrate(network, hardware, training_images(), options);
  CHECK(one.masked_ratio <= 0.6);
  CHECK(one.masked_ratio > 0.45);
  REQUIRE(one.layers.size() == 2);
  options.threads = 3;
  const CalibrationResult three = calibrate(network, hardware, training_images(), options);
  CHECK(network_files(one.network) == network_files(three.network));
  // The same share on the same images in a run.
  const RunResult run = replay(one.network, hardware, training_images(), {});
  CHECK(run.masked_ratio == one.masked_ratio);
  CHECK(run.warnings.empty());
}

TEST_CASE("no accuracy may be lost: nothing, or only what costs nothing, is closed") {
  CalibrationOptions options;
  options.images = 12;
  options.accuracy_loss_points = 0;
  const CalibrationResult result =
      calibrate(small_network(4), load_hardware(shipped_chip()), training_images(), options);
  CHECK(result.top1_gated >= result.top1_ungated);
}

TEST_CASE("the choice by hand closes the same share in every layer") {
  CalibrationOptions options;
  options.images = 12;
  options.skip = 0.6;
  options.equal_shares = true;
  const CalibrationResult result =
      calibrate(small_network(4), load_hardware(shipped_chip()), training_images(), options);
  CHECK(result.masked_ratio <= 0.6);
  CHECK(result.network.provenance.find("\"equal_shares\":true") != std::string::npos);
  options.skip.reset();
  options.adc_steps = true;
  CHECK_THROWS_WITH(check_options(options),
                    "calibrate: --equal-shares needs --skip SHARE or --accuracy-loss-points POINTS");
}

TEST_CASE("the work of a calibration, by hand") {
  // Of seven layers the second and the fourth have gates; each is probed at six shares, from itself to the last layer.
  // Levels and undamaged logits take one replay each, the search 15, and its two ends.
  const double probes = 6.0 * 6 / 7 + 6.0 * 4 / 7;
  CHECK(replays_of_threshold_choice(small_network(4), 10) == Approx(10 * (probes + 2 + 15 + 2)));
  CHECK(replays_of_threshold_choice(small_network(4), 1000) == Approx(160 * (probes + 2) + 1000 * 17));
}

TEST_CASE("a run on other hardware warns") {
  CalibrationOptions options;
  options.images = 4;
  options.skip = 0.5;
  const CalibrationResult result =
      calibrate(small_network(1), load_hardware(shipped_chip()), training_images(), options);
  const std::vector<std::string> change = {"ou.rows=8"};
  CHECK(calibration_warnings(result.network, load_hardware(shipped_chip(), change)) ==
        std::vector<std::string>{"small was calibrated with ou.rows = 16, this run has 8; thresholds may not fit"});
}

TEST_CASE("gates are added to layers that have none, but the first and the last") {
  Network network = small_network(3);
  for (Layer& layer : network.layers) {
    const int bits = layer.dec3.hb;
    layer.dec3 = {};
    layer.dec3.hb = layer.has_weights() ? bits : 0;
    for (auto& weight : layer.weights) weight = static_cast<std::int16_t>(weight % (1 << (std::max(1, bits) - 1)));
  }
  CalibrationOptions options;
  options.images = 6;
  options.skip = 0.4;
  options.gate = new_gate("inputs");
  const std::vector<std::string> change = {"gate.input_sums=true"};
  const CalibrationResult result =
      calibrate(network, load_hardware(shipped_chip(), change), training_images(), options);
  std::vector<const Layer*> layers;
  for (const Layer& layer : result.network.layers) {
    if (layer.has_weights()) layers.push_back(&layer);
  }
  REQUIRE(layers.size() > 2);
  for (const Layer* layer : layers) {
    const bool is_end = layer == layers.front() || layer == layers.back();
    CHECK(layer->dec3.gate == (is_end ? GateKind::none : GateKind::inputs));
  }
  CHECK(result.masked_ratio > 0);
  CHECK(result.masked_ratio <= 0.4);

  CHECK_THROWS_WITH(with_gates(result.network, GateKind::max),
                    "calibrate: --gate max: small has no layer without a gate between the first and the last one");
  CHECK_THROWS_WITH(new_gate("digits"), "calibrate: --gate digits: expected max, mean or inputs");
  options.skip.reset();
  CHECK_THROWS_WITH(check_options(options),
                    "calibrate: --gate needs --skip SHARE or --accuracy-loss-points POINTS for the new gates");
}

TEST_CASE("static masks remove OU groups that never open, and the accuracy is that of the rest") {
  Network network = small_network(2);
  Layer& pruned = network.layers[1];
  pruned.dec3.lb = 0;
  for (auto& weight : pruned.weights) weight = static_cast<std::int16_t>(weight % 8);
  const std::vector<std::string> change = {"gate.mask_known=static"};
  const Hardware hardware = load_hardware(shipped_chip(), change);
  CHECK_THROWS_WITH(
      map_network(network, hardware),
      "layer second: gate.mask_known = static needs removed_groups in the network; run cimcycle calibrate on "
      "this hardware first");
  CalibrationOptions options;
  options.images = 12;
  options.skip = 0.7;
  const CalibrationResult result = calibrate(network, hardware, training_images(), options);
  const auto& removed = result.network.layers[1].dec3.removed_groups;
  REQUIRE_FALSE(removed.empty());
  const RunResult run = replay(result.network, hardware, training_images(), {});
  CHECK(run.layers[1].counts.actions[static_cast<std::size_t>(Action::gate_comparison)] == 0);
}

TEST_CASE("ADC steps: a lossless step where one exists, and errors that say what is missing") {
  const std::vector<std::string> change = {"adc.transfer=calibrated", "adc.calibrated_step=1"};
  CalibrationOptions options;
  options.images = 4;
  options.adc_steps = true;
  const CalibrationResult result =
      calibrate(small_network(6), load_hardware(shipped_chip(), change), training_images(), options);
  for (const Layer& layer : result.network.layers) {
    if (layer.has_weights()) CHECK(layer.dec3.adc_step_msb == 1);  // 16 rows of 1-bit cells fit 5 bits
  }
  CHECK_THROWS_WITH(calibrate(small_network(6), load_hardware(shipped_chip()), training_images(), options),
                    "--adc: adc.transfer = clip has no step to calibrate; use --set adc.transfer=calibrated");
  options.images = 13;
  CHECK_THROWS_WITH(calibrate(small_network(6), load_hardware(shipped_chip(), change), training_images(), options),
                    "--images 13: random has 12 training images; use 1 to 12");
}
