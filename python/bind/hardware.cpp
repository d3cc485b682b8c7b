// SPDX-License-Identifier: Apache-2.0
// Chips: read with overrides, written out.
#include <pybind11/stl.h>

#include <nlohmann/json.hpp>

#include "bindings.h"
#include "explore/sweep.h"

namespace cimcycle::python {
namespace {

namespace py = pybind11;

HardwareHandle load(const std::string& name, const std::vector<std::string>& overrides) {
  return {std::make_shared<const Hardware>(load_hardware(find_hardware(name), overrides))};
}

}  // namespace

void bind_hardware(py::module_& module) {
  py::class_<HardwareHandle>(module, "Hardware")
      .def_property_readonly("name", [](const HardwareHandle& h) { return h.hardware->name; })
      .def("json", [](const HardwareHandle& h) { return to_json(*h.hardware).dump(); });
  module.def("load_hardware", load);
  module.def("override_text", [](const std::string& key, const std::string& value) {
    return override_text(key, nlohmann::json::parse(value));
  });
}

}  // namespace cimcycle::python
