// SPDX-License-Identifier: Apache-2.0
// compare.json: keys are an interface, later versions add some and rename none.
#include "compare/comparison_report.h"

namespace cimcycle {
namespace {

using Json = nlohmann::ordered_json;

Json group_json(const NeurosimGroup& group) {
  return {{"latency_ns", group.latency_ns}, {"energy_pj", group.energy_pj}};
}

Json groups_json(const NeurosimGroups& groups) {
  return {{"adc", group_json(groups.adc)},
          {"accumulation", group_json(groups.accumulation)},
          {"other", group_json(groups.other)},
          {"buffer", group_json(groups.buffer)},
          {"interconnect", group_json(groups.interconnect)}};
}

Json chip_json(const NeurosimChipResult& chip) {
  return {{"area_um2", chip.area_um2},
          {"area_parts_um2",
           {{"array", chip.area_parts_um2.array},
            {"ic", chip.area_parts_um2.ic},
            {"adc", chip.area_parts_um2.adc},
            {"accumulation", chip.area_parts_um2.accumulation},
            {"other", chip.area_parts_um2.other}}},
          {"clock_ns", chip.clock_ns ? Json(*chip.clock_ns) : Json(nullptr)},
          {"latency_ns", chip.latency_ns},
          {"dynamic_energy_pj", chip.dynamic_energy_pj},
          {"leakage_energy_pj", chip.leakage_energy_pj},
          {"leakage_power_uw", chip.leakage_power_uw},
          {"tops_per_watt", chip.tops_per_watt},
          {"groups", groups_json(chip.groups)}};
}

/// `version` is null where no NeuroSim made the figures.
Json result_json(const NeurosimResult& result, const Json& version) {
  Json layers = Json::array();
  for (const NeurosimLayerResult& layer : result.layers) {
    layers.push_back({{"name", layer.name},
                      {"latency_ns", layer.latency_ns},
                      {"dynamic_energy_pj", layer.dynamic_energy_pj},
                      {"leakage_energy_pj", layer.leakage_energy_pj},
                      {"groups", groups_json(layer.groups)}});
  }
  return {{"version", version}, {"chip", chip_json(result.chip)}, {"layers", layers}};
}

Json optional_json(const std::optional<NeurosimResult>& result, const Json& version) {
  return result ? result_json(*result, version) : Json(nullptr);
}

}  // namespace

Json comparison_json(const Comparison& comparison, const ReportContext& context) {
  const Json version = neurosim_version_words[static_cast<std::size_t>(comparison.neurosim.version)];
  Json deviations = Json::array();
  for (const DeviationWorth& worth : comparison.deviations) {
    deviations.push_back({{"name", worth.name}, {"chip", chip_json(worth.chip)}});
  }
  Json gaps = Json::array();
  for (const Gap& gap : comparison.gaps) {
    gaps.push_back({{"name", gap.name},
                    {"meaning", gap.meaning},
                    {"latency_ns", gap.latency_ns},
                    {"dynamic_energy_pj", gap.dynamic_energy_pj}});
  }
  return {{"version", context.version},
          {"command", context.command},
          {"trace", comparison.trace_name},
          {"hardware", to_json(comparison.hardware)},
          {"neurosim", result_json(comparison.neurosim, version)},
          {"log", optional_json(comparison.log, version)},
          {"simulated_valid", optional_json(comparison.simulated_valid, nullptr)},
          {"simulated_padded", optional_json(comparison.simulated_padded, nullptr)},
          {"deviations", deviations},
          {"gaps", gaps}};
}

}  // namespace cimcycle
