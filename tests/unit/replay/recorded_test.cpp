// SPDX-License-Identifier: Apache-2.0
// A layer that reads its recorded input costs what it costs in the network that the input was recorded from.
#include <catch2/catch.hpp>

#include "error_text.h"
#include "replay/record_inputs.h"
#include "replay/replay.h"
#include "small_network.h"

using namespace cimcycle_test;

namespace {

Dataset recorded_from(const Network& network, const Hardware& hardware, const Dataset& images, std::int64_t image) {
  Dataset dataset;
  dataset.name = "trace:t";
  dataset.size = 1;
  dataset.recorded = std::make_shared<const RecordedInputs>(record_inputs(network, hardware, images, image));
  return dataset;
}

Network without_gates(Network network) {
  for (Layer& layer : network.layers) {
    layer.dec3.gate = GateKind::none;
    layer.dec3.granularity = GateGranularity::ou;
    layer.dec3.threshold_per = Dec3::ThresholdPer::layer;
    layer.dec3.threshold.clear();
  }
  return network;
}

}  // namespace

TEST_CASE("replay of recorded inputs equals replay of the image, layer by layer") {
  const Hardware hardware =
      load_hardware(shipped_chip(), std::vector<std::string>{"schedule.row_policy=skip_zero_groups"});
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Network network = without_gates(small_network(seed));
    const Dataset images = random_images(seed);
    RunOptions options;
    options.images = 1;
    const RunResult expected = replay(network, hardware, images, options);
    const RunResult found = replay(network, hardware, recorded_from(network, hardware, images, 0), {});
    CHECK_FALSE(found.top1);
    CHECK_FALSE(found.ideal_adc_top1);
    CHECK(found.logits.empty());
    CHECK(found.reference_images == 0);
    REQUIRE(found.layers.size() == expected.layers.size());
    for (std::size_t i = 0; i < found.layers.size(); ++i) {
      INFO(found.layers[i].name);
      CHECK(found.layers[i].counts == expected.layers[i].counts);
      CHECK(found.layers[i].time == expected.layers[i].time);
    }
    CHECK(found.energy_total_pj == expected.energy_total_pj);
    CHECK(found.latency_ns.mean == expected.latency_ns.mean);
  }
}

TEST_CASE("a recording must fit the network") {
  const Hardware hardware = load_hardware(shipped_chip());
  const Network network = without_gates(small_network(1));
  Dataset dataset = recorded_from(network, hardware, random_images(1), 3);
  const auto error = [&](const std::function<void(RecordedInputs&)>& change) {
    RecordedInputs inputs = *dataset.recorded;
    change(inputs);
    Dataset changed = dataset;
    changed.recorded = std::make_shared<const RecordedInputs>(inputs);
    return test::input_error([&] { replay(network, hardware, changed, {}); });
  };
  CHECK(error([](RecordedInputs&) {}) == "no error");
  CHECK(error([](RecordedInputs& inputs) { inputs.erase("third"); }) ==
        "trace:t: layer third: no input was recorded for it");
  CHECK(error([](RecordedInputs& inputs) {
          inputs["second"].shape = {3, 8, 16};
        }) == "trace:t: layer second: recorded are 3 x 8 x 16 values, but small reads 6 x 8 x 8");
  CHECK_THAT(error([](RecordedInputs& inputs) { inputs["first"].values[3] = -1; }),
             Catch::Contains("trace:t: layer first: recorded values reach from -1 to"));
  CHECK(test::input_error([&] { record_inputs(network, hardware, random_images(1), 12); }) ==
        "image 12: random has 12 images, counted from 0");
}
