// SPDX-License-Identifier: Apache-2.0
#include "compare/comparison.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "compare/log_reader.h"
#include "compare/simulated.h"
#include "compare/trace_network.h"
#include "neurosim/composer.h"
#include "replay/replay.h"

namespace cimcycle {
namespace {

NeurosimResult simulate(const RecordedNetwork& recorded, const Hardware& hardware, const ComparisonOptions& options) {
  Dataset dataset;
  dataset.name = "trace:" + recorded.network.name;
  dataset.split = DataSplit::test;
  dataset.size = 1;
  dataset.recorded = std::make_shared<const RecordedInputs>(recorded.inputs);
  RunOptions run;
  run.reference_images = 0;
  run.stop = options.stop;
  return simulated_groups(replay(recorded.network, hardware, dataset, run), recorded.network);
}

std::vector<DeviationWorth> worth_of_deviations(const NeurosimTrace& trace, const Hardware& hardware,
                                                const ComparisonOptions& options) {
  const std::vector<std::string_view> names = neurosim_deviation_names();
  std::vector<DeviationWorth> worths(names.size());
  parallel_for(static_cast<std::int64_t>(names.size()), options.threads, [&](std::int64_t i, int) {
    if (options.stop != nullptr && options.stop->load()) throw Interrupted();
    const auto at = static_cast<std::size_t>(i);
    Hardware changed = hardware;
    set_neurosim_deviation(changed, names[at], false);
    if (to_json(changed) == to_json(hardware)) return;  // is off already
    worths[at] = {std::string(names[at]), compose(changed, trace).chip};
  });
  std::erase_if(worths, [](const DeviationWorth& worth) { return worth.name.empty(); });
  return worths;
}

NeurosimResult read_log(const std::filesystem::path& file, NeurosimVersion version, const NeurosimTrace& trace) {
  NeurosimResult log = read_neurosim_log(file, version);
  if (log.layers.size() != trace.layers.size()) {
    fail_input("{}: holds {} layers, but the trace {} has {}", printable(file.string()), log.layers.size(),
               printable(trace.name), trace.layers.size());
  }
  for (std::size_t i = 0; i < log.layers.size(); ++i) log.layers[i].name = trace.layers[i].name;
  return log;
}

}  // namespace

Comparison compare_chip(const TraceRecord& record, const Hardware& hardware, const ComparisonOptions& options) {
  Comparison comparison;
  comparison.trace_name = record.trace.name;
  comparison.hardware = hardware;
  comparison.neurosim = compose(hardware, record.trace);
  if (options.log) comparison.log = read_log(*options.log, comparison.neurosim.version, record.trace);
  if (options.deviations) comparison.deviations = worth_of_deviations(record.trace, hardware, options);
  if (!options.simulation) return comparison;
  const RecordedNetwork padded = network_of_trace(record);
  comparison.simulated_padded = simulate(padded, hardware, options);
  comparison.simulated_valid = simulate(without_padding(padded), hardware, options);
  comparison.gaps = gaps_between(hardware, record.trace, comparison.neurosim, *comparison.simulated_padded);
  return comparison;
}

}  // namespace cimcycle
