// SPDX-License-Identifier: Apache-2.0
#include "compare/composed_table.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "compare/trace_network.h"
#include "neurosim/composer.h"
#include "replay/fit.h"
#include "replay/image_run.h"
#include "replay/record_inputs.h"

namespace cimcycle {
namespace {

/// One bit in two's complement is 0 or -1, which is what a trace holds; a layer has 1 or -1.
void make_one_bit_codes(NeurosimTrace& trace) {
  for (NeurosimLayer& layer : trace.layers) {
    for (std::int16_t& weight : layer.weights) weight = weight > 0 ? 0 : -1;
  }
}

NeurosimTrace trace_of(const Network& network, const RecordedInputs& inputs, int bits) {
  NeurosimTrace trace = trace_of_network(network, inputs).trace;
  if (bits == 1) make_one_bit_codes(trace);
  return trace;
}

}  // namespace

EnergyTable composed_energy_table(const Network& network, const Hardware& hardware, const Dataset& dataset,
                                  const EnergyTableOptions& options) {
  if (!hardware.neurosim) {
    fail_input(
        "hardware {}: has no section neurosim, which says what NeuroSim is asked; inherit from "
        "neurosim-1.3-default",
        printable(hardware.name));
  }
  check_fit(network, dataset);
  check_training_images(dataset, options.images);
  const Hardware chip = load_hardware(find_shipped(std::string(recording_chip)));
  const InputRecorder recorder(network, chip);
  std::vector<Network> variants;
  for (int bits = 1; bits <= most_weight_bits; ++bits) variants.push_back(with_weight_bits(network, bits));

  EnergyTable table = empty_energy_table(network, hardware, dataset, options.images);
  table.source =
      fmt::format("neurosim-{}", neurosim_version_words[static_cast<std::size_t>(hardware.neurosim->version)]);
  // Energies of each image apart, so that their sum does not depend on the threads.
  std::vector<std::vector<EnergyByBits>> energies_pj(static_cast<std::size_t>(options.images));
  const ImageRun images{dataset, options.images, options.threads, options.progress, options.stop};
  images.for_each(images.count, "energy of 1 to 8 bits", [&](std::size_t image, auto pixels, int, std::size_t) {
    std::vector<EnergyByBits>& own = energies_pj[image];
    own.resize(table.layers.size());
    const RecordedInputs inputs = recorder.inputs_for(pixels);
    for (int bits = 1; bits <= most_weight_bits; ++bits) {
      if (options.stop != nullptr && options.stop->load()) throw Interrupted();  // eight compositions take a while
      const Network& variant = variants[static_cast<std::size_t>(bits - 1)];
      const NeurosimResult result = compose(hardware, trace_of(variant, inputs, bits));
      for (std::size_t i = 0; i < own.size(); ++i) {
        own[i][static_cast<std::size_t>(bits)] = result.layers[i].dynamic_energy_pj;
      }
    }
  });
  for (const auto& image : energies_pj) {
    for (std::size_t i = 0; i < image.size(); ++i) {
      for (int bits = 1; bits <= most_weight_bits; ++bits) {
        const auto b = static_cast<std::size_t>(bits);
        table.layers[i].energy_pj[b] += image[i][b] / static_cast<double>(options.images);
      }
    }
  }
  return table;
}

}  // namespace cimcycle
