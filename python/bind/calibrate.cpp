// SPDX-License-Identifier: Apache-2.0
// Thresholds, ADC steps and static masks for a chip.
#include "replay/calibrate.h"

#include <pybind11/stl.h>

#include "on_images.h"

namespace cimcycle::python {
namespace {

namespace py = pybind11;

/// (network, {masked_ratio, top1_gated, top1_ungated}, layers); the two are empty if no thresholds were chosen.
py::tuple calibrated(const NetworkHandle& network, const HardwareHandle& hardware, const Images& images,
                     CalibrationOptions options, const py::object& progress) {
  if (options.images == 0) options.images = images.array_size().value_or(0);
  if (options.images == 0) fail_input("calibrate: count is missing: how many training images to use, e.g. 512");
  check_options(options);
  CalibrationResult result;
  run_on_images(images, DataSplit::train, network, "calibrate", progress, options, [&](const Dataset& training) {
    result = calibrate(*network.network, *hardware.hardware, training, options);
  });
  py::list layers;
  for (const CalibrationResult::LayerChoice& layer : result.layers) {
    py::dict row;
    row["name"] = layer.name;
    row["threshold"] = layer.threshold;
    row["closed_share"] = layer.closed_share;
    row["damage"] = layer.damage;
    layers.append(row);
  }
  py::dict outcome;
  if (!result.layers.empty()) {
    outcome["masked_ratio"] = result.masked_ratio;
    outcome["top1_gated"] = result.top1_gated;
    outcome["top1_ungated"] = result.top1_ungated;
  }
  return py::make_tuple(in_memory(result.network), outcome, layers);
}

}  // namespace

void bind_calibrate(py::module_& module) {
  module.def("calibrate",
             [](const NetworkHandle& network, const HardwareHandle& hardware, const py::object& images,
                const py::object& labels, std::optional<std::int64_t> count, std::optional<double> skip,
                std::optional<double> accuracy_loss_points, bool equal_shares, const std::optional<std::string>& gate,
                bool adc_steps, bool static_masks, std::optional<std::int64_t> threads, const py::object& progress) {
               CalibrationOptions options;
               options.images = at_least(1, count, "count").value_or(0);
               options.skip = skip;
               options.accuracy_loss_points = accuracy_loss_points;
               options.equal_shares = equal_shares;
               if (gate) options.gate = new_gate(*gate);
               options.adc_steps = adc_steps;
               options.static_masks = static_masks;
               options.threads = threads_of(threads);
               return calibrated(network, hardware, images_of(images, labels), std::move(options), progress);
             });
}

}  // namespace cimcycle::python
