// SPDX-License-Identifier: Apache-2.0
// A replay, its report, and the energy table.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "base/version.h"
#include "compare/energy_sources.h"
#include "on_images.h"
#include "replay/energy_table.h"
#include "replay/replay.h"
#include "report/energy_table.h"
#include "report/result_folder.h"
#include "report/run_text.h"

namespace cimcycle::python {
namespace {

namespace py = pybind11;

struct ResultHandle {
  RunResult result;
  ReportContext context;
};

struct RunArguments {
  std::optional<std::int64_t> count, timed_images, reference_images, threads;
  std::int64_t seed = 0;
};

RunOptions options_of(const RunArguments& given) {
  RunOptions options;
  options.images = at_least(1, given.count, "count").value_or(0);
  options.timed_images = at_least(0, given.timed_images, "timed_images");
  options.reference_images = at_least(0, given.reference_images, "reference_images");
  options.threads = threads_of(given.threads);
  options.seed = static_cast<std::uint64_t>(at_least(0, given.seed, "seed").value());
  return options;
}

ResultHandle run(const NetworkHandle& network, const HardwareHandle& hardware, const Images& images,
                 const RunArguments& arguments, const std::optional<std::string>& out, std::string command,
                 const py::object& progress) {
  RunOptions options = options_of(arguments);
  if (out) check_result_folder(*out);
  ResultHandle handle;
  handle.context = {std::string(program_version()), std::move(command)};
  run_on_images(images, DataSplit::test, network, "run", progress, options, [&](const Dataset& dataset) {
    handle.result = replay(*network.network, *hardware.hardware, dataset, options);
    if (out) write_result_folder(*out, handle.result, handle.context);
  });
  return handle;
}

py::object logits(const ResultHandle& handle) {
  const RunResult& result = handle.result;
  if (result.logits.empty()) return py::none();
  const auto images = static_cast<py::ssize_t>(result.images);
  py::array_t<std::int64_t> array({images, static_cast<py::ssize_t>(result.logits.size()) / images});
  std::copy(result.logits.begin(), result.logits.end(), array.mutable_data());
  return array;
}

std::string energy_table(const NetworkHandle& network, const HardwareHandle& hardware, const Images& images,
                         std::optional<std::int64_t> count, std::optional<std::int64_t> threads,
                         const std::string& source_name, const py::object& progress) {
  const EnergySource& source = energy_source(source_name);
  EnergyTableOptions options;
  options.images = at_least(1, count, "count").value_or(usual_energy_images);
  options.threads = threads_of(threads);
  EnergyTable table;
  run_on_images(images, DataSplit::train, network, "energy_table", progress, options, [&](const Dataset& dataset) {
    table = source.table(*network.network, *hardware.hardware, dataset, options);
  });
  return json_text(energy_table_json(table, program_version()));
}

}  // namespace

void bind_run(py::module_& module) {
  py::class_<ResultHandle>(module, "Result")
      .def("json", [](const ResultHandle& r) { return json_text(report_json(r.result, r.context)); })
      .def("text", [](const ResultHandle& r) { return run_text(r.result, {.utf8 = true, .colour = false}); })
      .def("logits", logits)
      .def("save", [](const ResultHandle& r, const std::string& folder) {
        check_result_folder(folder);
        write_result_folder(folder, r.result, r.context);
      });
  module.def("run",
             [](const NetworkHandle& network, const HardwareHandle& hardware, const py::object& images,
                const py::object& labels, std::optional<std::int64_t> count, std::optional<std::int64_t> timed_images,
                std::optional<std::int64_t> reference_images, std::optional<std::int64_t> threads, std::int64_t seed,
                const std::optional<std::string>& out, std::string command, const py::object& progress) {
               return run(network, hardware, images_of(images, labels),
                          {count, timed_images, reference_images, threads, seed}, out, std::move(command), progress);
             });
  module.def("energy_table", [](const NetworkHandle& network, const HardwareHandle& hardware, const py::object& images,
                                std::optional<std::int64_t> count, std::optional<std::int64_t> threads,
                                const std::string& source, const py::object& progress) {
    return energy_table(network, hardware, images_of(images, py::none()), count, threads, source, progress);
  });
}

}  // namespace cimcycle::python
