// SPDX-License-Identifier: Apache-2.0
// A network from the two files of its folder. Format: docs/formats/network.md
#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "base/files.h"
#include "base/json_object.h"
#include "base/text.h"
#include "network/check.h"
#include "network/limits.h"
#include "network/load_dec3.h"
#include "network/load_keys.h"
#include "network/network.h"
#include "network/safetensors.h"
#include "network/stored_weights.h"

namespace cimcycle {

using nlohmann::json;

namespace {

constexpr std::string_view structure_name = "network.json";
constexpr std::string_view tensors_name = "weights.safetensors";
constexpr std::string_view format_words[] = {"cimcycle-network-1"};
constexpr std::string_view encoding_words[] = {"unsigned", "twos_complement"};
/// 2^28 weights of two bytes and the digital constants of 4096 layers.
constexpr std::uintmax_t max_tensor_bytes = std::uintmax_t{1} << 31;

/// The layers read so far, by name.
class Sources {
 public:
  void add(const Layer& layer, int index) {
    indices_.emplace(layer.name, index);
    outs_.push_back(layer.out);
  }
  /// Index of the layer (or image_input, or recorded_input) that the text under `key` names.
  int find(JsonObject& object, std::string_view key) const {
    const std::string name = object.text(key);
    if (name == image_word) return image_input;
    if (name == recorded_word && key == "input") return recorded_input;
    return find_layer(object, key, name, key == "input");
  }
  /// The layers that the texts of the array under `key` name.
  std::vector<int> find_all(JsonObject& object, std::string_view key) const {
    std::vector<int> found;
    for (const json* element : object.array(key, limits::layers)) {
      const std::string place = fmt::format("{}[{}]", key, found.size());
      if (!element->is_string()) object.fail(place, fmt::format("found {}, expected a text", shown_value(*element)));
      const auto& name = element->get_ref<const std::string&>();
      found.push_back(name == image_word ? image_input : find_layer(object, place, name, false));
    }
    if (found.size() < 2) object.fail(key, fmt::format("found {} inputs, expected at least 2", found.size()));
    return found;
  }
  const Shape& shape(int source, const Shape& image) const {
    return source == image_input ? image : outs_[static_cast<std::size_t>(source)];
  }

 private:
  int find_layer(JsonObject& object, std::string_view place, const std::string& name, bool may_be_recorded) const {
    const auto found = indices_.find(name);
    if (found != indices_.end()) return found->second;
    std::vector<std::string_view> known = {image_word};
    if (may_be_recorded) known.push_back(recorded_word);
    for (const auto& [layer, unused] : indices_) known.push_back(layer);
    std::sort(known.begin(), known.end());
    object.fail(place, fmt::format("found {}, expected image or the name of a layer before this one{}",
                                   shown_value(json(name)), did_you_mean(name, known)));
  }

  std::unordered_map<std::string, int> indices_;
  std::vector<Shape> outs_;
};

/// Exactly `count` sides of 1 to limits::side.
std::vector<int> sides(JsonObject& object, std::string_view key, std::size_t count) {
  const std::vector<std::int64_t> values = object.integers(key, 1, limits::side, count);
  if (values.size() != count) {
    object.fail(key, fmt::format("found {} values, expected {}", values.size(), count));
  }
  return {values.begin(), values.end()};
}

Residual read_residual(JsonObject object, const Sources& sources) {
  Residual residual;
  residual.source = sources.find(object, "source");
  residual.kind = static_cast<Residual::Kind>(object.word("kind", residual_kind_words));
  if (residual.kind == Residual::Kind::option_a) {
    residual.stride = integer(object, "stride", 1, limits::side);
    residual.pad_front = integer(object, "pad_front", 0, limits::side);
    residual.pad_back = integer(object, "pad_back", 0, limits::side);
  } else {
    for (const std::string_view key : {"stride", "pad_front", "pad_back"}) reject(object, key, "kind is not option_a");
  }
  object.finish();
  return residual;
}

/// One integer, or an array of `count` of them: one for each direction or side.
std::vector<int> one_or_more(JsonObject& object, std::string_view key, std::int64_t min, std::size_t count) {
  const json* value = object.any(key);
  if (value == nullptr || !value->is_array()) {
    return std::vector<int>(count, integer(object, key, min, limits::side));
  }
  const std::vector<std::int64_t> values = object.integers(key, min, limits::side, count);
  if (values.size() != count) {
    object.fail(key, fmt::format("found {} values, expected one or {}", values.size(), count));
  }
  return {values.begin(), values.end()};
}

Directions read_directions(JsonObject& object, std::string_view key) {
  const std::vector<int> values = one_or_more(object, key, 1, 2);
  return {values[0], values[1]};
}

void read_window(JsonObject& object, Layer& layer) {
  if (layer.kind == LayerKind::linear || layer.kind == LayerKind::concat) {
    const std::string reason = fmt::format("kind is {}", word_of(layer_kind_words, layer.kind));
    for (const std::string_view key :
         {"kernel", "stride", "padding", "groups", "dilation", "pad_value", "count_padding"}) {
      reject(object, key, reason);
    }
    return;
  }
  if (layer.kind == LayerKind::conv) {
    if (object.has("groups")) layer.groups = integer(object, "groups", 1, limits::side);
    if (object.has("dilation")) layer.dilation = read_directions(object, "dilation");
  }
  if (layer.kind != LayerKind::max_pool && object.has("pad_value")) {
    layer.pad_value = integer(object, "pad_value", 0, 255);
  }
  if (layer.kind == LayerKind::average_pool) layer.counts_padding = object.boolean_or("count_padding", true);
  const json* kernel = object.any("kernel");
  if (!layer.has_weights() && kernel != nullptr && kernel->is_string()) {
    if (*kernel != "global") {
      object.fail("kernel", fmt::format("found {}, expected [height, width] or \"global\"", shown_value(*kernel)));
    }
    for (const std::string_view key : {"stride", "padding"}) reject(object, key, "kernel is global");
    layer.kernel_h = layer.in.height;
    layer.kernel_w = layer.in.width;
    return;
  }
  const std::vector<int> window = sides(object, "kernel", 2);
  layer.kernel_h = window[0];
  layer.kernel_w = window[1];
  layer.stride = read_directions(object, "stride");
  const std::vector<int> border = one_or_more(object, "padding", 0, 4);
  layer.padding = {border[0], border[1], border[2], border[3]};
}

void read_results(JsonObject& object, Layer& layer) {
  layer.output = static_cast<OutputKind>(object.word("output", output_kind_words));
  JsonObject bits = object.object("bits");
  layer.input_bits = integer(bits, "input", 1, 8);
  if (layer.gives_activations()) {
    layer.output_bits = integer(bits, "output", 1, 8);
  } else {
    reject(bits, "output", fmt::format("output is {}", word_of(output_kind_words, layer.output)));
  }
  bits.finish();
  if (!layer.has_digital()) {
    reject(object, "digital", "the layer's results are not requantized");
    return;
  }
  JsonObject digital = object.object("digital");
  layer.digital.n = integer(digital, "n", 0, 62);
  digital.finish();
}

Layer read_layer(JsonObject object, const Shape& image, const Sources& sources) {
  Layer layer;
  layer.name = object.text("name");
  layer.kind = static_cast<LayerKind>(object.word("kind", layer_kind_words));
  if (layer.kind == LayerKind::concat) {
    layer.more_inputs = sources.find_all(object, "inputs");
    layer.input = layer.more_inputs.front();
    layer.more_inputs.erase(layer.more_inputs.begin());
  } else {
    layer.input = sources.find(object, "input");
  }
  if (layer.input == recorded_input) {
    const std::vector<int> in = sides(object, "input_shape", 3);
    layer.in = {in[0], in[1], in[2]};
  } else {
    layer.in = sources.shape(layer.input, image);
    std::int64_t channels = layer.in.channels;
    for (const int more : layer.more_inputs) channels += sources.shape(more, image).channels;
    if (channels > limits::side) {
      object.fail("inputs", fmt::format("{} channels together, expected at most {}", channels, limits::side));
    }
    layer.in.channels = static_cast<int>(channels);
  }
  if (layer.kind == LayerKind::linear) {
    if (layer.in.size() > limits::results) {
      object.fail("input", fmt::format("{} gives more than {} values", shape_text(layer.in), limits::results));
    }
    layer.in = {static_cast<int>(layer.in.size()), 1, 1};
  }
  const std::vector<int> shape = sides(object, "shape", 3);
  layer.out = {shape[0], shape[1], shape[2]};
  read_window(object, layer);
  read_results(object, layer);
  if (object.has("residual")) layer.residual = read_residual(object.object("residual"), sources);
  if (layer.has_weights()) {
    layer.dec3 = read_dec3(object.object("dec3"));
  } else {
    reject(object, "dec3", "only conv and linear layers have weights");
  }
  object.finish();
  return layer;
}

Network read_structure(const json& root, const std::string& file) {
  JsonObject object(root, file);
  object.word("format", format_words);
  Network network;
  network.name = object.text("name");
  JsonObject image = object.object("image");
  network.image = {integer(image, "channels", 1, limits::side), integer(image, "height", 1, limits::side),
                   integer(image, "width", 1, limits::side)};
  image.finish();
  network.signed_inputs = object.word("input_encoding", encoding_words) == 1;
  const int least = network.signed_inputs ? -128 : 0;
  const auto pad = object.integers("pad_value", least, least + 255, limits::side);
  network.pad_value.assign(pad.begin(), pad.end());
  network.dataset = object.text_or("dataset", "");
  const json* float_top1 = object.any("float_top1");
  if (float_top1 != nullptr && !float_top1->is_null()) network.float_top1 = object.number("float_top1", 0, 1);
  if (const json* provenance = object.any("provenance")) network.provenance = provenance->dump();

  Sources sources;
  for (const json* layer : object.array("layers", limits::layers)) {
    const auto index = static_cast<int>(network.layers.size());
    JsonObject entry(*layer, file, fmt::format("layers[{}]", index));
    network.layers.push_back(read_layer(std::move(entry), network.image, sources));
    sources.add(network.layers.back(), index);
  }
  object.finish();
  return network;
}

/// Tensors of a network whose structure is good, so that their shapes are known and small enough.
void read_tensors(Network& network, TensorFile& tensors) {
  if (tensors.has("image.codes")) {
    network.image_codes = tensors.take<std::uint8_t>("image.codes", {network.image.channels, 256});
  }
  for (Layer& layer : network.layers) {
    const std::int64_t outputs = layer.out.channels;
    if (layer.has_weights()) layer.weights = read_weights(layer, tensors);
    if (layer.has_digital()) {
      layer.digital.m = tensors.take<std::int32_t>(layer.name + ".m", {outputs});
      layer.digital.c = tensors.take<std::int64_t>(layer.name + ".c", {outputs});
    }
    if (layer.residual) {
      const std::string name = layer.name + ".r";
      const bool is_one = tensors.shape(name) == std::vector<std::int64_t>{1};
      layer.residual->multiplier = tensors.take<std::int32_t>(name, {is_one ? 1 : outputs});
    }
    const std::string removed = layer.name + ".removed_groups";
    if (layer.has_weights() && tensors.has(removed)) {
      const std::vector<std::int64_t>& shape = tensors.shape(removed);
      layer.dec3.removed_groups = tensors.take<std::uint8_t>(removed, {shape.empty() ? 1 : shape.front()});
    }
  }
  tensors.finish();
}

}  // namespace

Network parse_network(const std::string& network_json, std::string weights, const std::filesystem::path& folder) {
  const std::string file = shown_path(folder / structure_name);
  Network network = read_structure(parse_json(network_json, file), file);
  check_structure(network, file);
  network.hash = content_hash(content_hash(network_json) + content_hash(weights));
  TensorFile tensors(std::move(weights), shown_path(folder / tensors_name));
  read_tensors(network, tensors);
  check_values(network, file);
  return network;
}

Network load_network(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    fail_input("{}: no folder with a network (network.json and weights.safetensors)", shown_path(folder));
  }
  const std::string network_json = read_file(folder / structure_name);
  return parse_network(network_json, read_file(folder / tensors_name, max_tensor_bytes), folder);
}

}  // namespace cimcycle
