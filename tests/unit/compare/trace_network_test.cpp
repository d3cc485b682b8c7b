// SPDX-License-Identifier: Apache-2.0
// From trace to network and back, through files too.
#include <catch2/catch.hpp>

#include "compare/trace_network.h"
#include "error_text.h"
#include "sample_trace.h"

using namespace cimcycle;
using test::equal;
using test::input_error;
using test::sample_trace;

TEST_CASE("import of an export is the identity on integers") {
  for (const bool is_signed : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CAPTURE(is_signed, seed);
      const test::ScratchFolder folder;
      const TraceRecord record = sample_trace(seed, is_signed);
      const TraceRecord again = read_neurosim_trace(test::write_trace(folder, "t", record), 1);
      CHECK(again.signed_inputs == is_signed);
      CHECK(equal(again.trace, record.trace));
      const RecordedNetwork recorded = network_of_trace(again);
      CHECK(recorded.network.pad_value == std::vector<int>{is_signed ? -2 : 5, 0});
      const TraceRecord back = trace_of_network(recorded.network, recorded.inputs);
      CHECK(back.signed_inputs == is_signed);
      CHECK(equal(back.trace, record.trace));
    }
  }
}

TEST_CASE("a network of a trace has the layers, sums and vectors of the trace") {
  const RecordedNetwork recorded = network_of_trace(sample_trace(3, true));
  const Network& network = recorded.network;
  REQUIRE(network.layers.size() == 4);
  CHECK(network.recorded());
  CHECK(network.layers[0].padding == 1);
  CHECK(network.layers[1].kind == LayerKind::max_pool);
  CHECK(network.layers[2].stride == 2);
  CHECK(network.layers[3].kind == LayerKind::linear);
  CHECK(parse_network(network_files(network).at("network.json"), network_files(network).at("weights.safetensors"), "n")
            .layers == network.layers);
  const RecordedNetwork valid = without_padding(recorded);
  CHECK(valid.network.layers[0].vectors() == 4 * 3);
  CHECK(valid.network.layers[1].in == Shape{3, 4, 3});
  CHECK(valid.network.layers[2].vectors() == 2 * 2);
}

TEST_CASE("vectors of zeros behind those without padding are dropped") {
  TraceRecord record = sample_trace(5, true);
  record.trace.layers.resize(1);
  RecordedNetwork recorded = without_padding(network_of_trace(record));
  TraceRecord valid = trace_of_network(recorded.network, recorded.inputs);
  InputPlanes& input = valid.trace.layers[0].input;
  input.columns = 6 * 5 * 3;  // as many as with padding
  input.words.resize(static_cast<std::size_t>(input.columns) * static_cast<std::size_t>(input.stride()));
  const RecordedNetwork again = network_of_trace(valid);
  CHECK(again.network.layers[0].padding == 0);
  CHECK(again.inputs == recorded.inputs);
}

TEST_CASE("vectors that are no windows, and more bits than the simulator takes, are errors") {
  TraceRecord record = sample_trace(7, false);
  record.trace.layers[2].input.words[1] ^= 1;  // linear: one vector, so anything goes
  CHECK(input_error([&] { network_of_trace(record); }) == "no error");
  record.trace.layers[1].input.words[10] ^= 1U << 5;
  CHECK_THAT(input_error([&] { network_of_trace(record); }),
             Catch::Contains("layer second: the 9 input vectors are no windows of 3 x 3 on 6 x 5 pixels"));
  TraceRecord wide = sample_trace(7, false);
  wide.trace.weight_bits = 9;
  CHECK(input_error([&] { network_of_trace(wide); }) == "the trace has 9 bits per weight, the simulator takes 2 to 8");
}
