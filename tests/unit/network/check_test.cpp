// SPDX-License-Identifier: Apache-2.0
// Rules that a file cannot break but code can: check_network on networks made in code.
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "error_text.h"
#include "network/network.h"

using namespace cimcycle;

namespace {

/// image [1, 2, 2] -> conv -> logits, both with 1x1 windows.
Network small_network() {
  Network network;
  network.name = "small";
  network.image = {1, 2, 2};
  network.pad_value = {0};
  Layer conv;
  conv.name = "conv";
  conv.in = network.image;
  conv.out = {2, 2, 2};
  conv.dec3.hb = 8;
  conv.weights = {1, -1};
  conv.digital = {{1, 1}, {0, 0}, 4};
  Layer fc;
  fc.name = "fc";
  fc.kind = LayerKind::linear;
  fc.input = 0;
  fc.in = {8, 1, 1};
  fc.out = {1, 1, 1};
  fc.output = OutputKind::logits;
  fc.dec3.hb = 8;
  fc.weights.assign(8, 1);
  fc.digital = {{1}, {0}, 0};
  network.layers = {conv, fc};
  return network;
}

struct Row {
  std::function<void(Network&, Layer& conv, Layer& fc)> change;
  std::string expected;
};

}  // namespace

TEST_CASE("a network made in code is checked as strictly as a file") {
  CHECK(test::input_error([] { check_network(small_network(), "n"); }) == "no error");
  const std::vector<Row> rows = {
      {[](Network&, Layer&, Layer& fc) { fc.input = 1; },
       "n: layer fc: input is layer 1, expected image or a layer before this one"},
      {[](Network&, Layer&, Layer& fc) { fc.input = -3; },
       "n: layer fc: input is layer -3, expected image or a layer before this one"},
      {[](Network&, Layer&, Layer& fc) { fc.input = recorded_input; },
       "n: layer fc: input is recorded, but the first layer's is image; either all layers with weights read recorded "
       "inputs or none"},
      {[](Network&, Layer& conv, Layer&) { conv.input = recorded_input; },
       "n: layer conv: output is unsigned, but the first layer's input is recorded; output recorded and input recorded "
       "go together"},
      {[](Network&, Layer&, Layer& fc) { fc.output = OutputKind::recorded; },
       "n: layer fc: output is recorded, but the first layer's input is image; output recorded and input recorded go "
       "together"},
      {[](Network&, Layer& conv, Layer&) { conv.name = "recorded"; },
       "n: layers[0].name: recorded names inputs that are recorded; choose another name"},
      {[](Network&, Layer&, Layer& fc) {
         fc.in = {2, 2, 2};
       },
       "n: layer fc: reads [2, 2, 2], but conv gives [8, 1, 1]"},
      {[](Network&, Layer& conv, Layer&) {
         conv.in = {1, 2, 3};
       },
       "n: layer conv: reads [1, 2, 3], but image gives [1, 2, 2]"},
      {[](Network&, Layer& conv, Layer&) { conv.kernel_h = 0; },
       "n: layer conv: kernel [0, 1], stride 1, padding 0: expected kernel and stride of 1 to 65536 and padding of at "
       "least 0"},
      {[](Network&, Layer&, Layer& fc) { fc.stride = 2; },
       "n: layer fc: kernel [1, 1], stride 2, padding 0: a linear layer has no window; expected kernel [1, 1], stride "
       "1, padding 0"},
      {[](Network&, Layer&, Layer& fc) { fc.output_bits = 4; },
       "n: layer fc: output bits are 4, but logits has none; expected 8 as a stand-in"},
      {[](Network&, Layer& conv, Layer&) { conv.output_bits = 0; },
       "n: layer conv: output bits are 0, expected 1 to 8"},
      {[](Network&, Layer& conv, Layer&) { conv.residual = Residual{0, {}, 1, 0, 0, {1}}; },
       "n: layer conv: residual: source is layer 0, expected image or a layer before this one"},
      {[](Network&, Layer& conv, Layer&) { conv.residual = Residual{image_input, {}, 2, 0, 0, {1}}; },
       "n: layer conv: residual: kind identity has no stride and no padded channels"},
      {[](Network&, Layer& conv, Layer&) {
         conv.residual = Residual{image_input, Residual::Kind::option_a, 1, 2147483647, 2147483647, {1}};
       },
       "n: layer conv: residual: pads 2147483647 channels, expected 0 to 65536"},
      {[](Network&, Layer& conv, Layer&) { conv.dec3.threshold = {1}; },
       "n: layer conv: dec3: granularity and threshold need a gate, but gate is none"},
      {[](Network&, Layer& conv, Layer&) {
         conv.dec3.gate = GateKind::max;
         conv.dec3.threshold = {1, 2};
       },
       "n: layer conv: dec3: 2 thresholds with threshold_per layer, expected 1"},
      {[](Network&, Layer& conv, Layer&) {
         conv.dec3.gate = GateKind::max;
         conv.dec3.threshold = {-2};
       },
       "n: layer conv: dec3: threshold -2, expected 0 to 2147483647 or null"},
      {[](Network&, Layer& conv, Layer&) {
         conv.dec3.gate = GateKind::inputs;
         conv.dec3.threshold = {1};
         conv.dec3.granularity = GateGranularity::output;
       },
       "n: layer conv: dec3: gate inputs decides per row group; granularity output, expected ou"},
      {[](Network&, Layer& conv, Layer&) {
         conv.dec3.gate = GateKind::inputs;
         conv.dec3.threshold = {1, 2};
         conv.dec3.threshold_per = Dec3::ThresholdPer::output;
       },
       "n: layer conv: dec3: gate inputs decides per row group; threshold_per output, expected layer"},
      {[](Network&, Layer& conv, Layer&) { conv.dec3.adc_step_msb = 0; },
       "n: layer conv: dec3: ADC step 0, expected 1 to 1048576"},
      {[](Network&, Layer& conv, Layer&) { conv.weights.pop_back(); }, "n: layer conv: 1 weights, expected 2"},
      {[](Network&, Layer& conv, Layer&) { conv.digital.c.clear(); },
       "n: layer conv: digital: 2 values m and 0 values c, expected 2 each"},
      {[](Network&, Layer& conv, Layer&) { conv.digital.n = -1; }, "n: layer conv: digital: n is -1, expected 0 to 62"},
      {[](Network&, Layer& conv, Layer&) {
         conv.residual = Residual{image_input, Residual::Kind::option_a, 1, 1, 0, {}};
       },
       "n: layer conv: residual: 0 multipliers, expected 1 or 2"},
      {[](Network& network, Layer&, Layer&) { network.float_top1 = std::numeric_limits<double>::quiet_NaN(); },
       "n: float_top1: found nan, expected 0 to 1"},
      {[](Network& network, Layer&, Layer&) { network.image.height = -2; },
       "n: image: found [1, -2, 2], expected channels, rows and columns of 1 to 65536 and at most 67108864 values"},
      {[](Network& network, Layer&, Layer&) { network.layers.clear(); },
       "n: layers: found 0 layers, expected 1 to 4096"},
      {[](Network& network, Layer&, Layer&) { network.name = std::string(101, 'n'); },
       "n: name: found "
       "\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\", "
       "expected 1 to 100 printable ASCII characters"},
  };
  for (const Row& row : rows) {
    Network network = small_network();
    row.change(network, network.layers[0], network.layers[1]);
    CHECK(test::input_error([&] { check_network(network, "n"); }) == row.expected);
    CHECK_THROWS_AS(network_files(network), InputError);
  }
}

TEST_CASE("z may use 64 bits up to the last") {
  Network network = small_network();
  Layer& fc = network.layers[1];
  const std::int64_t rest = std::numeric_limits<std::int64_t>::max() - std::int64_t{2147483647} * 3;
  fc.digital = {{-3}, {rest}, 40};  // logits are not shifted, so that rounding takes nothing
  CHECK(test::input_error([&] { check_network(network, "n"); }) == "no error");
  fc.digital.c = {rest + 1};
  CHECK(test::input_error([&] { check_network(network, "n"); }) ==
        "n: layer fc: output 0: z may leave 64 bits with m -3, r 0, c 9223372030412324867 and n 40");

  network = small_network();
  Digital& digital = network.layers[0].digital;
  digital = {{1, 1}, {0, std::numeric_limits<std::int64_t>::max() - 2147483647 - (std::int64_t{1} << 3)}, 4};
  CHECK(test::input_error([&] { check_network(network, "n"); }) == "no error");
  ++digital.c[1];
  CHECK(test::input_error([&] { check_network(network, "n"); }) ==
        "n: layer conv: output 1: z may leave 64 bits with m 1, r 0, c 9223372034707292153 and n 4");
}

TEST_CASE("an accumulator may use 32 bits up to the last") {
  // 65793 weights of 128 times 255 are 2^31 - 128; one more leaves int32.
  Network network = small_network();
  network.layers.erase(network.layers.begin());
  Layer& fc = network.layers[0];
  fc.input = image_input;
  const auto sized = [&](int rows) {
    network.image = {rows, 1, 1};
    network.pad_value.assign(static_cast<std::size_t>(rows), 0);
    fc.in = network.image;
    fc.weights.assign(static_cast<std::size_t>(rows), -128);
    return test::input_error([&] { check_network(network, "n"); });
  };
  CHECK(sized(65536) == "no error");
  fc.in = {65536, 2, 1};
  network.image = fc.in;
  fc.in = {131072, 1, 1};
  fc.weights.assign(131072, 0);
  std::fill(fc.weights.begin(), fc.weights.begin() + 65793, static_cast<std::int16_t>(-128));
  CHECK(test::input_error([&] { check_network(network, "n"); }) == "no error");
  fc.weights.back() = 1;
  CHECK(test::input_error([&] { check_network(network, "n"); }) ==
        "n: layer fc: the accumulator may reach 2147483775, beyond its 32 bits (2147483647)");
}

namespace {

/// Two recorded layers with a max pool between them; the second reads another shape than the pool gives.
Network recorded_network() {
  Network network = small_network();
  Layer& conv = network.layers[0];
  conv.input = recorded_input;
  conv.output = OutputKind::recorded;
  conv.output_bits = 5;
  conv.input_bits = 3;
  conv.digital = {};
  Layer pool;
  pool.name = "pool";
  pool.kind = LayerKind::max_pool;
  pool.input = 0;
  pool.in = conv.out;
  pool.out = {2, 1, 1};
  pool.kernel_h = pool.kernel_w = 2;
  pool.stride = 2;
  pool.input_bits = pool.output_bits = 5;
  pool.output = OutputKind::recorded;
  Layer fc = network.layers[1];
  fc.input = recorded_input;
  fc.output = OutputKind::recorded;
  fc.digital = {};
  network.layers = {conv, pool, fc};
  return network;
}

}  // namespace

TEST_CASE("a network of recorded layers") {
  const Network network = recorded_network();
  REQUIRE(test::input_error([&] { check_network(network, "n"); }) == "no error");
  CHECK(network.recorded());
  CHECK_FALSE(small_network().recorded());
  const auto files = network_files(network);
  Network again = parse_network(files.at("network.json"), files.at("weights.safetensors"), "n");
  again.hash.clear();
  CHECK(again == network);

  struct Case {
    std::function<void(Network&)> change;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {[](Network& n) { n.layers[2].input = 1; },
       "n: layer fc: input is pool, but the first layer's is recorded; either all layers with weights read recorded "
       "inputs or none"},
      {[](Network& n) { n.layers[1].input = recorded_input; },
       "n: layer pool: kind max_pool cannot read a recorded input; conv and linear can"},
      {[](Network& n) { n.layers[1].kind = LayerKind::average_pool; },
       "n: layer pool: kind average_pool cannot stand among recorded layers; conv, linear and max_pool can"},
      {[](Network& n) {
         n.layers[0].in = {1, 3, 2};
       },
       "n: layer conv: reads [1, 3, 2], but image is [1, 2, 2]; they are the same in a recorded network"},
      {[](Network& n) {
         n.layers[2].in = {0, 1, 1};
       },
       "n: layer fc: input_shape: found [0, 1, 1], expected channels, rows and columns of 1 to 65536 and at most "
       "67108864 values"},
      {[](Network& n) { n.layers[2].input_bits = 9; }, "n: layer fc: input bits are 9, expected 1 to 8"},
      {[](Network& n) { n.layers[2].residual = Residual{0, {}, 1, 0, 0, {1}}; },
       "n: layer fc: residual: a recorded layer takes none, its results are not computed"},
  };
  for (const Case& row : cases) {
    Network changed = network;
    row.change(changed);
    CHECK(test::input_error([&] { check_network(changed, "n"); }) == row.expected);
  }
}
