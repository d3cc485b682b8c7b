// SPDX-License-Identifier: Apache-2.0
// Whole replays of a small random network: ideal hardware equals the integer network, threads do not matter, laws hold.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "reference_network.h"
#include "replay/image_pass.h"
#include "replay/replay.h"
#include "small_network.h"

using namespace cimcycle_test;

TEST_CASE("with everything read and an ideal ADC the logits are the integer network's") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Network network = small_network(seed);
    const Hardware hardware = load_hardware(shipped_chip());
    const NetworkMapping mapping = map_network(network, hardware);
    const NumericsOptions mode{true, GateMode::all_open};
    const ImagePass pass(network, mapping, hardware, {&mode, 1});
    const Dataset dataset = random_images(seed);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(dataset.shape.size()));
    PassMemory memory;
    for (int image = 0; image < 4; ++image) {
      dataset.read(image, pixels);
      const auto logits = pass.run(pixels, memory);
      const auto expected =
          cimcycle_reference::IntegerNetwork{network}.evaluate(std::vector<int>(pixels.begin(), pixels.end()));
      REQUIRE(std::vector<std::int64_t>(logits.begin(), logits.end()) == expected.back().values);
    }
  }
}

TEST_CASE("any number of threads gives the same result, and the laws hold") {
  const Network network = small_network(3);
  const std::vector<std::string> skip_zeros = {"schedule.row_policy=skip_zero_groups"};
  for (const auto& overrides : {std::vector<std::string>{}, skip_zeros}) {
    const Hardware hardware = load_hardware(shipped_chip(), overrides);
    const Dataset dataset = random_images(7);
    RunOptions options;
    options.threads = 1;
    options.timed_images = 5;
    const RunResult one = replay(network, hardware, dataset, options);
    options.threads = 3;
    const RunResult three = replay(network, hardware, dataset, options);
    CHECK(one.logits == three.logits);
    CHECK(one.energy_total_pj == three.energy_total_pj);
    CHECK(one.latency_ns.mean == three.latency_ns.mean);
    CHECK(one.no_skip.energy_pj == three.no_skip.energy_pj);
    double total = 0;
    for (const LayerResult& row : one.layers) {
      total += row.energy_total_pj;
      if (!row.has_weights) continue;
      INFO(row.name);
      CHECK(row.time.crossbars.elapsed() == row.time.cycles * row.crossbars);
      // The timing issues exactly the reads that the numerics counted (here on the timed images only).
      CHECK(row.time.msb_reads > 0);
    }
    CHECK(total == one.energy_total_pj);
    CHECK(one.gated);
    CHECK(one.oracle.energy_pj <= one.no_skip.energy_pj);
    CHECK(one.msb_only.energy_pj <= one.no_skip.energy_pj);
    CHECK(one.oracle.latency_ns <= one.no_skip.latency_ns);
    CHECK(one.ideal_adc_top1 == one.top1);
    CHECK(one.agreement == 1.0);
  }
}

TEST_CASE("timing and numerics count the same reads when every image is timed") {
  const Network network = small_network(5);
  for (const char* policy : {"all", "skip_zero_groups"}) {
    for (const char* lsb : {"same_crossbar", "separate_crossbars"}) {
      const std::vector<std::string> overrides = {std::string("schedule.row_policy=") + policy,
                                                  std::string("mapping.lsb=") + lsb};
      const Hardware hardware = load_hardware(shipped_chip(), overrides);
      const RunResult result = replay(network, hardware, random_images(1), {});
      for (const LayerResult& row : result.layers) {
        if (!row.has_weights) continue;
        INFO(row.name << " " << policy << " " << lsb);
        CHECK(row.time.msb_reads == row.counts.msb_reads);
        CHECK(row.time.lsb_reads == row.counts.lsb_reads);
      }
    }
  }
}

TEST_CASE("a dataset that does not fit the network is an error") {
  Dataset dataset = random_images(0);
  dataset.shape = {3, 32, 32};
  CHECK_THROWS_WITH(replay(small_network(0), load_hardware(shipped_chip()), dataset, {}),
                    "random: images are 3 x 32 x 32, but small reads 3 x 8 x 8");
  RunOptions options;
  options.images = 13;
  CHECK_THROWS_WITH(replay(small_network(0), load_hardware(shipped_chip()), random_images(0), options),
                    "--images 13: random has 12 images");
}
