// SPDX-License-Identifier: Apache-2.0
// The conversions of one layer on one image, as arrays.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "bindings.h"
#include "crossbar/conversions.h"
#include "dataset.h"
#include "replay/fit.h"
#include "replay/image_pass.h"

namespace cimcycle::python {
namespace {

namespace py = pybind11;

template <class To, class From>
py::array_t<To> array_of(const std::vector<From>& values, const std::vector<py::ssize_t>& shape) {
  py::array_t<To> array(shape);
  std::copy(values.begin(), values.end(), array.mutable_data());
  return array;
}

py::dict path_arrays(const PathConversions& path, const LayerConversions& layer) {
  const py::ssize_t groups = layer.row_groups, vectors = layer.vectors.count, outputs = layer.outputs;
  const std::vector<py::ssize_t> conversions = {layer.digits, path.slices, groups, vectors,
                                                outputs * path.columns_per_output};
  const std::vector<py::ssize_t> sums = {groups, vectors, outputs};
  py::dict arrays;
  arrays["digit_weight"] = array_of<std::int32_t>(path.digit_weight, {layer.digits});
  arrays["slice_weight"] = array_of<std::int32_t>(path.slice_weight, {path.slices});
  arrays["sum"] = array_of<std::int32_t>(path.sum, conversions);
  arrays["value"] = array_of<std::int32_t>(path.value, conversions);
  arrays["clipped"] = array_of<bool>(path.clipped, conversions);
  arrays["partial_sum"] = array_of<std::int32_t>(path.partial_sum, sums);
  arrays["ideal_partial_sum"] = array_of<std::int32_t>(path.ideal_partial_sum, sums);
  arrays["read"] = array_of<bool>(path.read, sums);
  return arrays;
}

/// The pixels of one image of an array or dataset.
std::vector<std::uint8_t> pixels_of(const Images& images, std::int64_t index, const Network& network,
                                    const std::filesystem::path& folder) {
  const Dataset dataset = dataset_of(images, DataSplit::test, network, folder, "layer_partial_sums");
  check_fit(network, dataset);
  if (dataset.recorded) fail_input("{}: layer_partial_sums needs images", printable(dataset.name));
  if (index < 0 || index >= dataset.size) {
    fail_input("image = {}: {} has {} images", index, printable(dataset.name), dataset.size);
  }
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(dataset.shape.size()));
  dataset.read(index, pixels);
  return pixels;
}

py::dict partial_sums(const NetworkHandle& handle, const HardwareHandle& hardware, const std::string& name,
                      const py::object& images, std::int64_t index, std::optional<std::pair<int, int>> vectors) {
  const Network& network = *handle.network;
  const std::size_t layer_index = layer_with_weights(network, name);
  const Layer& layer = network.layers[layer_index];
  const std::vector<std::uint8_t> pixels = pixels_of(images_of(images, py::none()), index, network, handle.folder);
  LayerConversions conversions;
  const NetworkMapping mapping = map_network(network, *hardware.hardware);
  std::size_t mapped = 0;
  while (mapping.layers[mapped].layer != static_cast<int>(layer_index)) ++mapped;
  {
    const py::gil_scoped_release released;
    const NumericsOptions as_described;
    const ImagePass pass(network, mapping, *hardware.hardware, {&as_described, 1});
    PassMemory memory;
    pass.run(pixels, memory);
    const VectorRange range = vectors ? VectorRange{vectors->first, vectors->second} : VectorRange{0, layer.vectors()};
    conversions = conversions_of(pass.packed(mapped), *hardware.hardware, ImagePass::input_of(layer.input, memory),
                                 network.padding_of(layer), range);
  }
  const py::ssize_t count = conversions.vectors.count;
  py::list groups;
  for (const RowGroup& group : mapping.layers[mapped].groups)
    groups.append(py::make_tuple(group.first_row, group.rows));
  py::dict result;
  result["row_groups"] = groups;
  result["inputs"] = array_of<std::uint8_t>(conversions.inputs, {count, layer.rows()});
  result["accumulators"] = array_of<std::int32_t>(conversions.acc, {count, layer.out.channels});
  result["msb"] = path_arrays(conversions.msb, conversions);
  result["lsb"] = conversions.lsb.slices > 0 ? py::object(path_arrays(conversions.lsb, conversions)) : py::none();
  return result;
}

}  // namespace

void bind_partial_sums(py::module_& module) { module.def("layer_partial_sums", partial_sums); }

}  // namespace cimcycle::python
