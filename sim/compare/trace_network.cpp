// SPDX-License-Identifier: Apache-2.0
#include "compare/trace_network.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "network/check.h"

namespace cimcycle {
namespace {

constexpr int max_bits = 8;

/// All vectors of a layer as numbers, [vectors][rows].
std::vector<std::int16_t> vectors_of(const InputPlanes& planes, int bits, bool is_signed) {
  const auto rows = static_cast<std::size_t>(planes.rows);
  const std::int64_t vectors = planes.columns / bits;
  std::vector<std::int16_t> values(static_cast<std::size_t>(vectors) * rows);
  for (std::int64_t v = 0; v < vectors; ++v) {
    std::int16_t* const vector = values.data() + static_cast<std::size_t>(v) * rows;
    for (int b = 0; b < bits; ++b) {
      const int place = (1 << (bits - 1 - b)) * (b == 0 && is_signed ? -1 : 1);
      const auto words = planes.column(v * bits + b);
      for (std::size_t row = 0; row < rows; ++row) {
        vector[row] =
            static_cast<std::int16_t>(vector[row] + place * static_cast<int>(words[row / 64] >> (row % 64) & 1));
      }
    }
  }
  return values;
}

/// A tensor that vectors were unrolled from, and what its padding held.
struct Unrolled {
  std::vector<std::int16_t> tensor;
  std::vector<int> pad;  ///< per channel
  int padding = 0;
};

/// Puts windows back where they were cut out. Nothing if two windows disagree on a value.
class Folding {
 public:
  Folding(const NeurosimLayer& layer, const std::vector<std::int16_t>& vectors) : layer_(layer), vectors_(vectors) {}

  std::optional<Unrolled> fold(int padding) const {
    Unrolled result;
    result.padding = padding;
    const std::size_t size = static_cast<std::size_t>(layer_.channels) * static_cast<std::size_t>(layer_.input_height) *
                             static_cast<std::size_t>(layer_.input_width);
    std::vector<std::int32_t> tensor(size, unknown);
    std::vector<std::int32_t> pad(static_cast<std::size_t>(layer_.channels), unknown);
    const std::int64_t out_height = positions(layer_.input_height, layer_.kernel_height, layer_.stride, 2 * padding);
    const std::int64_t out_width = positions(layer_.input_width, layer_.kernel_width, layer_.stride, 2 * padding);
    const std::int16_t* value = vectors_.data();
    for (int oy = 0; oy < out_height; ++oy) {
      for (int ox = 0; ox < out_width; ++ox) {
        const int top = oy * layer_.stride - padding, left = ox * layer_.stride - padding;
        for (int c = 0; c < layer_.channels; ++c) {
          for (int y = top; y < top + layer_.kernel_height; ++y) {
            for (int x = left; x < left + layer_.kernel_width; ++x) {
              const bool inside = y >= 0 && y < layer_.input_height && x >= 0 && x < layer_.input_width;
              std::int32_t& place = inside ? tensor[index(c, y, x)] : pad[static_cast<std::size_t>(c)];
              if (place != unknown && place != *value) return std::nullopt;
              place = *value++;
            }
          }
        }
      }
    }
    // A pixel that no window holds, and padding that there is none of, may be anything.
    for (const std::int32_t v : tensor) result.tensor.push_back(static_cast<std::int16_t>(v == unknown ? 0 : v));
    for (const std::int32_t v : pad) result.pad.push_back(v == unknown ? 0 : v);
    return result;
  }

 private:
  static constexpr std::int32_t unknown = INT32_MIN;
  std::size_t index(int c, int y, int x) const {
    return (static_cast<std::size_t>(c) * static_cast<std::size_t>(layer_.input_height) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(layer_.input_width) +
           static_cast<std::size_t>(x);
  }
  const NeurosimLayer& layer_;
  const std::vector<std::int16_t>& vectors_;
};

Unrolled fold_layer(const NeurosimLayer& layer, int bits, bool is_signed) {
  const std::vector<std::int16_t> vectors = vectors_of(layer.input, bits, is_signed);
  const std::int64_t count = layer.input.columns / bits;
  const auto windows = [&](int padding) {
    return positions(layer.input_height, layer.kernel_height, layer.stride, 2 * padding) *
           positions(layer.input_width, layer.kernel_width, layer.stride, 2 * padding);
  };
  const Folding folding(layer, vectors);
  for (int padding = 0; padding < std::min(layer.kernel_height, layer.kernel_width); ++padding) {
    if (windows(padding) != count) continue;
    if (const auto folded = folding.fold(padding)) return *folded;
  }
  const auto rest = vectors.begin() + static_cast<std::ptrdiff_t>(std::min(windows(0), count) * layer.rows());
  if (windows(0) < count && std::all_of(rest, vectors.end(), [](std::int16_t v) { return v == 0; })) {
    if (const auto folded = folding.fold(0)) return *folded;
  }
  fail_input(
      "layer {}: the {} input vectors are no windows of {} x {} on {} x {} pixels of {} channels with stride {} and "
      "padding of 0 to {}, line by line, rows in the order channel, window row, window column",
      printable(layer.name), count, layer.kernel_height, layer.kernel_width, layer.input_height, layer.input_width,
      layer.channels, layer.stride, std::min(layer.kernel_height, layer.kernel_width) - 1);
}

Shape shape_of_results(const Layer& layer, int channels) {
  return {channels,
          static_cast<int>(positions(layer.in.height, layer.window_height(), layer.stride.height,
                                     layer.padding.top + layer.padding.bottom)),
          static_cast<int>(positions(layer.in.width, layer.window_width(), layer.stride.width,
                                     layer.padding.left + layer.padding.right))};
}

Layer conv_of(const NeurosimLayer& traced, int weight_bits, int input_bits, int padding) {
  Layer layer;
  layer.name = traced.name;
  const bool is_linear = traced.rows() == traced.channels && traced.input_height == 1 && traced.input_width == 1;
  layer.kind = is_linear ? LayerKind::linear : LayerKind::conv;
  layer.input = recorded_input;
  layer.in = {traced.channels, traced.input_height, traced.input_width};
  layer.kernel_h = traced.kernel_height;
  layer.kernel_w = traced.kernel_width;
  layer.stride = is_linear ? 1 : traced.stride;
  layer.padding = padding;
  layer.out = shape_of_results(layer, traced.filters);
  layer.input_bits = input_bits;
  layer.output_bits = input_bits;
  layer.output = OutputKind::recorded;
  layer.dec3.hb = weight_bits;
  const auto rows = static_cast<std::size_t>(traced.rows()), filters = static_cast<std::size_t>(traced.filters);
  layer.weights.resize(traced.weights.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t filter = 0; filter < filters; ++filter) {
      layer.weights[filter * rows + row] = traced.weights[row * filters + filter];
    }
  }
  return layer;
}

/// 2 x 2 max pooling of what layer `input` gives; sides of one pixel are not pooled.
std::optional<Layer> pool_of(const Layer& source, int input) {
  if (source.out.height < 2 || source.out.width < 2) return std::nullopt;
  Layer layer;
  layer.name = source.name + ".pool";
  layer.kind = LayerKind::max_pool;
  layer.input = input;
  layer.in = source.out;
  layer.kernel_h = layer.kernel_w = 2;
  layer.stride = 2;
  layer.out = {source.out.channels, source.out.height / 2, source.out.width / 2};
  layer.input_bits = layer.output_bits = source.output_bits;
  layer.output = OutputKind::recorded;
  return layer;
}

void check_bits(std::string_view what, int bits, int least) {
  if (bits >= least && bits <= max_bits) return;
  fail_input("the trace has {} bits per {}, the simulator takes {} to {}", bits, what, least, max_bits);
}

/// Bits of two's complement that the weights of this annotation need.
int code_bits(const Dec3& dec3) {
  const WeightRange range = weight_range(dec3);
  int bits = 1;
  while (range.min < -(1 << (bits - 1)) || range.max > (1 << (bits - 1)) - 1) ++bits;
  return bits;
}

bool is_followed_by_pool(const Network& network, int index) {
  return std::ranges::any_of(network.layers, [&](const Layer& layer) {
    return layer.kind == LayerKind::max_pool && layer.input == index && layer.kernel_h == 2 && layer.kernel_w == 2 &&
           layer.stride == Directions(2) && layer.padding == Border(0);
  });
}

InputPlanes unroll(const Layer& layer, const std::vector<std::int16_t>& tensor, const std::vector<int>& pad, int bits) {
  InputPlanes planes;
  planes.rows = layer.rows();
  planes.columns = std::int64_t{layer.vectors()} * bits;
  planes.words.assign(static_cast<std::size_t>(planes.columns) * static_cast<std::size_t>(planes.stride()), 0);
  const Shape& in = layer.in;
  std::int64_t column = 0;
  for (int oy = 0; oy < layer.out.height; ++oy) {
    for (int ox = 0; ox < layer.out.width; ++ox, column += bits) {
      const int top = oy * layer.stride.height - layer.padding.top;
      const int left = ox * layer.stride.width - layer.padding.left;
      std::size_t row = 0;
      for (int c = 0; c < in.channels; ++c) {
        for (int y = top; y < top + layer.kernel_h; ++y) {
          for (int x = left; x < left + layer.kernel_w; ++x, ++row) {
            const bool inside = y >= 0 && y < in.height && x >= 0 && x < in.width;
            const std::int64_t at = (std::int64_t{c} * in.height + y) * in.width + x;
            const int value = inside ? tensor[static_cast<std::size_t>(at)] : pad[static_cast<std::size_t>(c)];
            for (int b = 0; b < bits; ++b) {
              const std::uint64_t bit = static_cast<unsigned>(value) >> (bits - 1 - b) & 1;
              planes.column(column + b)[row / 64] |= bit << (row % 64);
            }
          }
        }
      }
    }
  }
  return planes;
}

NeurosimLayer traced_layer(const Network& network, int index, const RecordedInput& input, int input_bits) {
  const Layer& layer = network.layers[static_cast<std::size_t>(index)];
  if (layer.groups != 1 || layer.dilation != Directions(1) || layer.stride.height != layer.stride.width) {
    fail_input("layer {}: has groups, a dilation or two strides, which a NeuroSim trace cannot hold",
               printable(layer.name));
  }
  NeurosimLayer traced;
  traced.name = layer.name;
  traced.input_height = layer.in.height;
  traced.input_width = layer.in.width;
  traced.channels = layer.in.channels;
  traced.kernel_height = layer.kernel_h;
  traced.kernel_width = layer.kernel_w;
  traced.filters = layer.out.channels;
  traced.stride = layer.stride.height;
  traced.pooled = is_followed_by_pool(network, index);
  const auto rows = static_cast<std::size_t>(layer.rows()), filters = static_cast<std::size_t>(layer.out.channels);
  traced.weights.resize(layer.weights.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t filter = 0; filter < filters; ++filter) {
      traced.weights[row * filters + filter] = layer.weights[filter * rows + row];
    }
  }
  traced.input = unroll(layer, input.values, network.padding_of(layer), input_bits);
  return traced;
}

}  // namespace

RecordedNetwork network_of_trace(const TraceRecord& record) {
  const NeurosimTrace& trace = record.trace;
  check_bits("weight", trace.weight_bits, 2);
  check_bits("input", trace.input_bits, 1);
  RecordedNetwork result;
  Network& network = result.network;
  network.name = trace.name;
  network.signed_inputs = record.signed_inputs;
  network.dataset = "trace";
  network.provenance = R"({"recorded": "layer inputs from a NeuroSim trace"})";
  for (const NeurosimLayer& traced : trace.layers) {
    Unrolled unrolled = fold_layer(traced, trace.input_bits, record.signed_inputs);
    const Layer& layer =
        network.layers.emplace_back(conv_of(traced, trace.weight_bits, trace.input_bits, unrolled.padding));
    result.inputs[layer.name] = {layer.in, std::move(unrolled.tensor)};
    if (network.layers.size() == 1) {
      network.image = layer.in;
      network.pad_value = unrolled.pad;
    } else if (std::ranges::any_of(unrolled.pad, [](int value) { return value != 0; })) {
      fail_input("layer {}: its padding is not 0, which only the first layer's may be", printable(layer.name));
    }
    if (!traced.pooled) continue;
    const int input = static_cast<int>(network.layers.size()) - 1;
    if (std::optional<Layer> pool = pool_of(network.layers.back(), input)) network.layers.push_back(std::move(*pool));
  }
  check_network(network, network.name);
  return result;
}

RecordedNetwork without_padding(RecordedNetwork recorded) {
  Network& network = recorded.network;
  for (Layer& layer : network.layers) {
    if (layer.kind == LayerKind::max_pool) layer.in = network.layers[static_cast<std::size_t>(layer.input)].out;
    layer.padding = 0;
    layer.out = shape_of_results(layer, layer.out.channels);
  }
  check_network(network, network.name);
  return recorded;
}

TraceRecord trace_of_network(const Network& network, const RecordedInputs& inputs) {
  TraceRecord record;
  NeurosimTrace& trace = record.trace;
  trace.name = network.name;
  record.signed_inputs = network.signed_inputs;
  for (const Layer& layer : network.layers) {
    if (!layer.has_weights()) continue;
    trace.weight_bits = std::max(trace.weight_bits, code_bits(layer.dec3));
    // Beside signed inputs, unsigned ones need a top bit that stays 0.
    const bool widened = network.signed_inputs && !network.reads_signed(layer);
    trace.input_bits = std::max(trace.input_bits, layer.input_bits + (widened ? 1 : 0));
  }
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    if (!layer.has_weights()) continue;
    trace.layers.push_back(traced_layer(network, static_cast<int>(i), inputs.at(layer.name), trace.input_bits));
  }
  check_trace(trace);
  return record;
}

}  // namespace cimcycle
