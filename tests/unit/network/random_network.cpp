// SPDX-License-Identifier: Apache-2.0
#include "random_network.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace cimcycle::test {

namespace {

using Random = std::mt19937_64;

int between(Random& random, int least, int most) {
  return least + static_cast<int>(random() % static_cast<std::uint64_t>(most - least + 1));
}

bool chance(Random& random, int percent) { return between(random, 1, 100) <= percent; }

int weight_of(Random& random, const Dec3& dec3) {
  if (dec3.hb == 1 && dec3.lb == 0) return chance(random, 50) ? 1 : -1;
  if (dec3.hb == 1) return between(random, -(1 << dec3.lb), (1 << dec3.lb) - 1);
  const int top = 1 << (dec3.hb + dec3.lb - 1);
  const bool carries = dec3.lb > 0 && dec3.split == Split::round;
  return between(random, -top, top - 1 - (carries ? 1 << (dec3.lb - 1) : 0));
}

void add_gate(Random& random, Layer& layer) {
  Dec3& dec3 = layer.dec3;
  dec3.gate = chance(random, 50) ? GateKind::max : GateKind::mean;
  if (layer.groups == 1) dec3.granularity = static_cast<GateGranularity>(between(random, 0, 2));
  if (layer.groups == 1)
    dec3.threshold_per = static_cast<Dec3::ThresholdPer>(between(random, 0, dec3.gate == GateKind::max ? 2 : 1));
  int count = 1;
  if (dec3.threshold_per == Dec3::ThresholdPer::output) count = layer.out.channels;
  if (dec3.threshold_per == Dec3::ThresholdPer::output_block) count = between(random, 1, layer.out.channels);
  for (int i = 0; i < count; ++i) dec3.threshold.push_back(chance(random, 20) ? never_opens : between(random, 0, 5000));
  if (dec3.lb == 0 && chance(random, 50)) {
    for (int i = between(random, 1, 8); i > 0; --i) dec3.removed_groups.push_back(chance(random, 50) ? 1 : 0);
  }
}

void add_weights(Random& random, Layer& layer) {
  constexpr int pairs[][2] = {{8, 0}, {6, 0}, {6, 2}, {6, 1}, {4, 4}, {4, 2}, {4, 1}, {4, 0}, {2, 6},
                              {2, 4}, {2, 2}, {2, 1}, {2, 0}, {1, 6}, {1, 4}, {1, 2}, {1, 1}, {1, 0}};
  const auto& pair = pairs[between(random, 0, 17)];
  layer.dec3.hb = pair[0];
  layer.dec3.lb = pair[1];
  if (layer.dec3.hb > 1 && chance(random, 30)) layer.dec3.split = Split::floor;
  if (chance(random, 50)) layer.dec3.adc_step_msb = between(random, 1, 40);
  if (layer.dec3.lb > 0 && chance(random, 50)) layer.dec3.adc_step_lsb = between(random, 1, 40);
  const int rows = layer.rows_per_output();
  for (int i = 0; i < rows * layer.out.channels; ++i) {
    layer.weights.push_back(static_cast<std::int16_t>(weight_of(random, layer.dec3)));
  }
  if (layer.dec3.hb > 1 && chance(random, 10)) std::fill(layer.weights.begin(), layer.weights.end(), std::int16_t{0});
  if (layer.dec3.lb == 0 && layer.groups == 1 && layer.input >= 0 && layer.input_bits > 1 && chance(random, 40)) {
    layer.dec3.gate = GateKind::digits;
    layer.dec3.granularity = GateGranularity::output;
    layer.dec3.high_digit_bits = between(random, 1, layer.input_bits - 1);
    for (int i = 0; i < layer.out.channels; ++i) layer.dec3.digit_threshold.push_back(between(random, -900, 900));
    return;
  }
  if (layer.input >= 0 && chance(random, 20)) {
    layer.dec3.gate = GateKind::inputs;
    layer.dec3.threshold = {chance(random, 20) ? never_opens : between(random, 0, 5000)};
    return;
  }
  // At least as many weights as removed groups.
  if (layer.weights.size() >= 8 && chance(random, 50)) add_gate(random, layer);
  if (layer.dec3.gate == GateKind::none && layer.dec3.lb == 0 && layer.dec3.hb > 1 && chance(random, 30)) {
    ++layer.dec3.hb;  // an odd static width: the range only grows
    layer.dec3.hb = std::min(layer.dec3.hb, 8);
  }
}

void add_digital(Random& random, Layer& layer) {
  for (int i = 0; i < layer.out.channels; ++i) {
    layer.digital.m.push_back(chance(random, 5) ? std::numeric_limits<std::int32_t>::min()
                                                : between(random, -1'000'000, 1'000'000));
    layer.digital.c.push_back(static_cast<std::int64_t>(random()) >> between(random, 3, 40));
  }
  layer.digital.n = between(random, 0, 61);
}

Layer random_layer(Random& random, const Network& network, int input) {
  Layer layer;
  layer.name = fmt::format("l{}", network.layers.size());
  if (chance(random, 20)) layer.name += "/conv.\"q\"~\\";
  layer.input = input;
  layer.in = input == image_input ? network.image : network.layers[static_cast<std::size_t>(input)].out;
  layer.input_bits = input == image_input ? 8 : network.layers[static_cast<std::size_t>(input)].output_bits;
  const bool pool = chance(random, 25) && !(input == image_input && network.signed_inputs);
  const bool joins = pool && chance(random, 30);
  layer.kind = !pool ? LayerKind::conv : chance(random, 50) ? LayerKind::max_pool : LayerKind::average_pool;
  if (joins) {
    layer.kind = LayerKind::concat;
    layer.more_inputs.assign(static_cast<std::size_t>(between(random, 1, 2)), input);
    layer.in.channels *= 1 + static_cast<int>(layer.more_inputs.size());
    layer.out = layer.in;
    layer.output_bits = between(random, 1, 8);
    return layer;
  }
  layer.kernel_h = between(random, 1, std::min(3, layer.in.height));
  layer.kernel_w = between(random, 1, std::min(3, layer.in.width));
  if (!pool && chance(random, 30) && layer.in.height >= layer.kernel_h * 2) layer.dilation.height = 2;
  const int high = static_cast<int>(layer.window_height()), wide = static_cast<int>(layer.window_width());
  layer.stride = chance(random, 50) ? between(random, 1, 2) : Directions(between(random, 1, 2), between(random, 1, 2));
  layer.padding = between(random, 0, std::min(high, wide) - 1);
  if (chance(random, 30)) layer.padding.bottom = between(random, 0, high - 1);
  if (!pool && chance(random, 30)) layer.groups = layer.in.channels;
  layer.out = {pool ? layer.in.channels : layer.groups * between(random, 1, 5),
               (layer.in.height + layer.padding.top + layer.padding.bottom - high) / layer.stride.height + 1,
               (layer.in.width + layer.padding.left + layer.padding.right - wide) / layer.stride.width + 1};
  if (layer.kind != LayerKind::max_pool && input != image_input && chance(random, 30)) {
    layer.pad_value = between(random, 0, (1 << layer.input_bits) - 1);
  }
  if (layer.kind == LayerKind::average_pool && layer.pad_value == 0) layer.counts_padding = chance(random, 50);
  layer.output_bits = layer.kind == LayerKind::max_pool ? layer.input_bits : between(random, 1, 8);
  if (layer.kind == LayerKind::conv && chance(random, 15)) {
    layer.output = OutputKind::accumulator;
    layer.output_bits = 8;
  } else if (layer.kind != LayerKind::max_pool && chance(random, 15)) {
    layer.output = OutputKind::signed_activation;
  }
  return layer;
}

/// Adds to the last layer of `network` what an earlier tensor can give.
void add_residual(Random& random, Network& network) {
  Layer& layer = network.layers.back();
  const int last = static_cast<int>(network.layers.size()) - 1;
  for (int source = last - 1; source >= image_input; --source) {
    const bool is_image = source == image_input;
    const Shape& given = is_image ? network.image : network.layers[static_cast<std::size_t>(source)].out;
    const bool accumulator =
        !is_image && network.layers[static_cast<std::size_t>(source)].output == OutputKind::accumulator;
    Residual residual;
    residual.source = source;
    residual.stride = accumulator ? 1 : between(random, 1, 2);
    const int channels = layer.out.channels - given.channels;
    const bool fits = channels >= 0 && (given.height + residual.stride - 1) / residual.stride == layer.out.height &&
                      (given.width + residual.stride - 1) / residual.stride == layer.out.width;
    if (!fits || (accumulator && channels != 0)) continue;
    if (accumulator) {
      residual.kind = Residual::Kind::projection;
    } else if (residual.stride > 1 || channels > 0 || chance(random, 30)) {
      residual.kind = Residual::Kind::option_a;
      residual.pad_front = between(random, 0, channels);
      residual.pad_back = channels - residual.pad_front;
    }
    const int count = chance(random, 50) ? 1 : layer.out.channels;
    for (int i = 0; i < count; ++i) residual.multiplier.push_back(between(random, -100'000, 100'000));
    layer.residual = residual;
    return;
  }
}

}  // namespace

Network random_network(Random& random) {
  Network network;
  network.name = "random network";
  network.image = {between(random, 1, 3), between(random, 1, 9), between(random, 1, 9)};
  network.signed_inputs = chance(random, 20);
  if (chance(random, 30)) {
    for (int i = 0; i < 256 * network.image.channels; ++i) {
      network.image_codes.push_back(static_cast<std::uint8_t>(between(random, 0, 255)));
    }
  }
  for (int i = 0; i < network.image.channels; ++i) {
    network.pad_value.push_back(network.signed_inputs ? between(random, -128, 127) : between(random, 0, 255));
  }
  if (chance(random, 70)) network.dataset = "npz:a b.npz";
  if (chance(random, 70)) network.float_top1 = between(random, 0, 1000) / 1000.0;
  if (chance(random, 70)) {
    network.provenance = R"({"deep":[{"x":1.5,"y":null},[]],"text":"a\n\u00e4"})";
    network.provenance = nlohmann::json::parse(network.provenance).dump();
  }

  int input = image_input;
  for (int i = between(random, 0, 7); i > 0; --i) {
    network.layers.push_back(random_layer(random, network, input));
    Layer& layer = network.layers.back();
    if (layer.has_weights()) add_weights(random, layer);
    if (layer.kind != LayerKind::max_pool && layer.output != OutputKind::accumulator) add_digital(random, layer);
    if (layer.has_digital() && chance(random, 60)) {
      add_residual(random, network);
    }
    if (layer.output == OutputKind::unsigned_activation) input = static_cast<int>(network.layers.size()) - 1;
  }
  Layer last = random_layer(random, network, input);
  const Shape& given = input == image_input ? network.image : network.layers[static_cast<std::size_t>(input)].out;
  last.kind = LayerKind::linear;
  last.more_inputs.clear();
  last.in = {static_cast<int>(given.size()), 1, 1};
  last.out = {between(random, 2, 10), 1, 1};
  last.kernel_h = last.kernel_w = last.groups = 1;
  last.stride = last.dilation = 1;
  last.padding = 0;
  last.pad_value = 0;
  last.counts_padding = true;
  last.output = OutputKind::logits;
  last.output_bits = 8;
  add_weights(random, last);
  add_digital(random, last);
  network.layers.push_back(last);
  return network;
}

}  // namespace cimcycle::test
