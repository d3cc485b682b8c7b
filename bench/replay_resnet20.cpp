// SPDX-License-Identifier: Apache-2.0
// How many ResNet-20 images per second does one core replay: everything timed, and counted only (numerics and energy)?
// The network is the shipped one with 4 + 4 bits and a gate per OU; reference passes are off.
#include <benchmark/benchmark.h>

#include "replay/replay.h"

namespace {

using namespace cimcycle;

void run(benchmark::State& state, const char* chip, bool timed) {
  const std::string root = CIMCYCLE_SOURCE_DIR;
  const Network network = load_network(root + "/models/resnet20-synthetic-dec3-4-4");
  const Hardware hardware = load_hardware(root + "/tech/chips/" + chip);
  const Dataset dataset = open_dataset("synthetic", DataSplit::test);
  RunOptions options;
  options.images = 64;
  options.reference_images = 0;
  options.timed_images = timed ? options.images : 1;
  double reads = 0, events = 0;
  for (auto _ : state) {
    const RunResult result = replay(network, hardware, dataset, options);
    benchmark::DoNotOptimize(result.energy_total_pj);
    reads += result.ou_reads_per_second * result.wall_seconds;
    events += static_cast<double>(result.events);
  }
  const double images = static_cast<double>(state.iterations()) * static_cast<double>(options.images);
  state.counters["images"] = benchmark::Counter(images, benchmark::Counter::kIsRate);
  state.counters["OU reads"] = benchmark::Counter(reads, benchmark::Counter::kIsRate);
  state.counters["kernel events"] = benchmark::Counter(events, benchmark::Counter::kIsRate);
}

}  // namespace

BENCHMARK_CAPTURE(run, flash_timed, "ou16-adc5-22nm.json", true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, flash_counted, "ou16-adc5-22nm.json", false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, sar_timed, "ou16-sar5-22nm.json", true)->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
