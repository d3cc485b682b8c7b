// SPDX-License-Identifier: Apache-2.0
#include "macro_run.h"

#include <memory>
#include <random>

#include "replay/replay.h"

namespace cimcycle::silicon {
namespace {

using Generator = std::mt19937_64;

/// A number in [0, 1); the standard library's distributions differ between platforms.
double fraction(Generator& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

Network one_layer(const Workload& workload, int input_bits, Generator& random) {
  Layer layer;
  layer.name = "multiplication";
  layer.kind = LayerKind::linear;
  layer.input = recorded_input;
  layer.in = {workload.rows, 1, 1};
  layer.out = {workload.outputs, 1, 1};
  layer.input_bits = input_bits;
  layer.output_bits = input_bits;
  layer.output = OutputKind::recorded;
  layer.dec3.hb = workload.weight_bits;
  layer.dec3.lb = 0;
  const int largest = workload.weight_bits == 1 ? 1 : (1 << (workload.weight_bits - 1)) - 1;
  layer.weights.resize(static_cast<std::size_t>(workload.rows) * static_cast<std::size_t>(workload.outputs));
  for (std::int16_t& weight : layer.weights) {
    const double place = fraction(random);
    weight = static_cast<std::int16_t>(
        workload.weight_bits == 1 ? (place < 0.5 ? -1 : 1) : static_cast<int>(place * (2 * largest + 1)) - largest);
  }
  Network network;
  network.name = "macro";
  network.image = layer.in;
  network.pad_value.assign(static_cast<std::size_t>(workload.rows), 0);
  network.layers.push_back(std::move(layer));
  return network;
}

Dataset inputs_of(const Network& network, double ones, Generator& random) {
  const Layer& layer = network.layers.front();
  RecordedInput input{layer.in, {}};
  for (std::int64_t i = 0; i < layer.in.size(); ++i) {
    int value = 0;
    for (int bit = 0; bit < layer.input_bits; ++bit) value |= (fraction(random) < ones ? 1 : 0) << bit;
    input.values.push_back(static_cast<std::int16_t>(value));
  }
  Dataset dataset;
  dataset.name = "inputs of the macro";
  dataset.size = 1;
  dataset.recorded = std::make_shared<const RecordedInputs>(RecordedInputs{{layer.name, std::move(input)}});
  return dataset;
}

double driver_area(const ChipModel& chip, int crossbars) {
  double area = 0;
  for (const ComponentBudget& row : chip.budget) {
    if (row.name == "wordline drivers" || row.name == "row-group decoders" || row.name == "source-line switches" ||
        row.name == "level shifters") {
      area += static_cast<double>(row.count) * row.area_um2;
    }
  }
  return area / crossbars;
}

void add(const RunResult& run, MacroFigures& figures) {
  const LayerResult& layer = run.layers.front();
  const auto energy = [&](EnergyComponent part) { return layer.energy_pj[static_cast<std::size_t>(part)]; };
  figures.clock_ns = run.chip.clock_period_ns;
  figures.latency_ns += static_cast<double>(layer.time.crossbars.busy) / layer.crossbars * run.chip.clock_period_ns;
  const auto of_action = [&](Action action) {
    const auto index = static_cast<std::size_t>(action);
    return static_cast<double>(layer.counts.actions[index]) * run.chip.energy_pj[index];
  };
  figures.wordline_pj += of_action(Action::wordline_row);
  figures.control_pj += of_action(Action::wordline_activation);
  figures.input_pj += energy(EnergyComponent::bitline) + energy(EnergyComponent::array);
  figures.converter_pj += energy(EnergyComponent::adc);
  figures.digital_pj +=
      energy(EnergyComponent::shift_add) + energy(EnergyComponent::accumulate) + energy(EnergyComponent::offset);
  figures.operations = 2.0 * static_cast<double>(layer.macs);
  figures.driver_um2 = driver_area(run.chip, run.tiles * run.hardware.chip.crossbars_per_tile);
}

}  // namespace

MacroFigures run_macro(const std::filesystem::path& chip, const Workload& workload) {
  MacroFigures figures;
  for (const Phase& phase : workload.phases) {
    Generator random(1);
    const Hardware hardware = load_hardware(chip, phase.set);
    const Network network = one_layer(workload, phase.input_bits, random);
    add(replay(network, hardware, inputs_of(network, workload.ones, random), {}), figures);
  }
  return figures;
}

}  // namespace cimcycle::silicon
