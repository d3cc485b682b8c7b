// SPDX-License-Identifier: Apache-2.0
// Runs a mapped network over images: numerics, counts, timing -> RunResult. Threads work over images; every result is
// the same for any number of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "hardware/hardware.h"
#include "network/network.h"
#include "replay/run_result.h"

namespace cimcycle {

struct RunOptions {
  std::int64_t images = 0;                       ///< 0 = all of the dataset
  std::optional<std::int64_t> timed_images;      ///< absent: all; latency and leakage come from these
  std::optional<std::int64_t> reference_images;  ///< absent: all; 0: no reference passes
  int threads = 1;
  std::uint64_t seed = 0;
  /// Called now and then with (images done, images in all) of the main pass and what is running ("replay",
  /// "reference").
  std::function<void(std::int64_t, std::int64_t, std::string_view)> progress;
  /// Set by a signal handler: the run ends with Interrupted at the next image.
  const std::atomic<bool>* stop = nullptr;
};

/// Replays the network on several chips that share their numerics (sharing.h): images are read once for all of them.
/// The results, in the order of the chips, are those of single replays bit for bit, but for the speed of the
/// simulation: wall_seconds is that of all chips together. Throws InputError as replay does, std::logic_error if the
/// numerics differ.
std::vector<RunResult> replay_chips(const Network& network, std::span<const Hardware> hardware, const Dataset& dataset,
                                    const RunOptions& options);

/// Replays the network. Throws InputError if dataset, network and hardware do not fit each other.
RunResult replay(const Network& network, const Hardware& hardware, const Dataset& dataset, const RunOptions& options);

}  // namespace cimcycle
