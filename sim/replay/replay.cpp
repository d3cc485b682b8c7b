// SPDX-License-Identifier: Apache-2.0
// The main loop: images -> numerics, counts and timing per layer; then the result put together once.
#include "replay/replay.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "replay/calibration_record.h"
#include "replay/fit.h"
#include "replay/image_pass.h"
#include "replay/ledger.h"
#include "replay/progress.h"
#include "replay/reference_passes.h"
#include "replay/result_builder.h"

namespace cimcycle {
namespace {

/// What one thread gathers; integers only, so that the order of images does not matter.
struct Worker {
  PassMemory memory;
  std::vector<std::uint8_t> pixels;
  ReplaySums sums;
};

/// Timings that no image can change: all of them for a layer without a gate or with a static mask under row policy
/// `all`, and the data-blind baselines of a gated one.
class LayerTimer {
 public:
  LayerTimer(const Network& network, const NetworkMapping& mapping, const Hardware& hardware, const TimingSpec& spec)
      : network_(network), mapping_(mapping), hardware_(hardware), spec_(spec), fixed_(mapping.layers.size()) {
    if (hardware.schedule.row_policy != RowPolicy::all) return;
    for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
      const LayerTrace trace = full_trace(i);
      for (int t = 0; t < gate_treatments; ++t) {
        if (is_fixed(i, static_cast<GateTreatment>(t))) {
          fixed_[i][static_cast<std::size_t>(t)] = run(i, static_cast<GateTreatment>(t), trace);
        }
      }
    }
  }

  LayerTime time(std::size_t mapped, GateTreatment treatment, const LayerTrace& trace) const {
    const auto& known = fixed_[mapped][static_cast<std::size_t>(treatment)];
    return known ? *known : run(mapped, treatment, trace);
  }

 private:
  const Layer& layer(std::size_t mapped) const {
    return network_.layers[static_cast<std::size_t>(mapping_.layers[mapped].layer)];
  }

  bool is_fixed(std::size_t mapped, GateTreatment treatment) const {
    return layer(mapped).dec3.gate == GateKind::none || mapping_.layers[mapped].has_static_mask() ||
           treatment == GateTreatment::no_skip || treatment == GateTreatment::msb_only;
  }

  /// Every digit of every row group is read. A static mask is what it is; other gates (all closed here) do not matter
  /// to what is fixed.
  LayerTrace full_trace(std::size_t mapped) const {
    const LayerMapping& mapping = mapping_.layers[mapped];
    LayerTrace trace;
    trace.vectors = layer(mapped).vectors();
    trace.groups = static_cast<int>(mapping.groups.size());
    trace.mask_words = (static_cast<int>(mapping.blocks.size()) + 63) / 64;
    const std::size_t pairs = static_cast<std::size_t>(trace.vectors) * mapping.groups.size();
    trace.digits.assign(pairs, static_cast<std::uint8_t>(mapping.digits));
    if (layer(mapped).dec3.gate == GateKind::none && !mapping.has_static_mask()) return trace;
    const std::size_t words = static_cast<std::size_t>(trace.mask_words), blocks = mapping.blocks.size();
    trace.open.assign(pairs * words, 0);
    for (std::size_t pair = 0; mapping.has_static_mask() && pair < pairs; ++pair) {
      const std::uint8_t* removed = &mapping.removed[pair % mapping.groups.size() * blocks];
      for (std::size_t b = 0; b < blocks; ++b) {
        if (removed[b] == 0) trace.open[pair * words + b / 64] |= std::uint64_t{1} << (b % 64);
      }
    }
    return trace;
  }

  LayerTime run(std::size_t mapped, GateTreatment treatment, const LayerTrace& trace) const {
    TimingSpec spec = spec_;
    spec.residual_bits = residual_bits(layer(mapped), network_);
    return time_layer(layer(mapped), mapping_.layers[mapped], hardware_, spec, trace, treatment);
  }

  const Network& network_;
  const NetworkMapping& mapping_;
  const Hardware& hardware_;
  const TimingSpec spec_;
  std::vector<std::array<std::optional<LayerTime>, gate_treatments>> fixed_;
};

std::int64_t images_to_run(const Dataset& dataset, std::int64_t asked) {
  if (asked > dataset.size) fail_input("--images {}: {} has {} images", asked, printable(dataset.name), dataset.size);
  return asked == 0 ? dataset.size : asked;
}

std::int64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace

RunResult replay(const Network& network, const Hardware& hardware, const Dataset& dataset, const RunOptions& options) {
  check_fit(network, dataset);
  const std::int64_t images = images_to_run(dataset, options.images);
  const std::int64_t timed = std::min(images, options.timed_images.value_or(images));
  if (timed < 1) fail_input("--timed-images {}: latency and leakage need at least 1", timed);
  const NetworkMapping mapping = map_network(network, hardware);
  const ChipModel chip = chip_model_of(hardware, mapping);
  const ResultBuilder builder(network, mapping, hardware, chip);
  const NumericsOptions as_described;
  const ImagePass pass(network, mapping, hardware, {&as_described, 1});
  const LayerTimer timer(network, mapping, hardware, timing_of(chip));
  const int treatments = builder.gated() ? gate_treatments : 1;

  PerImage per_image(images, timed, network.layers.back().out.size());
  std::vector<Worker> workers(static_cast<std::size_t>(std::max(1, options.threads)));
  for (Worker& worker : workers) worker.sums = builder.empty_sums();
  ProgressCount progress(options.progress, images, "replay");
  const auto started = std::chrono::steady_clock::now();

  parallel_for(images, options.threads, [&](std::int64_t image, int worker_index) {
    if (options.stop != nullptr && options.stop->load()) throw Interrupted();
    Worker& worker = workers[static_cast<std::size_t>(worker_index)];
    worker.pixels.resize(static_cast<std::size_t>(dataset.shape.size()));
    const int label = dataset.read(image, worker.pixels);
    double energy_pj = builder.fixed_energy_pj();
    std::array<Cycle, gate_treatments> cycles{};
    PassHooks hooks;
    hooks.after_layer = [&](std::size_t mapped, const LayerReading& reading) {
      worker.sums.stats[mapped] += reading.stats;
      energy_pj += builder.read_energy_pj(mapped, reading.stats);
      if (image >= timed) return;
      for (int t = 0; t < treatments; ++t) {
        const LayerTime time = timer.time(mapped, static_cast<GateTreatment>(t), reading.trace);
        cycles[static_cast<std::size_t>(t)] += time.cycles;
        if (t == 0) add_time(worker.sums.time[mapped], time);
        worker.sums.cycles[mapped][static_cast<std::size_t>(t)] += time.cycles;
      }
    };
    const auto logits = pass.run(worker.pixels, worker.memory, hooks);
    per_image.record(image, label, logits, energy_pj, cycles[0] + builder.pooling_cycles());
    progress.add(1);
  });

  const double wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  ReplaySums sums = builder.empty_sums();
  for (const Worker& worker : workers) sums += worker.sums;
  RunResult result = builder.build(sums, per_image);
  for (std::size_t i = 0; i < mapping.layers.size(); ++i) {
    result.layers[static_cast<std::size_t>(mapping.layers[i].layer)].lossless = pass.packed(i).lossless();
  }
  result.dataset_name = dataset.name;
  result.dataset_split = dataset.split == DataSplit::test ? "test" : "train";
  result.seed = options.seed;
  result.threads = std::max(1, options.threads);
  result.warnings = calibration_warnings(network, hardware);
  result.simd = kernel_target().name;
  result.wall_seconds = wall_seconds;
  result.simulated_images_per_second = static_cast<double>(images) / wall_seconds;
  result.ou_reads_per_second = static_cast<double>(builder.reads_of(sums)) / wall_seconds;
  result.events_per_second = static_cast<double>(result.events) / wall_seconds;
  result.reference_images = std::min(images, options.reference_images.value_or(images));
  run_reference_passes(network, mapping, hardware, dataset, options, pass.lossless(), result);
  result.peak_rss_bytes = peak_rss_bytes();
  return result;
}

}  // namespace cimcycle
