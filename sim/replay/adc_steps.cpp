// SPDX-License-Identifier: Apache-2.0
#include "replay/adc_steps.h"

#include <limits>
#include <optional>
#include <vector>

#include "replay/image_pass.h"

namespace cimcycle {
namespace {

/// Inputs of one layer on every image, and the accumulators that an ideal ADC gives.
struct LayerSamples {
  std::vector<std::vector<std::int16_t>> inputs;
  std::vector<std::vector<std::int32_t>> accumulators;
};

std::vector<LayerSamples> sample_layers(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                                        const Dataset& training, std::int64_t images) {
  const NumericsOptions ideal{true, GateMode::all_open};
  const ImagePass pass(network, mapping, hardware, {&ideal, 1});
  std::vector<LayerSamples> samples(mapping.layers.size());
  PassMemory memory;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(training.shape.size()));
  for (std::int64_t image = 0; image < images; ++image) {
    training.read(image, pixels);
    PassHooks hooks;
    hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
      const Layer& layer = network.layers[static_cast<std::size_t>(mapping.layers[mapped].layer)];
      const auto input = ImagePass::input_of(layer.input, memory);
      samples[mapped].inputs.emplace_back(input.begin(), input.end());
      samples[mapped].accumulators.push_back(reading.acc);
    };
    pass.run(pixels, memory, hooks);
  }
  return samples;
}

double squared_error(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, const Network& network,
                     const LayerSamples& samples) {
  const PackedLayer packed =
      pack_layer(layer, mapping, hardware, network.reads_signed(layer), {false, GateMode::all_open});
  const std::vector<int> pad = network.padding_of(layer);
  LayerReading reading;
  double error = 0;
  for (std::size_t i = 0; i < samples.inputs.size(); ++i) {
    read_layer(packed, samples.inputs[i], pad, reading);
    for (std::size_t k = 0; k < reading.acc.size(); ++k) {
      const double difference = static_cast<double>(reading.acc[k]) - samples.accumulators[i][k];
      error += difference * difference;
    }
  }
  return error;
}

}  // namespace

void calibrate_adc_steps(Network& network, const Hardware& hardware, const Dataset& training, std::int64_t images) {
  for (Layer& layer : network.layers) {
    if (layer.has_weights()) layer.dec3.adc_step_msb = layer.dec3.adc_step_lsb = 1;
  }
  const NetworkMapping mapping = map_network(network, hardware);
  const auto samples = sample_layers(network, mapping, hardware, training, images);
  const std::int32_t codes = (1 << hardware.adc.bits) - 1;
  for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
    const LayerMapping& own = mapping.layers[i];
    Layer& layer = network.layers[static_cast<std::size_t>(own.layer)];
    const std::int32_t s_max = largest_sum(hardware.ou.rows, hardware.cell.bits, hardware.input.digit_bits);
    const int largest_step = std::max(1, (s_max + codes - 1) / codes);
    for (auto step : {&Dec3::adc_step_msb, &Dec3::adc_step_lsb}) {
      if (step == &Dec3::adc_step_lsb && layer.dec3.lb == 0) {
        layer.dec3.adc_step_lsb.reset();
        continue;
      }
      int best = 1;
      double least = std::numeric_limits<double>::infinity();
      for (int candidate = 1; candidate <= largest_step; ++candidate) {
        layer.dec3.*step = candidate;
        const double error = squared_error(layer, own, hardware, network, samples[i]);
        if (error < least) {
          least = error;
          best = candidate;
        }
      }
      layer.dec3.*step = best;
    }
  }
}

}  // namespace cimcycle
