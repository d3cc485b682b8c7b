// SPDX-License-Identifier: Apache-2.0
// What does not fit is told in one line.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "base/error.h"
#include "base/files.h"
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
  CHECK_THAT(error_of(default_chip({"crossbar.cols=64"}), trace), Contains("square crossbars"));
  CHECK_THAT(error_of(default_chip({"adc.per_crossbar=24"}), trace), Contains("does not divide crossbar.cols = 128"));
  CHECK_THAT(error_of(default_chip({"adc.per_crossbar=128"}), trace), Contains("take 4 cells of 2 bits"));
  CHECK_THAT(error_of(default_chip({"adc.type=charge_decrement", "array.current=physical"}), trace),
             Contains("has no such converter; allowed: flash or sar"));
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

TEST_CASE("any description and layer: finite figures or one line") {
  std::mt19937_64 random(11);
  const auto pick = [&](const std::vector<std::string>& choices) { return choices[random() % choices.size()]; };
  int good = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string side = pick({"2", "3", "8", "16", "24", "32", "64"});
    std::vector<std::string> overrides{
        "crossbar.rows=" + side,
        "crossbar.cols=" + side,
        "ou.rows=" + pick({"1", "2", side, side}),
        "ou.cols=1",
        "adc.per_crossbar=" + pick({"1", "2", "4"}),
        "cell.bits=" + pick({"1", "2", "3", "4"}),
        "adc.bits=" + pick({"2", "3", "5", "8", "12"}),
        "adc.type=" + pick({"flash", "sar"}),
        "neurosim.mapping=" + pick({"novel", "conventional"}),
        "neurosim.sense=" + pick({"current", "voltage"}),
        "neurosim.synchronous=" + pick({"true", "true", "false"}),
        "neurosim.pipeline=" + pick({"true", "false"}),
        "neurosim.tile_buffer=" + pick({"sram", "register_file"}),
        "neurosim.validated=" + pick({"true", "false"}),
        "tech.node=" + pick({"22nm-lstp", "22nm-hp", "32nm-lstp", "65nm-lstp"}),
        "neurosim.deviations." + std::string(neurosim_deviation_names()[random() % 31]) + "=false"};
    const bool v14 = random() % 3 == 0;
    if (v14)
      overrides.insert(overrides.end(), {"tech.node=22nm-lstp", "neurosim.pipeline=false", "neurosim.sense=current",
                                         "neurosim.synchronous=true"});
    NeurosimTrace trace = random_layer(5, 1 + static_cast<int>(random() % 40), 3, 1 + static_cast<int>(random() % 40),
                                       static_cast<unsigned>(i));
    trace.layers.push_back(random_layer(1, 1 + static_cast<int>(random() % 200), 1, 1 + static_cast<int>(random() % 20),
                                        static_cast<unsigned>(i))
                               .layers[0]);
    const std::string file = v14 ? "tech/chips/neurosim-1.4-rram.json" : "tech/chips/neurosim-1.3-default.json";
    try {
      const NeurosimResult r = compose(load_hardware(find_shipped(file), overrides), trace);
      ++good;
      INFO(i);
      for (const double figure : {r.chip.area_um2, r.chip.latency_ns, r.chip.dynamic_energy_pj, r.chip.tops_per_watt}) {
        CHECK(std::isfinite(figure));
        CHECK(figure > 0);
      }
      CHECK(std::isfinite(r.chip.leakage_energy_pj));
    } catch (const InputError& error) {
      const std::string text = error.what();
      CHECK(text.find('\n') == std::string::npos);
    }
  }
  CHECK(good > 50);
}
