// SPDX-License-Identifier: Apache-2.0
// The extension module _cimcycle: its parts, and what the program's exceptions are in Python.
#include <pybind11/pybind11.h>

#include "base/error.h"
#include "base/version.h"
#include "bindings.h"

namespace py = pybind11;

PYBIND11_MODULE(_cimcycle, module) {
  using namespace cimcycle;
  module.doc() = "Plumbing of the package cimcycle.";
  module.attr("version") = std::string(program_version());
  py::register_exception<InputError>(module, "InputError", PyExc_ValueError);
  py::register_exception<RunError>(module, "RunError", PyExc_RuntimeError);
  python::bind_network(module);
  python::bind_hardware(module);
  python::bind_run(module);
  python::bind_calibrate(module);
  python::bind_sweep(module);
  python::bind_partial_sums(module);
  python::bind_datasets(module);
}
