// SPDX-License-Identifier: Apache-2.0
// Whole replays of a small random network: ideal hardware equals the integer network, threads do not matter, laws hold.
#include <catch2/catch.hpp>

#include <random>

#include "base/error.h"
#include "random_case.h"
#include "reference_network.h"
#include "replay/image_pass.h"
#include "replay/replay.h"

namespace {

using namespace cimcycle;

std::string shipped_chip() { return std::string(CIMCYCLE_SOURCE_DIR) + "/tech/chips/ou16-adc5-22nm.json"; }

void fill(Layer& layer, cimcycle_reference::Random& random, int hb, int lb) {
  layer.dec3.hb = hb;
  layer.dec3.lb = lb;
  const WeightRange range = weight_range(layer.dec3);
  layer.weights.resize(static_cast<std::size_t>(layer.rows()) * static_cast<std::size_t>(layer.out.channels));
  for (auto& weight : layer.weights) weight = static_cast<std::int16_t>(random.between(range.min / 4, range.max / 4));
}

void fill_digital(Layer& layer, cimcycle_reference::Random& random, int n) {
  layer.digital.n = n;
  for (int c = 0; c < layer.out.channels; ++c) {
    layer.digital.m.push_back(random.between(1, 200));
    layer.digital.c.push_back(random.between(-20000, 60000));
  }
}

Layer make_conv(const std::string& name, int input, Shape in, int channels, int kernel, int stride, int padding) {
  Layer layer;
  layer.name = name;
  layer.input = input;
  layer.in = in;
  layer.kernel_h = layer.kernel_w = kernel;
  layer.stride = stride;
  layer.padding = padding;
  layer.out = {channels, (in.height + 2 * padding - kernel) / stride + 1, (in.width + 2 * padding - kernel) / stride + 1};
  return layer;
}

/// conv -> gated conv + identity residual -> gated strided conv + projection residual -> max pool -> global average -> linear
Network small_network(std::uint64_t seed) {
  cimcycle_reference::Random random(seed);
  Network network;
  network.name = "small";
  network.image = {3, 8, 8};
  network.pad_value = {10, 20, 30};
  Layer first = make_conv("first", image_input, network.image, 6, 3, 1, 1);
  fill(first, random, 8, 0);
  fill_digital(first, random, 13);
  Layer second = make_conv("second", 0, first.out, 6, 3, 1, 1);
  fill(second, random, 4, 4);
  fill_digital(second, random, 13);
  second.residual = Residual{0, Residual::Kind::identity, 1, 0, 0, {3000}};
  second.dec3.gate = GateKind::max;
  second.dec3.threshold = {random.between(0, 700)};
  Layer projection = make_conv("projection", 1, second.out, 10, 1, 2, 0);
  fill(projection, random, 6, 2);
  projection.output = OutputKind::accumulator;
  Layer third = make_conv("third", 1, second.out, 10, 3, 2, 1);
  fill(third, random, 2, 2);
  fill_digital(third, random, 13);
  third.residual = Residual{2, Residual::Kind::projection, 1, 0, 0, {40}};
  third.dec3.gate = GateKind::mean;
  third.dec3.granularity = GateGranularity::output_block;
  third.dec3.threshold = {random.between(0, 300)};
  Layer pool = make_conv("pool", 3, third.out, 10, 2, 2, 0);
  pool.kind = LayerKind::max_pool;
  Layer average = make_conv("average", 4, pool.out, 10, 2, 1, 0);
  average.kind = LayerKind::average_pool;
  average.digital = {std::vector<std::int32_t>(10, 16), std::vector<std::int64_t>(10, 0), 6};
  Layer last;
  last.name = "last";
  last.kind = LayerKind::linear;
  last.input = 5;
  last.in = average.out;
  last.out = {10, 1, 1};
  fill(last, random, 8, 0);
  fill_digital(last, random, 0);
  last.output = OutputKind::logits;
  network.layers = {first, second, projection, third, pool, average, last};
  check_network(network, "small");
  return network;
}

Dataset random_images(std::uint64_t seed) {
  Dataset dataset;
  dataset.name = "random";
  dataset.shape = {3, 8, 8};
  dataset.size = 12;
  dataset.classes = 10;
  dataset.read = [seed](std::int64_t index, std::span<std::uint8_t> pixels) {
    cimcycle_reference::Random random(seed * 1000 + static_cast<std::uint64_t>(index));
    for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.between(0, 255));
    return random.between(0, 9);
  };
  return dataset;
}

}  // namespace

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
