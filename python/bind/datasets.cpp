// SPDX-License-Identifier: Apache-2.0
// The images of a dataset as arrays.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings.h"
#include "data/dataset.h"
#include "interruptible.h"

namespace cimcycle::python {
namespace {

namespace py = pybind11;

py::tuple load_images(const std::string& name, bool test, std::optional<std::int64_t> count) {
  const Dataset dataset = open_images(name, test ? DataSplit::test : DataSplit::train);
  const std::int64_t images = at_least(1, count, "count").value_or(dataset.size);
  if (images > dataset.size) fail_input("count = {}: {} has {} images", images, name, dataset.size);
  const Shape& shape = dataset.shape;
  py::array_t<std::uint8_t> pixels({static_cast<py::ssize_t>(images), static_cast<py::ssize_t>(shape.channels),
                                    static_cast<py::ssize_t>(shape.height), static_cast<py::ssize_t>(shape.width)});
  py::array_t<std::int64_t> labels(images);
  std::uint8_t* const to = pixels.mutable_data();
  std::int64_t* const label = labels.mutable_data();
  const std::int64_t bytes = shape.size();
  run_interruptibly(py::none(), [&](const ProgressFunction&, const std::atomic<bool>& stop) {
    for (std::int64_t i = 0; i < images && !stop; ++i) {
      label[i] = dataset.read(i, {to + i * bytes, static_cast<std::size_t>(bytes)});
    }
  });
  return py::make_tuple(pixels, labels);
}

}  // namespace

void bind_datasets(py::module_& module) { module.def("load_images", load_images); }

}  // namespace cimcycle::python
