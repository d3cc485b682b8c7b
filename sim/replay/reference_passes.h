// SPDX-License-Identifier: Apache-2.0
// Accuracies beside a run's own: ideal ADCs, nothing skipped, MSB only. Separate passes over the same images, untimed.
#pragma once

#include <span>

#include "data/dataset.h"
#include "mapping/mapping.h"
#include "replay/replay.h"

namespace cimcycle {

/// Fills ideal_adc_top1, ungated_top1, agreement and the baselines' top1 from the first `reference_images` images. The
/// results are those of chips that share their numerics. A pass that must equal another one is not run twice:
/// `lossless` says that the ADC changes nothing.
void run_reference_passes(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                          const Dataset& dataset, const RunOptions& options, bool lossless,
                          std::span<RunResult> results);

}  // namespace cimcycle
