// SPDX-License-Identifier: Apache-2.0
// A small random network with every kind of layer, and random images for it.
#pragma once

#include "data/dataset.h"
#include "hardware/hardware.h"
#include "network/network.h"
#include "random_case.h"
#include "source_dir.h"

namespace cimcycle_test {

using namespace cimcycle;

inline std::string shipped_chip() { return (source_dir() / "tech/chips/ou16-adc5-22nm.json").string(); }

inline void fill(Layer& layer, cimcycle_reference::Random& random, int hb, int lb) {
  layer.dec3.hb = hb;
  layer.dec3.lb = lb;
  const WeightRange range = weight_range(layer.dec3);
  layer.weights.resize(static_cast<std::size_t>(layer.weights_needed()));
  for (auto& weight : layer.weights) weight = static_cast<std::int16_t>(random.between(range.min / 4, range.max / 4));
}

inline void fill_digital(Layer& layer, cimcycle_reference::Random& random, int n) {
  layer.digital.n = n;
  for (int c = 0; c < layer.out.channels; ++c) {
    layer.digital.m.push_back(random.between(1, 200));
    layer.digital.c.push_back(random.between(-20000, 60000));
  }
}

inline Layer make_conv(const std::string& name, int input, Shape in, int channels, int kernel, int stride,
                       int padding) {
  Layer layer;
  layer.name = name;
  layer.input = input;
  layer.in = in;
  layer.kernel_h = layer.kernel_w = kernel;
  layer.stride = stride;
  layer.padding = padding;
  layer.out = {channels, (in.height + 2 * padding - kernel) / stride + 1,
               (in.width + 2 * padding - kernel) / stride + 1};
  return layer;
}

/// The linear layer of ten classes.
inline Layer make_last(int input, Shape in, cimcycle_reference::Random& random) {
  Layer last;
  last.name = "last";
  last.kind = LayerKind::linear;
  last.input = input;
  last.in = in;
  last.out = {10, 1, 1};
  fill(last, random, 8, 0);
  fill_digital(last, random, 0);
  last.output = OutputKind::logits;
  return last;
}

/// conv -> gated conv + identity residual -> gated strided conv + projection residual -> max pool -> global average ->
/// linear
inline Network small_network(std::uint64_t seed) {
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
  const Layer last = make_last(5, average.out, random);
  network.layers = {first, second, projection, third, pool, average, last};
  check_network(network, "small");
  return network;
}

/// pixel codes -> conv (dilated, asymmetric border) -> depthwise conv and 1 x 3 conv with a zero point -> concat with a
/// residual -> padded average + residual -> gated grouped conv -> linear
inline Network varied_network(std::uint64_t seed) {
  cimcycle_reference::Random random(seed);
  Network network;
  network.name = "varied";
  network.image = {3, 8, 8};
  network.pad_value = {10, 20, 30};
  for (int i = 0; i < 3 * 256; ++i) network.image_codes.push_back(static_cast<std::uint8_t>(random.between(0, 255)));
  Layer first = make_conv("first", image_input, network.image, 4, 3, 1, 0);
  first.dilation = {2, 1};
  first.padding = {1, 0, 2, 1};
  first.out = {4, 7, 7};
  fill(first, random, 8, 0);
  fill_digital(first, random, 13);
  Layer depthwise = make_conv("depthwise", 0, first.out, 4, 3, 1, 1);
  depthwise.groups = 4;
  depthwise.pad_value = random.between(1, 255);
  fill(depthwise, random, 8, 0);
  fill_digital(depthwise, random, 13);
  Layer row = make_conv("row", 0, first.out, 4, 3, 1, 0);
  row.kernel_h = 1;
  row.padding = {0, 1, 0, 1};
  row.out = {4, 7, 7};
  row.pad_value = depthwise.pad_value;
  fill(row, random, 8, 0);
  fill_digital(row, random, 13);
  Layer joined = make_conv("joined", 1, {8, 7, 7}, 8, 1, 1, 0);
  joined.kind = LayerKind::concat;
  joined.more_inputs = {2};
  fill_digital(joined, random, 7);
  Layer average = make_conv("average", 3, joined.out, 8, 3, 1, 1);
  average.kind = LayerKind::average_pool;
  average.pad_value = random.between(1, 255);
  fill_digital(average, random, 10);
  average.residual = Residual{3, Residual::Kind::identity, 1, 0, 0, {random.between(-300, 300)}};
  Layer grouped = make_conv("grouped", 4, average.out, 6, 3, 2, 1);
  grouped.groups = 2;
  grouped.stride = {2, 3};
  grouped.out = {6, 4, 3};
  fill(grouped, random, 4, 4);
  fill_digital(grouped, random, 13);
  grouped.dec3.gate = GateKind::max;
  grouped.dec3.threshold = {random.between(0, 700)};
  const Layer last = make_last(5, {72, 1, 1}, random);
  network.layers = {first, depthwise, row, joined, average, grouped, last};
  check_network(network, "varied");
  return network;
}

inline Dataset random_images(std::uint64_t seed) {
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

}  // namespace cimcycle_test
