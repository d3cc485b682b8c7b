// SPDX-License-Identifier: Apache-2.0
// What does not fit is told in one line.
#include <catch2/catch.hpp>

#include "small_trace.h"

using namespace cimcycle;
using namespace cimcycle::test;
using Catch::Contains;

TEST_CASE("networks that DNN+NeuroSim crashes on") {
  CHECK_THAT(error_of(default_chip({"crossbar.rows=256", "crossbar.cols=256", "ou.rows=256", "adc.per_crossbar=32"}),
                      empty_resnet20()),
             Contains("a processing element of two crossbars 512"));
  CHECK_THAT(error_of(default_chip({"neurosim.mapping=conventional"}), empty_resnet20()),
             Contains("the widest layer takes 256 columns of cells"));
  CHECK_THAT(error_of(default_chip(), empty_resnet20(4)), Contains("the widest convolution takes 128 columns"));
}

TEST_CASE("options without data") {
  const NeurosimTrace trace = random_layer(4, 16, 3, 64, 1);
  CHECK_THAT(error_of(default_chip({"neurosim.temperature_k=350"}), trace), Contains("there are data for 300 only"));
  CHECK_THAT(error_of(default_chip({"neurosim.relu=false"}), trace), Contains("neurosim.relu = false"));
  CHECK_THAT(error_of(default_chip({"neurosim.chip_activation=false"}), trace), Contains("chip_activation = false"));
  CHECK_THAT(error_of(default_chip({"neurosim.global_bus=xy_bus"}), trace), Contains("allowed: h_tree"));
  CHECK_THAT(error_of(default_chip({"ou.rows=16"}), trace), Contains("128 (parallel read) or 1 (sequential)"));
  CHECK_THAT(error_of(default_chip({"adc.per_crossbar=24"}), trace), Contains("does not divide crossbar.cols = 128"));
  CHECK_THAT(error_of(default_chip({"adc.per_crossbar=128"}), trace), Contains("take 4 cells of 2 bits"));
  Hardware bare = default_chip();
  bare.neurosim.reset();
  CHECK_THAT(error_of(bare, trace), Contains("has no section neurosim"));
}

TEST_CASE("hostile traces") {
  const Hardware chip = default_chip();
  NeurosimTrace trace = random_layer(4, 16, 3, 64, 1);
  trace.layers[0].weights[70] = 128;
  CHECK_THAT(error_of(chip, trace),
             Contains("random: layer 1: weight 6 of row 1 is 128; allowed with 8 bits: -128 to 127"));
  trace = random_layer(4, 16, 3, 64, 1);
  trace.layers[0].input.columns = 10;
  CHECK_THAT(error_of(chip, trace), Contains("4 vectors of 8 bits need 32"));
  trace = random_layer(4, 16, 3, 64, 1);
  trace.layers[0].input.words.pop_back();
  CHECK_THAT(error_of(chip, trace), Contains("words"));
  trace = random_layer(4, 16, 3, 64, 1);
  trace.layers[0].weights.pop_back();
  CHECK_THAT(error_of(chip, trace), Contains("expected 144 rows x 64 filters"));
  trace.layers[0].kernel_height = 5;
  CHECK_THAT(error_of(chip, trace), Contains("kernel height = 5; allowed: 1 to 4"));
  trace.layers.clear();
  CHECK_THAT(error_of(chip, trace), Contains("layers = 0"));
  trace.weight_bits = 0;
  CHECK_THAT(error_of(chip, trace), Contains("weight bits = 0"));
}
