// SPDX-License-Identifier: Apache-2.0
// Networks: read, imported from ONNX, written, looked into.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "bindings.h"
#include "dataset.h"
#include "interruptible.h"
#include "onnx/import.h"

namespace cimcycle::python {
namespace {

namespace py = pybind11;

NetworkHandle load(const std::string& folder) {
  const std::filesystem::path found = find_shipped(folder);
  return {std::make_shared<const Network>(load_network(found)), found};
}

struct OnnxArguments {
  std::string file;
  py::object calibrate, labels;
  std::optional<std::int64_t> images, test_images;
  std::optional<std::pair<int, int>> pair;
  std::map<std::string, std::pair<int, int>> pairs;
  std::vector<double> mean, std;
  std::optional<double> closed_share, percentile;
  std::optional<std::int64_t> threads;
};

onnx_model::BitPair bit_pair(const std::pair<int, int>& pair) {
  // The text of --pair has one parser and one set of rules.
  return onnx_model::parse_pair(fmt::format("{},{}", pair.first, pair.second), "pair");
}

/// The network, and the signal-to-noise of its layers by name (None: exact), empty for a quantized model.
py::tuple from_onnx(const OnnxArguments& given, const py::object& progress) {
  onnx_model::ImportOptions options;
  options.preprocessing = {given.mean, given.std};
  const Images images = images_of(given.calibrate, given.labels);
  if (!given.calibrate.is_none()) {
    options.open_images = [&](DataSplit split, const Shape& image) { return dataset_of(images, split, image); };
  }
  options.images = at_least(1, given.images, "images");
  if (!options.images) options.images = images.array_size();
  options.test_images = at_least(1, given.test_images, "test_images");
  if (given.pair) options.pair = bit_pair(*given.pair);
  for (const auto& [layer, pair] : given.pairs) options.pairs[layer] = bit_pair(pair);
  options.closed_share = given.closed_share;
  options.percentile = given.percentile;
  options.threads = threads_of(given.threads);
  onnx_model::Imported imported;
  run_interruptibly(progress, [&](const ProgressFunction& tell, const std::atomic<bool>& stop) {
    options.progress = tell;
    options.stop = &stop;
    imported = onnx_model::import_model(given.file, options);
  });
  py::dict snr;
  if (imported.loss) {
    for (const onnx_model::LayerLoss& layer : imported.loss->layers) snr[py::str(layer.name)] = layer.snr_db;
  }
  return py::make_tuple(in_memory(imported.network), snr, imported.notes);
}

py::dict layer_facts(const Layer& layer, const Network& network) {
  const auto shape = [](const Shape& s) { return py::make_tuple(s.channels, s.height, s.width); };
  const auto only_weights = [&](py::object value) { return layer.has_weights() ? value : py::none(); };
  const auto producer = [&](int index) {
    return index == image_input      ? "image"
           : index == recorded_input ? "recorded"
                                     : network.layers[static_cast<std::size_t>(index)].name;
  };
  py::list inputs;
  inputs.append(producer(layer.input));
  for (const int more : layer.more_inputs) inputs.append(producer(more));
  py::dict facts;
  facts["name"] = layer.name;
  facts["kind"] = std::string(word_of(layer_kind_words, layer.kind));
  facts["inputs"] = inputs;
  facts["input_shape"] = shape(layer.in);
  facts["output_shape"] = shape(layer.out);
  facts["hb"] = only_weights(py::int_(layer.dec3.hb));
  facts["lb"] = only_weights(py::int_(layer.dec3.lb));
  facts["gate"] = only_weights(py::str(std::string(word_of(gate_words, layer.dec3.gate))));
  facts["rows"] = only_weights(py::int_(layer.rows_per_output()));
  facts["vectors"] = layer.vectors();
  facts["macs"] = layer.macs();
  return facts;
}

py::list layers(const NetworkHandle& handle) {
  py::list all;
  for (const Layer& layer : handle.network->layers) all.append(layer_facts(layer, *handle.network));
  return all;
}

py::array_t<std::int16_t> weights(const NetworkHandle& handle, const std::string& name) {
  const Layer& layer = handle.network->layers[layer_with_weights(*handle.network, name)];
  py::array_t<std::int16_t> array({layer.out.channels, layer.rows_per_output()});
  std::copy(layer.weights.begin(), layer.weights.end(), array.mutable_data());
  return array;
}

void save(const NetworkHandle& handle, const std::string& folder) {
  check_network_folder(folder);
  save_network(*handle.network, folder);
}

}  // namespace

NetworkHandle in_memory(const Network& network) {
  const std::map<std::string, std::string> files = network_files(network);
  return {std::make_shared<const Network>(
              parse_network(files.at("network.json"), files.at("weights.safetensors"), network.name)),
          {}};
}

std::size_t layer_with_weights(const Network& network, const std::string& name) {
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (!network.layers[i].has_weights()) continue;
    if (network.layers[i].name == name) return i;
    known.push_back(network.layers[i].name);
  }
  const std::string hint = did_you_mean(name, known);
  fail_input("layer \"{}\": {} has no layer of this name with weights{}", printable(name), printable(network.name),
             hint.empty() ? "; it has " + join(known) : hint);
}

void bind_network(py::module_& module) {
  py::class_<NetworkHandle>(module, "Network")
      .def_property_readonly("name", [](const NetworkHandle& n) { return n.network->name; })
      .def_property_readonly("hash", [](const NetworkHandle& n) { return n.network->hash; })
      .def_property_readonly("dataset", [](const NetworkHandle& n) { return n.network->dataset; })
      .def_property_readonly("float_top1", [](const NetworkHandle& n) { return n.network->float_top1; })
      .def_property_readonly("image",
                             [](const NetworkHandle& n) {
                               const Shape& image = n.network->image;
                               return py::make_tuple(image.channels, image.height, image.width);
                             })
      .def("layers", layers)
      .def("weights", weights)
      .def("save", save)
      .def("json", [](const NetworkHandle& n) { return network_files(*n.network).at("network.json"); });
  module.def("load_network", load);
  module.def("from_onnx",
             [](std::string file, py::object calibrate, py::object labels, std::optional<std::int64_t> images,
                std::optional<std::int64_t> test_images, std::optional<std::pair<int, int>> pair,
                std::map<std::string, std::pair<int, int>> pairs, std::vector<double> mean, std::vector<double> std,
                std::optional<double> closed_share, std::optional<double> percentile,
                std::optional<std::int64_t> threads, const py::object& progress) {
               return from_onnx({std::move(file), std::move(calibrate), std::move(labels), images, test_images, pair,
                                 std::move(pairs), std::move(mean), std::move(std), closed_share, percentile, threads},
                                progress);
             });
}

}  // namespace cimcycle::python
