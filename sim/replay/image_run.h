// SPDX-License-Identifier: Apache-2.0
// The first images of a dataset, run through on all threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "data/dataset.h"
#include "replay/progress.h"

namespace cimcycle {

struct ImageRun {
  const Dataset& dataset;
  std::int64_t count = 0;  ///< images to use, from the first one on
  int threads = 1;
  const ProgressFunction& progress;
  const std::atomic<bool>* stop = nullptr;

  std::size_t workers() const { return static_cast<std::size_t>(std::max(1, threads)); }

  /// Calls body(image index, pixels, label, worker) for the first `images` images, from any thread; `worker` is below
  /// workers(). Recorded inputs have no pixels and no label. `what` names the pass for the progress display. Throws
  /// Interrupted if `stop` is set.
  template <class Body>
  void for_each(std::int64_t images, std::string_view what, Body&& body) const {
    ProgressCount progress_count(progress, images, what);
    std::vector<std::vector<std::uint8_t>> pixels(workers());
    for (auto& own : pixels) own.resize(static_cast<std::size_t>(dataset.shape.size()));
    parallel_for(images, threads, [&](std::int64_t image, int worker) {
      if (stop != nullptr && stop->load()) throw Interrupted();
      auto& own = pixels[static_cast<std::size_t>(worker)];
      const int label = dataset.recorded ? no_label : dataset.read(image, own);
      body(static_cast<std::size_t>(image), std::span<const std::uint8_t>(own), label,
           static_cast<std::size_t>(worker));
      progress_count.add(1);
    });
  }
};

}  // namespace cimcycle
