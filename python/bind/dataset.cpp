// SPDX-License-Identifier: Apache-2.0
#include "dataset.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "data/image_array.h"

namespace cimcycle::python {
namespace {

namespace py = pybind11;

constexpr char array_name[] = "array";  // in messages and reports
constexpr py::ssize_t most_side = 65536;

std::string dtype_of(const py::array& array) { return py::str(array.dtype()); }

std::string shape_of(const py::array& array) { return py::str(py::tuple(array.attr("shape"))); }

std::string name_of_type(const py::object& object) { return py::str(py::type::of(object).attr("__name__")); }

ArrayImages array_images(const py::object& images, const py::object& labels) {
  const py::array array = py::array::ensure(images);
  if (!array) {
    PyErr_Clear();
    fail_input("images: found {}, expected a uint8 array or the name of a dataset", name_of_type(images));
  }
  if (!py::isinstance<py::array_t<std::uint8_t>>(array)) {
    fail_input("images: dtype {}; expected uint8, the pixels 0 to 255", dtype_of(array));
  }
  if (array.ndim() != 4) fail_input("images: shape {}; expected (N, C, H, W) or (N, H, W, C)", shape_of(array));
  for (py::ssize_t axis = 1; axis < 4; ++axis) {
    if (array.shape(axis) < 1 || array.shape(axis) > most_side) {
      fail_input("images: shape {}; allowed: sides from 1 to {}", shape_of(array), most_side);
    }
  }
  ArrayImages result{array, {}};
  if (labels.is_none()) return result;
  const py::array numbers = py::array::ensure(labels);
  if (!numbers) {
    PyErr_Clear();
    fail_input("labels: found {}, expected one integer per image", name_of_type(labels));
  }
  if ((numbers.dtype().kind() != 'i' && numbers.dtype().kind() != 'u') || numbers.ndim() != 1) {
    fail_input("labels: dtype {}, shape {}; expected one integer per image", dtype_of(numbers), shape_of(numbers));
  }
  if (numbers.shape(0) != array.shape(0)) {  // none at all would pass as images without labels
    fail_input("{}: {} labels for {} images", array_name, numbers.shape(0), array.shape(0));
  }
  result.labels = Labels(numbers.attr("astype")("int64"));
  return result;
}

Shape shape_in(const py::array& array, ImageLayout layout) {
  const std::array<int, 3> sides = {static_cast<int>(array.shape(1)), static_cast<int>(array.shape(2)),
                                    static_cast<int>(array.shape(3))};
  return layout == ImageLayout::channels_first ? Shape{sides[0], sides[1], sides[2]}
                                               : Shape{sides[2], sides[0], sides[1]};
}

}  // namespace

Images images_of(const py::object& images, const py::object& labels) {
  const bool named = py::isinstance<py::str>(images);
  if ((images.is_none() || named) && !labels.is_none()) {
    fail_input("labels: images is no array; a dataset brings its own labels");
  }
  if (images.is_none()) return {};
  if (named) return {images.cast<std::string>()};
  return {array_images(images, labels)};
}

Dataset dataset_of(const Images& images, DataSplit split, const Shape& image) {
  if (const auto* const name = std::get_if<std::string>(&images.given)) return open_images(*name, split);
  const ArrayImages& arrays = std::get<ArrayImages>(images.given);
  ImageArray array;
  array.pixels = {arrays.pixels.data(), static_cast<std::size_t>(arrays.pixels.size())};
  if (arrays.labels) array.labels = {arrays.labels->data(), static_cast<std::size_t>(arrays.labels->size())};
  const bool last = shape_in(arrays.pixels, ImageLayout::channels_first) != image &&
                    shape_in(arrays.pixels, ImageLayout::channels_last) == image;
  array.layout = last ? ImageLayout::channels_last : ImageLayout::channels_first;
  array.shape = shape_in(arrays.pixels, array.layout);
  return array_dataset(array, array_name, split);
}

Dataset dataset_of(const Images& images, DataSplit split, const Network& network,
                   const std::filesystem::path& network_folder, std::string_view what) {
  if (images.is_array()) return dataset_of(images, split, network.image);
  const auto* const asked = std::get_if<std::string>(&images.given);
  const std::string name = dataset_name(asked ? std::optional(*asked) : std::nullopt, network_folder, network);
  if (name.empty()) {
    fail_input("{}: images is missing, and the network names no dataset; one that always works: \"synthetic\"", what);
  }
  return open_dataset(name, split);
}

}  // namespace cimcycle::python
