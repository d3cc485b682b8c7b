// SPDX-License-Identifier: Apache-2.0
// Sums that a lossy converter lets grow beyond the int32 accumulator are refused, and those just below are right.
#include <catch2/catch.hpp>

#include "crossbar/layer_reader.h"
#include "error_text.h"
#include "source_dir.h"

using namespace cimcycle;

namespace {

/// A linear layer of one output with all weights -128, whose cells are all 0: what remains is the offset.
Layer of_rows(int rows) {
  Layer layer;
  layer.name = "fc";
  layer.kind = LayerKind::linear;
  layer.in = {rows, 1, 1};
  layer.out = {1, 1, 1};
  layer.output = OutputKind::accumulator;
  layer.weights.assign(static_cast<std::size_t>(rows), -128);
  layer.dec3.hb = 8;
  return layer;
}

std::int32_t accumulator(const Layer& layer) {
  // 16 rows an OU and 1-bit cells with an offset; the converter's one bit clips.
  const std::string adc = "adc.bits=1";
  const Hardware hardware = load_hardware(source_dir() / "tech/chips/ou16-adc5-22nm.json", {&adc, 1});
  const LayerMapping mapping = map_layer(layer, 0, hardware);
  const PackedLayer packed = pack_layer(layer, mapping, hardware, false, {});
  const std::vector<std::int16_t> input(layer.weights.size(), 255);
  LayerReading reading;
  read_layer(packed, input, std::vector<int>(static_cast<std::size_t>(layer.in.channels), 0), reading);
  return reading.acc.at(0);
}

}  // namespace

TEST_CASE("the offset of the cells counts in the bound of the accumulators") {
  // 1,600 groups of 16 x 255 x 128 are below 2^30, 6,400 are not.
  CHECK(accumulator(of_rows(25600)) == -128 * 255 * 25600);
  const std::string error = test::input_error([] { accumulator(of_rows(102400)); });
  CHECK(error.find("layer fc: partial sums") == 0);
  CHECK(error.find("6400 x 522240 x 2^0, beyond the int32 accumulator; a layer of so many rows") != std::string::npos);
}
