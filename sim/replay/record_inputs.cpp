// SPDX-License-Identifier: Apache-2.0
#include "replay/record_inputs.h"

#include "base/error.h"
#include "base/text.h"
#include "replay/fit.h"

namespace cimcycle {

InputRecorder::InputRecorder(const Network& network, const Hardware& hardware)
    : network_(network), mapping_(map_network(network, hardware)), pass_(network, mapping_, hardware, {&ideal_, 1}) {}

RecordedInputs InputRecorder::inputs_for(std::span<const std::uint8_t> pixels) const {
  PassMemory memory;
  pass_.run(pixels, memory);
  RecordedInputs inputs;
  for (const Layer& layer : network_.layers) {
    if (!layer.has_weights()) continue;
    const auto values = ImagePass::input_of(layer.input, memory);
    inputs[layer.name] = {layer.in, {values.begin(), values.end()}};
  }
  return inputs;
}

RecordedInputs record_inputs(const Network& network, const Hardware& hardware, const Dataset& dataset,
                             std::int64_t image) {
  check_fit(network, dataset);
  if (image < 0 || image >= dataset.size) {
    fail_input("image {}: {} has {} images, counted from 0", image, printable(dataset.name), dataset.size);
  }
  if (dataset.recorded) {
    recorded_inputs_of(network, map_network(network, hardware), dataset);  // looks at shapes and ranges
    return *dataset.recorded;
  }
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(dataset.shape.size()));
  dataset.read(image, pixels);
  return InputRecorder(network, hardware).inputs_for(pixels);
}

}  // namespace cimcycle
