// SPDX-License-Identifier: Apache-2.0
#include "sample_trace.h"

#include <algorithm>
#include <random>

#include "compare/trace_network.h"
#include "compare/trace_writer.h"

namespace cimcycle::test {

namespace {

Layer recorded_layer(const std::string& name, Shape in, Shape out, int kernel, int stride, int padding) {
  Layer layer;
  layer.name = name;
  layer.kind = in.height == 1 && kernel == 1 ? LayerKind::linear : LayerKind::conv;
  layer.input = recorded_input;
  layer.in = in;
  layer.out = out;
  layer.kernel_h = layer.kernel_w = kernel;
  layer.stride = stride;
  layer.padding = padding;
  layer.input_bits = layer.output_bits = 3;
  layer.output = OutputKind::recorded;
  layer.dec3.hb = 4;
  return layer;
}

Layer pool_after(const Layer& source, int index) {
  Layer layer;
  layer.name = source.name + ".pool";
  layer.kind = LayerKind::max_pool;
  layer.input = index;
  layer.in = source.out;
  layer.out = {source.out.channels, source.out.height / 2, source.out.width / 2};
  layer.kernel_h = layer.kernel_w = 2;
  layer.stride = 2;
  layer.input_bits = layer.output_bits = 3;
  layer.output = OutputKind::recorded;
  return layer;
}

}  // namespace

TraceRecord sample_trace(std::uint64_t seed, bool signed_inputs) {
  std::mt19937_64 random(seed);
  const auto between = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<std::uint64_t>(high - low + 1));
  };
  Network network;
  network.name = "sample";
  network.image = {2, 6, 5};
  network.pad_value = {signed_inputs ? -2 : 5, 0};
  network.signed_inputs = signed_inputs;
  network.layers.push_back(recorded_layer("first", {2, 6, 5}, {3, 6, 5}, 3, 1, 1));
  network.layers.push_back(pool_after(network.layers[0], 0));
  network.layers.push_back(recorded_layer("second", {3, 6, 5}, {4, 3, 3}, 3, 2, 1));
  network.layers.push_back(recorded_layer("last", {70, 1, 1}, {5, 1, 1}, 1, 1, 0));
  RecordedInputs inputs;
  for (Layer& layer : network.layers) {
    if (!layer.has_weights()) continue;
    layer.weights.resize(static_cast<std::size_t>(layer.rows()) * static_cast<std::size_t>(layer.out.channels));
    for (std::int16_t& weight : layer.weights) weight = static_cast<std::int16_t>(between(-8, 7));
    RecordedInput input{layer.in, std::vector<std::int16_t>(static_cast<std::size_t>(layer.in.size()))};
    for (std::int16_t& value : input.values) {
      value = static_cast<std::int16_t>(signed_inputs ? between(-4, 3) : between(0, 7));
    }
    inputs[layer.name] = std::move(input);
  }
  check_network(network, "sample");
  return trace_of_network(network, inputs);
}

std::filesystem::path write_trace(const ScratchFolder& folder, const std::string& name, const TraceRecord& record) {
  for (const auto& [file, text] : neurosim_trace_files(record, name)) folder.write(name + "/" + file, text);
  return folder.path() / name;
}

bool equal(const NeurosimTrace& a, const NeurosimTrace& b) {
  const auto same_layer = [](const NeurosimLayer& x, const NeurosimLayer& y) {
    return x.name == y.name && x.input_height == y.input_height && x.input_width == y.input_width &&
           x.channels == y.channels && x.kernel_height == y.kernel_height && x.kernel_width == y.kernel_width &&
           x.filters == y.filters && x.stride == y.stride && x.pooled == y.pooled && x.weights == y.weights &&
           x.input.rows == y.input.rows && x.input.columns == y.input.columns && x.input.words == y.input.words;
  };
  return a.weight_bits == b.weight_bits && a.input_bits == b.input_bits &&
         std::equal(a.layers.begin(), a.layers.end(), b.layers.begin(), b.layers.end(), same_layer);
}

}  // namespace cimcycle::test
