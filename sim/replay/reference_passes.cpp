// SPDX-License-Identifier: Apache-2.0
#include "replay/reference_passes.h"

#include <algorithm>
#include <numeric>

#include "replay/hits.h"
#include "replay/image_pass.h"
#include "replay/image_run.h"

namespace cimcycle {
namespace {

struct Outcome {
  std::optional<double> top1;  ///< empty without labels
  double agreement = 0;        ///< share of images whose logits all equal the main pass's
};

class ReferencePasses {
 public:
  ReferencePasses(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                  const Dataset& dataset, const RunOptions& options, const RunResult& result)
      : network_(network),
        mapping_(mapping),
        hardware_(hardware),
        images_{dataset, result.reference_images, options.threads, options.progress, options.stop},
        result_(result) {}

  Outcome run(const NumericsOptions& mode) const {
    const ImagePass pass(network_, mapping_, hardware_, {&mode, 1});
    const std::size_t images = static_cast<std::size_t>(result_.reference_images);
    const std::size_t classes = static_cast<std::size_t>(network_.layers.back().out.size());
    Hits hits(result_.reference_images);
    std::vector<std::uint8_t> equal(images);
    std::vector<PassMemory> memory(images_.workers());
    images_.for_each(images_.count, "reference",
                     [&](std::size_t at, std::span<const std::uint8_t> pixels, int label, std::size_t worker) {
                       const auto logits = pass.run(pixels, memory[worker]);
                       hits.record(static_cast<std::int64_t>(at), label, logits);
                       equal[at] = std::equal(logits.begin(), logits.end(),
                                              result_.logits.begin() + static_cast<std::ptrdiff_t>(at * classes))
                                       ? 1
                                       : 0;
                     });
    return {hits.top1(), static_cast<double>(std::accumulate(equal.begin(), equal.end(), std::int64_t{0})) /
                             static_cast<double>(images)};
  }

  /// The main pass's own accuracy on the reference images.
  Outcome main() const {
    Hits hits(result_.reference_images);
    const std::size_t classes = static_cast<std::size_t>(network_.layers.back().out.size());
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(images_.dataset.shape.size()));
    for (std::int64_t image = 0; image < result_.reference_images; ++image) {
      const int label = images_.dataset.read(image, pixels);
      const std::span<const std::int64_t> logits(result_.logits.data() + static_cast<std::size_t>(image) * classes,
                                                 classes);
      hits.record(image, label, logits);
    }
    return {hits.top1(), 1.0};
  }

 private:
  const Network& network_;
  const NetworkMapping& mapping_;
  const Hardware& hardware_;
  const ImageRun images_;
  const RunResult& result_;
};

}  // namespace

void run_reference_passes(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                          const Dataset& dataset, const RunOptions& options, bool lossless,
                          std::span<RunResult> results) {
  RunResult& result = results.front();
  if (result.reference_images == 0) return;
  const ReferencePasses passes(network, mapping, hardware, dataset, options, result);
  const Outcome ideal = lossless ? passes.main() : passes.run({true, GateMode::as_described});
  result.ideal_adc_top1 = ideal.top1;
  result.agreement = ideal.agreement;
  result.ungated_top1 = ideal.top1;
  if (result.gated) {
    result.ungated_top1 = passes.run({true, GateMode::all_open}).top1;
    result.no_skip.top1 = lossless ? *result.ungated_top1 : passes.run({false, GateMode::all_open}).top1;
    result.msb_only.top1 = passes.run({false, GateMode::all_closed}).top1;
    result.oracle.top1 = passes.main().top1;
  }
  for (RunResult& other : results) {
    other.ideal_adc_top1 = result.ideal_adc_top1;
    other.agreement = result.agreement;
    other.ungated_top1 = result.ungated_top1;
    other.no_skip.top1 = result.no_skip.top1;
    other.msb_only.top1 = result.msb_only.top1;
    other.oracle.top1 = result.oracle.top1;
  }
}

}  // namespace cimcycle
