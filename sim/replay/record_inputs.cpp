// SPDX-License-Identifier: Apache-2.0
#include "replay/record_inputs.h"

#include "base/error.h"
#include "base/text.h"
#include "replay/fit.h"
#include "replay/image_pass.h"

namespace cimcycle {

RecordedInputs record_inputs(const Network& network, const Hardware& hardware, const Dataset& dataset,
                             std::int64_t image) {
  check_fit(network, dataset);
  if (image < 0 || image >= dataset.size) {
    fail_input("image {}: {} has {} images, counted from 0", image, printable(dataset.name), dataset.size);
  }
  const NetworkMapping mapping = map_network(network, hardware);
  if (dataset.recorded) {
    recorded_inputs_of(network, mapping, dataset);  // looks at shapes and ranges
    return *dataset.recorded;
  }
  const NumericsOptions ideal{true, GateMode::all_open};
  const ImagePass pass(network, mapping, hardware, {&ideal, 1});
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(dataset.shape.size()));
  dataset.read(image, pixels);
  PassMemory memory;
  pass.run(pixels, memory);
  RecordedInputs inputs;
  for (const Layer& layer : network.layers) {
    if (!layer.has_weights()) continue;
    const auto values = ImagePass::input_of(layer.input, memory);
    inputs[layer.name] = {layer.in, {values.begin(), values.end()}};
  }
  return inputs;
}

}  // namespace cimcycle
