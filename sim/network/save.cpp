// SPDX-License-Identifier: Apache-2.0
// A network as the two files of its folder. Format: docs/formats/network.md
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "network/check.h"
#include "network/network.h"
#include "network/safetensors.h"
#include "network/stored_weights.h"
#include "network/tidy_json.h"

namespace cimcycle {

namespace {

/// What may lie in the folder of a network that is replaced.
constexpr std::string_view file_names = "network.json weights.safetensors";

using nlohmann::ordered_json;

ordered_json threshold_json(const Dec3& dec3) {
  const auto number_or_null = [](std::int64_t threshold) {
    return threshold == never_opens ? ordered_json(nullptr) : ordered_json(threshold);
  };
  if (dec3.threshold_per == Dec3::ThresholdPer::layer) return number_or_null(dec3.threshold.front());
  ordered_json values = ordered_json::array();
  for (const std::int64_t threshold : dec3.threshold) values.push_back(number_or_null(threshold));
  return values;
}

ordered_json dec3_json(const Dec3& dec3) {
  ordered_json json = {{"hb", dec3.hb},
                       {"lb", dec3.lb},
                       {"split", word_of(split_words, dec3.split)},
                       {"gate", word_of(gate_words, dec3.gate)}};
  if (dec3.gate == GateKind::digits) {
    json["digits"] = {{"high", dec3.high_digit_bits}, {"thresholds", dec3.digit_threshold}};
  } else if (dec3.gate != GateKind::none) {
    json["granularity"] = word_of(granularity_words, dec3.granularity);
    json["threshold_per"] = word_of(threshold_per_words, dec3.threshold_per);
    json["threshold"] = threshold_json(dec3);
  }
  if (dec3.adc_step_msb) json["adc_step_msb"] = *dec3.adc_step_msb;
  if (dec3.adc_step_lsb) json["adc_step_lsb"] = *dec3.adc_step_lsb;
  return json;
}

ordered_json residual_json(const Network& network, const Residual& residual) {
  ordered_json json = {{"source", source_name(network, residual.source)},
                       {"kind", word_of(residual_kind_words, residual.kind)}};
  if (residual.kind == Residual::Kind::option_a) {
    json["stride"] = residual.stride;
    json["pad_front"] = residual.pad_front;
    json["pad_back"] = residual.pad_back;
  }
  return json;
}

ordered_json directions_json(const Directions& directions) {
  if (directions.height == directions.width) return directions.height;
  return {directions.height, directions.width};
}

ordered_json border_json(const Border& border) {
  if (border == Border(border.top)) return border.top;
  return {border.top, border.left, border.bottom, border.right};
}

ordered_json layer_json(const Network& network, const Layer& layer) {
  ordered_json json = {{"name", layer.name}, {"kind", word_of(layer_kind_words, layer.kind)}};
  if (layer.kind == LayerKind::concat) {
    json["inputs"] = ordered_json::array({source_name(network, layer.input)});
    for (const int more : layer.more_inputs) json["inputs"].push_back(source_name(network, more));
  } else {
    json["input"] = source_name(network, layer.input);
  }
  if (layer.input == recorded_input) json["input_shape"] = {layer.in.channels, layer.in.height, layer.in.width};
  json["shape"] = {layer.out.channels, layer.out.height, layer.out.width};
  if (layer.kind != LayerKind::linear && layer.kind != LayerKind::concat) {
    if (layer.groups != 1) json["groups"] = layer.groups;
    json["kernel"] = {layer.kernel_h, layer.kernel_w};
    json["stride"] = directions_json(layer.stride);
    if (layer.dilation != Directions(1)) json["dilation"] = directions_json(layer.dilation);
    json["padding"] = border_json(layer.padding);
    if (layer.pad_value != 0) json["pad_value"] = layer.pad_value;
    if (!layer.counts_padding) json["count_padding"] = false;
  }
  json["bits"]["input"] = layer.input_bits;
  if (layer.gives_activations()) {
    json["bits"]["output"] = layer.output_bits;
  }
  json["output"] = word_of(output_kind_words, layer.output);
  if (layer.has_digital()) json["digital"]["n"] = layer.digital.n;
  if (layer.residual) json["residual"] = residual_json(network, *layer.residual);
  if (layer.has_weights()) json["dec3"] = dec3_json(layer.dec3);
  return json;
}

ordered_json network_json(const Network& network) {
  const Shape& image = network.image;
  ordered_json json = {{"format", "cimcycle-network-1"},
                       {"name", network.name},
                       {"image", {{"channels", image.channels}, {"height", image.height}, {"width", image.width}}},
                       {"pad_value", network.pad_value},
                       {"input_encoding", network.signed_inputs ? "twos_complement" : "unsigned"},
                       {"dataset", network.dataset}};
  json["float_top1"] = network.float_top1 ? ordered_json(*network.float_top1) : ordered_json(nullptr);
  json["provenance"] = ordered_json::parse(network.provenance);
  json["layers"] = ordered_json::array();
  for (const Layer& layer : network.layers) json["layers"].push_back(layer_json(network, layer));
  return json;
}

std::map<std::string, Tensor> network_tensors(const Network& network) {
  std::map<std::string, Tensor> tensors;
  if (!network.image_codes.empty()) {
    tensors["image.codes"] =
        make_tensor({network.image.channels, 256}, std::span<const std::uint8_t>(network.image_codes));
  }
  for (const Layer& layer : network.layers) {
    if (layer.has_weights()) tensors.merge(weight_tensors(layer));
    if (layer.has_digital()) {
      tensors[layer.name + ".m"] = vector_tensor(layer.digital.m);
      tensors[layer.name + ".c"] = vector_tensor(layer.digital.c);
    }
    if (layer.residual) tensors[layer.name + ".r"] = vector_tensor(layer.residual->multiplier);
    if (!layer.dec3.removed_groups.empty()) {
      tensors[layer.name + ".removed_groups"] = vector_tensor(layer.dec3.removed_groups);
    }
  }
  return tensors;
}

}  // namespace

std::map<std::string, std::string> network_files(const Network& network) {
  check_network(network, network.name);
  return {{"network.json", tidy_json(network_json(network))},
          {"weights.safetensors", write_safetensors(network_tensors(network))}};
}

void check_network_folder(const std::filesystem::path& folder) { check_folder_writable(folder, file_names); }

void save_network(const Network& network, const std::filesystem::path& folder) {
  write_folder_atomically(folder, network_files(network), file_names);
}

}  // namespace cimcycle
