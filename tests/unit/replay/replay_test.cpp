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
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Network network = seed % 2 == 0 ? small_network(seed) : varied_network(seed);
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
      for (std::size_t i = 0; i < network.layers.size(); ++i) {
        if (!network.layers[i].gives_activations()) continue;
        const auto& values = memory.values[i].activations;
        REQUIRE(std::vector<std::int64_t>(values.begin(), values.end()) == expected[i].values);
      }
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
  const Network network = small_network(5), varied = varied_network(5);
  for (const char* policy : {"all", "skip_zero_groups"}) {
    for (const char* lsb : {"same_crossbar", "separate_crossbars"}) {
      const std::vector<std::string> overrides = {std::string("schedule.row_policy=") + policy,
                                                  std::string("mapping.lsb=") + lsb};
      const Hardware hardware = load_hardware(shipped_chip(), overrides);
      for (const Network* one : {&network, &varied}) {
        const RunResult result = replay(*one, hardware, random_images(1), {});
        for (const LayerResult& row : result.layers) {
          if (!row.has_weights) continue;
          INFO(row.name << " " << policy << " " << lsb);
          CHECK(row.time.msb_reads == row.counts.msb_reads);
          CHECK(row.time.lsb_reads == row.counts.lsb_reads);
        }
      }
    }
  }
}

TEST_CASE("OU groups of zeros can be skipped: the same results, fewer reads, an index to pay for") {
  Network network = small_network(6);
  // Rows 16 to 26 of the first layer, its second row group.
  Layer& first = network.layers.front();
  for (int output = 0; output < first.out.channels; ++output) {
    for (int row = 16; row < first.rows(); ++row)
      first.weights[static_cast<std::size_t>(output * first.rows() + row)] = 0;
  }
  const std::vector<std::string> skip = {"schedule.zero_weights=skip"};
  const Hardware reading = load_hardware(shipped_chip()), skipping = load_hardware(shipped_chip(), skip);
  const RunResult all = replay(network, reading, random_images(2), {});
  const RunResult some = replay(network, skipping, random_images(2), {});
  CHECK(some.logits == all.logits);
  const LayerResult &all_first = all.layers.front(), &first_row = some.layers.front();
  CHECK(all_first.gate == "none");
  CHECK(first_row.gate == "static");
  CHECK(first_row.masked_ratio == 0.5);  // one of two row groups
  CHECK(first_row.counts.msb_reads * 2 == all_first.counts.msb_reads);
  CHECK(first_row.time.msb_reads == first_row.counts.msb_reads);
  CHECK(first_row.time.cycles < all_first.time.cycles);
  // One output block: a bit per row group and vector.
  CHECK(first_row.counts.actions[static_cast<std::size_t>(Action::index_bit)] == 12 * 64 * 2);
  CHECK(some.energy_total_pj < all.energy_total_pj);
  // The baseline reads everything on the same chip (whose index memories leak).
  CHECK(some.no_skip.energy_pj >= all.no_skip.energy_pj);
  CHECK(some.no_skip.latency_ns == all.no_skip.latency_ns);
  CHECK(some.oracle.energy_pj < some.energy_total_pj);
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

TEST_CASE("chips that share their numerics give the results of single replays") {
  const std::vector<std::vector<std::string>> variants = {
      {},
      {"schedule.row_policy=skip_zero_groups"},
      {"mapping.lsb=separate_crossbars", "adc.per_crossbar=4"},
      {"mapping.lsb=separate_crossbars", "schedule.row_policy=skip_zero_groups", "chip.vector_lanes=3"},
      {"crossbar.cols=256", "adc.bits=7", "array.current=physical"},
      {"adc.type=sar", "adc.per_crossbar=2", "adc.sample_and_hold=true"},
      {"clock.period_ns=5", "name=slow"},
  };
  std::vector<Hardware> chips;
  for (const auto& overrides : variants) chips.push_back(load_hardware(shipped_chip(), overrides));
  RunOptions options;
  options.timed_images = 4;
  options.threads = 2;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const Network network = small_network(seed);
    const auto together = replay_chips(network, chips, random_images(seed), options);
    REQUIRE(together.size() == chips.size());
    for (std::size_t i = 0; i < chips.size(); ++i) {
      INFO(seed << " " << i);
      const RunResult alone = replay(network, chips[i], random_images(seed), options);
      CHECK(together[i].logits == alone.logits);
      CHECK(together[i].energy_pj == alone.energy_pj);
      CHECK(together[i].energy_spread_pj.std == alone.energy_spread_pj.std);
      CHECK(together[i].latency_ns.p95 == alone.latency_ns.p95);
      CHECK(together[i].no_skip.energy_pj == alone.no_skip.energy_pj);
      CHECK(together[i].oracle.latency_ns == alone.oracle.latency_ns);
      CHECK(together[i].ungated_top1 == alone.ungated_top1);
      CHECK(together[i].msb_only.top1 == alone.msb_only.top1);
      CHECK(together[i].tiles == alone.tiles);
      for (std::size_t k = 0; k < alone.layers.size(); ++k) {
        CHECK(together[i].layers[k].counts == alone.layers[k].counts);
        CHECK(together[i].layers[k].time == alone.layers[k].time);
      }
    }
  }
  const std::vector<std::string> fewer_bits = {"adc.bits=3"};
  chips.push_back(load_hardware(shipped_chip(), fewer_bits));
  CHECK_THROWS_AS(replay_chips(small_network(0), chips, random_images(0), options), std::logic_error);
}
