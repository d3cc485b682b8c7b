// SPDX-License-Identifier: Apache-2.0
// The main loop: images -> numerics, counts and timing per layer; then the result put together once.
#include "replay/replay.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>

#include "base/error.h"
#include "base/text.h"
#include "crossbar/read_counts.h"
#include "replay/calibration_record.h"
#include "replay/fit.h"
#include "replay/image_pass.h"
#include "replay/image_run.h"
#include "replay/layer_timer.h"
#include "replay/reference_passes.h"
#include "replay/result_builder.h"
#include "replay/sharing.h"

namespace cimcycle {
namespace {

/// A chip and all that is worked out for it alone.
struct Chip {
  Chip(const Network& network, const Hardware& chip_hardware)
      : hardware(chip_hardware),
        mapping(map_network(network, hardware)),
        model(chip_model_of(hardware, mapping)),
        builder(network, mapping, hardware, model) {}

  const Hardware& hardware;
  const NetworkMapping mapping;
  const ChipModel model;
  const ResultBuilder builder;
};

/// Chips that issue the same reads, by index, in parts that take the same cycles.
struct SameReads {
  struct SameCycles {
    std::vector<std::size_t> chips;
    LayerTimer timer;
  };
  std::vector<SameCycles> parts;
  std::size_t first() const { return parts.front().chips.front(); }
};

std::vector<SameReads> sort_chips(const Network& network, const std::vector<std::unique_ptr<Chip>>& chips) {
  std::vector<SameReads> sorted;
  std::map<std::string, std::size_t> by_reads;
  std::map<std::pair<std::size_t, std::string>, std::size_t> by_cycles;
  for (std::size_t i = 0; i < chips.size(); ++i) {
    const Chip& chip = *chips[i];
    const std::size_t reads = by_reads.emplace(reads_key(chip.hardware), sorted.size()).first->second;
    if (reads == sorted.size()) sorted.emplace_back();
    std::vector<SameReads::SameCycles>& parts = sorted[reads].parts;
    const TimingSpec spec = timing_of(chip.model);
    const std::size_t part =
        by_cycles.emplace(std::pair(reads, timing_key(chip.hardware, spec)), parts.size()).first->second;
    if (part == parts.size()) parts.push_back({{}, LayerTimer(network, chip.mapping, chip.hardware, spec)});
    parts[part].chips.push_back(i);
  }
  return sorted;
}

/// What one thread gathers; integers only, so that the order of images does not matter.
struct Worker {
  PassMemory memory;
  std::vector<ReplaySums> sums;   ///< per chip
  std::vector<double> energy_pj;  ///< per chip, of the image at hand
  std::vector<Cycle> cycles;      ///< per chip, of the image at hand
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

std::vector<RunResult> replay_chips(const Network& network, std::span<const Hardware> hardware, const Dataset& dataset,
                                    const RunOptions& options) {
  check_fit(network, dataset);
  const std::int64_t images = images_to_run(dataset, options.images);
  const std::int64_t timed = std::min(images, options.timed_images.value_or(images));
  if (timed < 1) fail_input("--timed-images {}: latency and leakage need at least 1", timed);
  std::vector<std::unique_ptr<Chip>> chips;
  for (const Hardware& one : hardware) {
    if (numerics_key(one) != numerics_key(hardware.front())) {
      throw std::logic_error("replay_chips: the chips do not share their numerics");
    }
    chips.push_back(std::make_unique<Chip>(network, one));
  }
  const std::vector<SameReads> sorted = sort_chips(network, chips);
  const Chip& first = *chips.front();
  const NumericsOptions as_described;
  const ImagePass pass(network, first.mapping, first.hardware, {&as_described, 1});
  const int treatments = first.builder.gated() ? gate_treatments : 1;

  const auto recorded = recorded_inputs_of(network, first.mapping, dataset);

  const std::int64_t classes = dataset.recorded ? 0 : network.layers.back().out.size();
  std::vector<PerImage> per_image(chips.size(), PerImage(images, timed, classes));
  const ImageRun run{dataset, images, options.threads, options.progress, options.stop};
  std::vector<Worker> workers(run.workers());
  for (Worker& worker : workers) worker.sums.assign(chips.size(), first.builder.empty_sums());
  const auto started = std::chrono::steady_clock::now();

  run.for_each(images, "replay",
               [&](std::size_t at, std::span<const std::uint8_t> pixels, int label, std::size_t worker_index) {
                 const std::int64_t image = static_cast<std::int64_t>(at);
                 Worker& worker = workers[worker_index];
                 worker.energy_pj.clear();
                 for (const auto& chip : chips) worker.energy_pj.push_back(chip->builder.fixed_energy_pj());
                 worker.cycles.assign(chips.size(), 0);
                 PassHooks hooks;
                 hooks.after_layer = [&](std::size_t mapped, LayerReading& reading) {
                   for (const SameReads& same_reads : sorted) {
                     // The pass itself has counted for the first chip.
                     if (same_reads.first() != 0) {
                       const Chip& chip = *chips[same_reads.first()];
                       count_issued(pass.packed(mapped), chip.mapping.layers[mapped], chip.hardware.schedule.row_policy,
                                    reading);
                     }
                     for (const SameReads::SameCycles& part : same_reads.parts) {
                       for (const std::size_t chip : part.chips) {
                         worker.sums[chip].stats[mapped] += reading.stats;
                         worker.energy_pj[chip] += chips[chip]->builder.read_energy_pj(mapped, reading.stats);
                       }
                       if (image >= timed) continue;
                       for (int t = 0; t < treatments; ++t) {
                         const LayerTime time = part.timer.time(mapped, static_cast<GateTreatment>(t), reading.trace);
                         for (const std::size_t chip : part.chips) {
                           if (t == 0) {
                             worker.cycles[chip] += time.cycles;
                             add_time(worker.sums[chip].time[mapped], time);
                           }
                           worker.sums[chip].cycles[mapped][static_cast<std::size_t>(t)] += time.cycles;
                         }
                       }
                     }
                   }
                 };
                 std::span<const std::int64_t> logits;
                 if (dataset.recorded) {
                   pass.run_recorded(recorded, worker.memory, hooks);
                 } else {
                   logits = pass.run(pixels, worker.memory, hooks);
                 }
                 for (std::size_t i = 0; i < chips.size(); ++i) {
                   per_image[i].record(image, label, logits, worker.energy_pj[i],
                                       worker.cycles[i] + chips[i]->builder.pooling_cycles());
                 }
               });

  const double wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::vector<RunResult> results;
  for (std::size_t i = 0; i < chips.size(); ++i) {
    const Chip& chip = *chips[i];
    ReplaySums sums = chip.builder.empty_sums();
    for (const Worker& worker : workers) sums += worker.sums[i];
    RunResult result = chip.builder.build(sums, per_image[i]);
    for (std::size_t k = 0; k < chip.mapping.layers.size(); ++k) {
      result.layers[static_cast<std::size_t>(chip.mapping.layers[k].layer)].lossless = pass.packed(k).lossless();
    }
    result.dataset_name = dataset.name;
    result.dataset_split = dataset.split == DataSplit::test ? "test" : "train";
    result.seed = options.seed;
    result.threads = std::max(1, options.threads);
    result.warnings = calibration_warnings(network, chip.hardware);
    result.simd = kernel_target().name;
    result.wall_seconds = wall_seconds;
    result.simulated_images_per_second = static_cast<double>(images) / wall_seconds;
    result.ou_reads_per_second = static_cast<double>(chip.builder.reads_of(sums)) / wall_seconds;
    result.events_per_second = static_cast<double>(result.events) / wall_seconds;
    // Without labels there is no accuracy to compare.
    result.reference_images = dataset.recorded ? 0 : std::min(images, options.reference_images.value_or(images));
    results.push_back(std::move(result));
  }
  run_reference_passes(network, first.mapping, first.hardware, dataset, options, pass.lossless(), results);
  for (RunResult& result : results) result.peak_rss_bytes = peak_rss_bytes();
  return results;
}

RunResult replay(const Network& network, const Hardware& hardware, const Dataset& dataset, const RunOptions& options) {
  return std::move(replay_chips(network, {&hardware, 1}, dataset, options).front());
}

}  // namespace cimcycle
