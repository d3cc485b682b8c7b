// SPDX-License-Identifier: Apache-2.0
// What must hold in a network before a weight is looked at: names, connections, shapes, bits, annotations.
#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "network/check.h"
#include "network/check_place.h"
#include "network/limits.h"

namespace cimcycle {

namespace {

bool is_name(std::string_view text, bool spaces) {
  const auto allowed = [&](char c) { return (c > ' ' && c <= '~') || (spaces && c == ' '); };
  return !text.empty() && text.size() <= limits::name_length && std::all_of(text.begin(), text.end(), allowed);
}

void check_head(const Network& network, const std::string& file) {
  if (!is_name(network.name, true)) {
    fail_input("{}: name: found \"{}\", expected 1 to {} printable ASCII characters", file, printable(network.name),
               limits::name_length);
  }
  if (!network.dataset.empty() && printable(network.dataset) != network.dataset) {
    fail_input("{}: dataset: found \"{}\", expected at most 120 printable ASCII characters", file,
               printable(network.dataset));
  }
  check_shape(network.image, file + ": image");
  if (static_cast<int>(network.pad_value.size()) != network.image.channels) {
    fail_input("{}: pad_value: found {} values, expected one for each of the {} image channels", file,
               network.pad_value.size(), network.image.channels);
  }
  const int least = network.signed_inputs ? -128 : 0;
  for (const int value : network.pad_value) {
    if (value < least || value > least + 255) {
      fail_input("{}: pad_value: found {}, expected {} to {}", file, value, least, least + 255);
    }
  }
  if (network.float_top1 && !(*network.float_top1 >= 0 && *network.float_top1 <= 1)) {
    fail_input("{}: float_top1: found {}, expected 0 to 1", file, *network.float_top1);
  }
  if (network.layers.empty() || network.layers.size() > limits::layers) {
    fail_input("{}: layers: found {} layers, expected 1 to {}", file, network.layers.size(), limits::layers);
  }
}

void check_names(const Network& network, const std::string& file) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const std::string& name = network.layers[i].name;
    if (!is_name(name, false)) {
      fail_input("{}: layers[{}].name: found \"{}\", expected 1 to {} printable ASCII characters without spaces", file,
                 i, printable(name), limits::name_length);
    }
    if (name == image_word)
      fail_input("{}: layers[{}].name: image names the network's input; choose another name", file, i);
    if (name == recorded_word)
      fail_input("{}: layers[{}].name: recorded names inputs that are recorded; choose another name", file, i);
    const auto [first, is_new] = seen.try_emplace(name, i);
    if (!is_new) fail_input("{}: layers[{}].name: {} is the name of layers[{}] already", file, i, name, first->second);
  }
}

/// A network is recorded or it is not: what some layers do not compute, others cannot read.
void check_recorded(const Place& at) {
  const Layer& layer = at.layer;
  const bool is_recorded = at.network.recorded();
  if ((layer.output == OutputKind::recorded) != is_recorded) {
    at.fail("output is {}, but the first layer's input is {}; output recorded and input recorded go together",
            word_of(output_kind_words, layer.output), source_name(at.network, at.network.layers.front().input));
  }
  if (layer.has_weights() && (layer.input == recorded_input) != is_recorded) {
    at.fail("input is {}, but the first layer's is {}; either all layers with weights read recorded inputs or none",
            source_name(at.network, layer.input), source_name(at.network, at.network.layers.front().input));
  }
  if (!is_recorded) return;
  if (!layer.has_weights() && layer.kind != LayerKind::max_pool) {
    at.fail("kind {} cannot stand among recorded layers; conv, linear and max_pool can",
            word_of(layer_kind_words, layer.kind));
  }
  if (layer.residual) at.fail("residual: a recorded layer takes none, its results are not computed");
}

void check_input_bits(const Place& at, int input) {
  const Layer& layer = at.layer;
  int bits = limits::image_bits;
  if (input == image_input) {
    if (at.network.signed_inputs && !layer.has_weights()) {
      at.fail("kind {} cannot read an image with input_encoding twos_complement; conv and linear can",
              word_of(layer_kind_words, layer.kind));
    }
  } else {
    const Layer& source = at.network.layers[static_cast<std::size_t>(input)];
    if (source.output != OutputKind::unsigned_activation && source.output != OutputKind::recorded) {
      at.fail("input {} has output {}; a layer reads unsigned activations only", source.name,
              word_of(output_kind_words, source.output));
    }
    bits = source.output_bits;
  }
  if (layer.input_bits != bits) {
    at.fail("input bits are {}, but {} gives {}", layer.input_bits, source_name(at.network, input), bits);
  }
}

void check_input(const Place& at) {
  const Layer& layer = at.layer;
  if (layer.more_inputs.empty() == (layer.kind == LayerKind::concat)) {
    at.fail("kind {} has {} inputs; a concat has at least 2, the others 1", word_of(layer_kind_words, layer.kind),
            1 + layer.more_inputs.size());
  }
  if (layer.input == recorded_input) {
    if (!layer.has_weights()) {
      at.fail("kind {} cannot read a recorded input; conv and linear can", word_of(layer_kind_words, layer.kind));
    }
    check_shape(layer.in, fmt::format("{}: layer {}: input_shape", at.file, layer.name));
    if (layer.input_bits < 1 || layer.input_bits > limits::image_bits) {
      at.fail("input bits are {}, expected 1 to {}", layer.input_bits, limits::image_bits);
    }
    if (at.index == 0 && layer.in != at.expected_input()) {
      at.fail("reads {}, but image is {}; they are the same in a recorded network", shape_text(layer.in),
              shape_text(at.network.image));
    }
    return;
  }
  if (layer.input < image_input || layer.input >= at.index) {
    at.fail("input is layer {}, expected image or a layer before this one", layer.input);
  }
  check_input_bits(at, layer.input);
  for (const int more : layer.more_inputs) {
    if (more < image_input || more >= at.index) {
      at.fail("input is layer {}, expected image or a layer before this one", more);
    }
    check_input_bits(at, more);
    const Shape &first = at.shape_of(layer.input), &other = at.shape_of(more);
    if (other.height != first.height || other.width != first.width) {
      at.fail("inputs {} and {} are {} and {}; expected the same rows and columns",
              source_name(at.network, layer.input), source_name(at.network, more), shape_text(first),
              shape_text(other));
    }
  }
  if (layer.in != at.expected_input()) {
    at.fail("reads {}, but {} gives {}", shape_text(layer.in), source_name(at.network, layer.input),
            shape_text(at.expected_input()));
  }
}

void check_output(const Place& at) {
  const Layer& layer = at.layer;
  const std::string_view kind = word_of(layer_kind_words, layer.kind);
  const bool is_last = at.index + 1 == static_cast<int>(at.network.layers.size());
  if (is_last && layer.output != OutputKind::logits && layer.output != OutputKind::recorded) {
    at.fail("output is {}, but the last layer gives logits", word_of(output_kind_words, layer.output));
  }
  if (layer.kind == LayerKind::max_pool && layer.output != OutputKind::unsigned_activation &&
      layer.output != OutputKind::recorded) {
    at.fail("output is {}, but {} gives unsigned activations", word_of(output_kind_words, layer.output), kind);
  }
  if (!is_last && layer.output == OutputKind::logits) at.fail("output is logits, which only the last layer gives");
  if (layer.output == OutputKind::logits && (layer.out.height != 1 || layer.out.width != 1)) {
    at.fail("shape {}: logits are one value per class, [classes, 1, 1]", shape_text(layer.out));
  }
  if (layer.output == OutputKind::accumulator && layer.kind != LayerKind::conv) {
    at.fail("output is accumulator, which only a conv layer gives, not {}", kind);
  }
  const bool activations = layer.gives_activations();
  if (activations && (layer.output_bits < 1 || layer.output_bits > 8)) {
    at.fail("output bits are {}, expected 1 to 8", layer.output_bits);
  }
  if (!activations && layer.output_bits != 8) {
    at.fail("output bits are {}, but {} has none; expected 8 as a stand-in", layer.output_bits,
            word_of(output_kind_words, layer.output));
  }
  if (layer.kind == LayerKind::max_pool && layer.output_bits != layer.input_bits) {
    at.fail("output bits are {}, but a maximum of {}-bit inputs has {}", layer.output_bits, layer.input_bits,
            layer.input_bits);
  }
}

void check_residual(const Place& at) {
  const Layer& layer = at.layer;
  if (!layer.residual) return;
  const Residual& residual = *layer.residual;
  if (!layer.has_digital()) {
    at.fail("residual: only layers whose results are requantized take one");
  }
  if (residual.source < image_input || residual.source >= at.index) {
    at.fail("residual: source is layer {}, expected image or a layer before this one", residual.source);
  }
  const std::string source = source_name(at.network, residual.source);
  const Shape& given = at.shape_of(residual.source);
  const Layer* producer =
      residual.source == image_input ? nullptr : &at.network.layers[static_cast<std::size_t>(residual.source)];
  const bool is_accumulator = producer != nullptr && producer->output == OutputKind::accumulator;
  if (residual.kind == Residual::Kind::projection && !is_accumulator) {
    at.fail("residual: kind projection needs a conv with output accumulator, but source {} gives {} activations",
            source, producer == nullptr ? "unsigned" : word_of(output_kind_words, producer->output));
  }
  if (residual.kind != Residual::Kind::projection && is_accumulator) {
    at.fail("residual: source {} gives accumulators, which need kind projection, not {}", source,
            word_of(residual_kind_words, residual.kind));
  }

  Shape taken = given;
  if (residual.kind == Residual::Kind::option_a) {
    if (!is_side(residual.stride)) at.fail("residual: stride is {}, expected 1 to {}", residual.stride, limits::side);
    for (const int pad : {residual.pad_front, residual.pad_back}) {
      if (pad < 0 || pad > limits::side) at.fail("residual: pads {} channels, expected 0 to {}", pad, limits::side);
    }
    taken = {residual.pad_front + given.channels + residual.pad_back,
             static_cast<int>(positions(given.height, 1, residual.stride, 0)),
             static_cast<int>(positions(given.width, 1, residual.stride, 0))};
  } else if (residual.stride != 1 || residual.pad_front != 0 || residual.pad_back != 0) {
    at.fail("residual: kind {} has no stride and no padded channels", word_of(residual_kind_words, residual.kind));
  }
  if (taken != layer.out) {
    at.fail("residual: {} from {} gives {}, but the layer's shape is {}", word_of(residual_kind_words, residual.kind),
            source, shape_text(taken), shape_text(layer.out));
  }
}

}  // namespace

namespace {

bool is_shape(const Shape& shape) {
  return is_side(shape.channels) && is_side(shape.height) && is_side(shape.width) && shape.size() <= limits::results;
}

}  // namespace

void check_shape(const Shape& shape, const std::string& where) {
  if (is_shape(shape)) return;
  fail_input("{}: found {}, expected channels, rows and columns of 1 to {} and at most {} values", where,
             shape_text(shape), limits::side, limits::results);
}

std::string source_name(const Network& network, int source) {
  if (source == image_input) return std::string(image_word);
  if (source == recorded_input) return std::string(recorded_word);
  return network.layers[static_cast<std::size_t>(source)].name;
}

std::string directions_text(const Directions& directions) {
  return directions.height == directions.width ? fmt::format("{}", directions.height)
                                               : fmt::format("[{}, {}]", directions.height, directions.width);
}

std::string border_text(const Border& border) {
  return border == Border(border.top)
             ? fmt::format("{}", border.top)
             : fmt::format("[{}, {}, {}, {}]", border.top, border.left, border.bottom, border.right);
}

std::string shape_text(const Shape& shape) {
  return fmt::format("[{}, {}, {}]", shape.channels, shape.height, shape.width);
}

void check_structure(const Network& network, const std::string& file) {
  check_head(network, file);
  check_names(network, file);
  std::int64_t weights = 0;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Place at{network, network.layers[i], static_cast<int>(i), file};
    check_recorded(at);
    check_input(at);
    check_groups(at);
    check_window(at);
    check_pad_value(at);
    check_output(at);
    check_residual(at);
    check_dec3(at);
    if (!at.layer.has_weights()) continue;
    // Sides are at most 2^16 and the input at most 2^26 values, so that this product stays far below 2^63.
    const std::int64_t per_output =
        at.layer.kind == LayerKind::linear
            ? at.layer.in.size()
            : std::int64_t{at.layer.kernel_h} * at.layer.kernel_w * (at.layer.in.channels / at.layer.groups);
    if (per_output > limits::weights)
      at.fail("{} weights per output, expected at most {}", per_output, limits::weights);
    weights += per_output * at.layer.out.channels;
    if (weights > limits::weights) at.fail("{} weights up to here, expected at most {}", weights, limits::weights);
  }
}

void check_network(const Network& network, const std::string& file) {
  check_structure(network, file);
  check_values(network, file);
}

}  // namespace cimcycle
