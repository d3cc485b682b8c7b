// SPDX-License-Identifier: Apache-2.0
// How fast is a NeuroSim trace read, composed and replayed, against NeuroSim V1.3 itself, which takes 13 s of user time
// for ResNet-20? With CIMCYCLE_REFERENCE (folder with traces/r20_w8a8.tar.gz) the trace is that one and `x NeuroSim` is
// the ratio; without it the shipped trace of six layers serves, and there is no ratio.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "compare/trace_network.h"
#include "compare/trace_writer.h"
#include "neurosim/composer.h"
#include "replay/fit.h"
#include "replay/image_pass.h"
#include "replay/result_builder.h"

namespace {

using namespace cimcycle;

constexpr double neurosim_seconds = 13.2;  // user time of the default run on this kind of machine

const char* reference() { return std::getenv("CIMCYCLE_REFERENCE"); }

std::filesystem::path trace_archive() {
  if (reference() != nullptr) return std::filesystem::path(reference()) / "traces/r20_w8a8.tar.gz";
  return std::filesystem::path(CIMCYCLE_SOURCE_DIR) / "traces/resnet20-synthetic-layers15-20.tar.gz";
}

/// The same trace as CSV files in a folder of its own, which goes with the program.
class TraceFolder {
 public:
  TraceFolder() : path_(std::filesystem::temp_directory_path() / ("cimcycle-bench-" + std::to_string(::getpid()))) {
    write_folder_atomically(path_, neurosim_trace_files(read_neurosim_trace(trace_archive(), 2), path_.filename()));
  }
  TraceFolder(const TraceFolder&) = delete;
  TraceFolder& operator=(const TraceFolder&) = delete;
  ~TraceFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

const std::filesystem::path& trace_folder() {
  static const TraceFolder folder;
  return folder.path();
}

Hardware chip(const char* name) {
  return load_hardware(std::filesystem::path(CIMCYCLE_SOURCE_DIR) / "tech/chips" / name);
}

void state_ratio(benchmark::State& state) {
  if (reference() == nullptr) return;
  state.counters["x NeuroSim"] =
      benchmark::Counter(neurosim_seconds * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

/// Numerics and energy of one image on a chip that is packed once.
class CountedReplay {
 public:
  CountedReplay(const RecordedNetwork& recorded, const Hardware& hardware)
      : network_(recorded.network),
        hardware_(hardware),
        mapping_(map_network(network_, hardware_)),
        chip_(chip_model_of(hardware_, mapping_)),
        builder_(network_, mapping_, hardware_, chip_),
        pass_(network_, mapping_, hardware_, {&mode_, 1}) {}

  double energy_pj(const RecordedInputs& recorded) {
    Dataset dataset;
    dataset.name = "trace";
    dataset.size = 1;
    dataset.recorded = std::make_shared<const RecordedInputs>(recorded);
    double energy_pj = builder_.fixed_energy_pj();
    PassHooks hooks;
    hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
      energy_pj += builder_.read_energy_pj(mapped, reading.stats);
    };
    pass_.run_recorded(recorded_inputs_of(network_, mapping_, dataset), memory_, hooks);
    return energy_pj;
  }

 private:
  const Network network_;
  const Hardware hardware_;
  const NetworkMapping mapping_;
  const ChipModel chip_;
  const ResultBuilder builder_;
  const NumericsOptions mode_;
  const ImagePass pass_;
  PassMemory memory_;
};

void read(benchmark::State& state, const std::filesystem::path& place) {
  for (auto _ : state) benchmark::DoNotOptimize(read_neurosim_trace(place, 2).trace.layers.size());
  state_ratio(state);
}

void read_archive(benchmark::State& state) { read(state, trace_archive()); }
void read_files(benchmark::State& state) { read(state, trace_folder()); }

void compose_in_memory(benchmark::State& state) {
  const TraceRecord record = read_neurosim_trace(trace_folder(), 2);
  const Hardware hardware = chip("neurosim-1.3-default.json");
  for (auto _ : state) benchmark::DoNotOptimize(compose(hardware, record.trace).chip.latency_ns);
  state_ratio(state);
}

void compose_from_files(benchmark::State& state) {
  const Hardware hardware = chip("neurosim-1.3-default.json");
  for (auto _ : state) {
    benchmark::DoNotOptimize(compose(hardware, read_neurosim_trace(trace_folder(), 2).trace).chip.latency_ns);
  }
  state_ratio(state);
}

void replay_in_memory(benchmark::State& state, const char* name) {
  const RecordedNetwork recorded = network_of_trace(read_neurosim_trace(trace_folder(), 2));
  CountedReplay replay(recorded, chip(name));
  for (auto _ : state) benchmark::DoNotOptimize(replay.energy_pj(recorded.inputs));
  state_ratio(state);
}

void replay_from_files(benchmark::State& state, const char* name) {
  const Hardware hardware = chip(name);
  for (auto _ : state) {
    const RecordedNetwork recorded = network_of_trace(read_neurosim_trace(trace_folder(), 2));
    benchmark::DoNotOptimize(CountedReplay(recorded, hardware).energy_pj(recorded.inputs));
  }
  state_ratio(state);
}

}  // namespace

BENCHMARK(read_archive)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(read_files)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(compose_in_memory)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(compose_from_files)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(replay_in_memory, ou16_adc5, "ou16-adc5-22nm.json")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(replay_in_memory, neurosim_1_3, "neurosim-1.3-default.json")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(replay_from_files, ou16_adc5, "ou16-adc5-22nm.json")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(replay_from_files, neurosim_1_3, "neurosim-1.3-default.json")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_MAIN();
