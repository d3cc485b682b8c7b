// SPDX-License-Identifier: Apache-2.0
// What share of a bare AND + popcount + min + add loop does the product reach, from activations to accumulators?
// The layer is a 3x3 convolution with 64 channels, 8-bit weights and activations, 16 x 16 OUs and a 4-bit ADC that
// clips.
#include <benchmark/benchmark.h>

#include <vector>

#include "bare_loop.h"
#include "crossbar/layer_reader.h"

namespace {

using namespace cimcycle;

Hardware clipping_chip() {
  Hardware hardware;
  hardware.crossbar = {128, 128};
  hardware.ou = {16, 16};
  hardware.cell.bits = hardware.input.digit_bits = 1;
  hardware.adc.transfer = AdcTransfer::clip;
  hardware.adc.bits = 4;
  hardware.chip.crossbars_per_tile = 16;
  return hardware;
}

Layer convolution() {
  Layer layer;
  layer.name = "conv";
  layer.in = layer.out = {64, 8, 8};
  layer.kernel_h = layer.kernel_w = 3;
  layer.padding = 1;
  layer.dec3.hb = 8;
  for (int i = 0; i < 64 * 576; ++i) layer.weights.push_back(static_cast<std::int16_t>(i * 37 % 255 - 127));
  return layer;
}

void product(benchmark::State& state) {
  const Hardware hardware = clipping_chip();
  const Layer layer = convolution();
  const LayerMapping mapping = map_layer(layer, 0, hardware);
  const PackedLayer packed = pack_layer(layer, mapping, hardware, false, {});
  std::vector<std::int16_t> input;
  for (int i = 0; i < 64 * 64; ++i) input.push_back(static_cast<std::int16_t>(i % 2 == 0 ? 0 : i * 53 % 200));
  const std::vector<int> pad(64, 0);
  LayerReading reading;
  for (auto _ : state) {
    read_layer(packed, input, pad, reading);
    benchmark::DoNotOptimize(reading.acc.data());
  }
  const double conversions = 64.0 * 64 * 36 * 8 * 8;  // vectors x outputs x row groups x digits x slices
  state.counters["conversions"] =
      benchmark::Counter(conversions * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void bare(benchmark::State& state) {
  if (__builtin_cpu_supports("avx512bitalg") == 0) {
    state.SkipWithError("the bare loop is built for AVX-512 with BITALG, which this machine lacks");
    return;
  }
  constexpr int groups = 4096;
  std::vector<std::uint16_t> rows(groups), cells(bare_columns), sums(bare_columns);
  for (int g = 0; g < groups; ++g) rows[static_cast<std::size_t>(g)] = static_cast<std::uint16_t>(g * 40503);
  for (int c = 0; c < bare_columns; ++c) cells[static_cast<std::size_t>(c)] = static_cast<std::uint16_t>(c * 30011);
  for (auto _ : state) {
    bare_loop(rows.data(), cells.data(), groups, 15, sums.data());
    benchmark::DoNotOptimize(sums.data());
    benchmark::ClobberMemory();
  }
  state.counters["conversions"] = benchmark::Counter(
      double{bare_columns} * groups * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

}  // namespace

BENCHMARK(bare);
BENCHMARK(product);
BENCHMARK_MAIN();
