// SPDX-License-Identifier: Apache-2.0
// report.json: everything a run measured, for programs.
#include "report/report_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace cimcycle {
namespace {

using Json = nlohmann::ordered_json;

/// In the order of Stall.
constexpr std::array<std::string_view, stall_causes> stall_names = {"gate",        "adc",  "input",
                                                                    "accumulator", "link", "buffer"};

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// A figure that comes from the timed images: null if none was timed.
template <class Value>
Json if_timed(const RunResult& result, Value value) {
  return result.timed_images > 0 ? Json(value) : Json(nullptr);
}

Json spread_json(const Spread& spread) {
  return {{"mean", spread.mean}, {"std", spread.std}, {"min", spread.min},
          {"p50", spread.p50},   {"p95", spread.p95}, {"max", spread.max}};
}

Json energy_json(const std::array<double, energy_components>& parts, double total) {
  Json energy = {{"total", total}};
  for (std::size_t c = 0; c < parts.size(); ++c) energy[std::string(energy_component_names[c])] = parts[c];
  return energy;
}

Json actions_json(const ActionCounts& counts) {
  Json actions = Json::object();
  for (std::size_t a = 0; a < counts.size(); ++a) actions[std::string(action_rows[a].name)] = counts[a];
  return actions;
}

Json reads_json(const LayerCounts& counts) {
  return {{"msb", counts.msb_reads},
          {"lsb_possible", counts.lsb_reads_possible},
          {"lsb", counts.lsb_reads},
          {"zero_skipped", counts.zero_skipped}};
}

/// Cycles of one kind of component, summed over its instances and the timed images.
Json cycles_json(const CycleCounts& counts) {
  Json stalled = Json::object();
  for (std::size_t s = 0; s < counts.stalled.size(); ++s) stalled[std::string(stall_names[s])] = counts.stalled[s];
  return {{"busy", counts.busy}, {"stalled", stalled}, {"idle", counts.idle}};
}

Json layer_json(const LayerResult& layer, const RunResult& result) {
  const auto only_weights = [&](Json value) { return layer.has_weights ? value : Json(nullptr); };
  const auto per_image = [&](Cycle cycles) {
    return if_timed(result,
                    static_cast<double>(cycles) / static_cast<double>(std::max<std::int64_t>(1, result.timed_images)));
  };
  Json stalls = Json::object();
  for (std::size_t s = 0; s < stall_names.size(); ++s) {
    stalls[std::string(stall_names[s])] = per_image(layer.time.crossbars.stalled[s]);
  }
  Json json = {
      {"name", layer.name},
      {"kind", layer.kind},
      {"hb", only_weights(layer.hb)},
      {"lb", only_weights(layer.lb)},
      {"gate", layer.gate},
      {"macs", layer.macs},
      {"crossbars", layer.crossbars},
      {"cell_utilization", only_weights(layer.cell_utilization)},
      {"ou_reads", reads_json(layer.counts)},
      {"skip_ratio", or_null(layer.skip_ratio)},
      {"masked_ratio", or_null(layer.masked_ratio)},
      {"gate_decisions", layer.counts.gate_decisions},
      {"gates_closed", layer.counts.gates_closed},
      {"conversions", layer.counts.conversions},
      {"clipped_conversions", layer.counts.clipped_conversions},
      {"lossless", only_weights(layer.lossless)},
      {"cycles", if_timed(result, layer.cycles)},
      {"latency_ns", if_timed(result, layer.latency_ns)},
      {"busy_cycles", per_image(layer.time.crossbars.busy)},
      {"stall_cycles", stalls},
      {"idle_cycles", per_image(layer.time.crossbars.idle)},
      {"adc_utilization", layer.has_weights ? if_timed(result, layer.adc_utilization) : Json(nullptr)},
      {"energy_pj", energy_json(layer.energy_pj, layer.energy_total_pj)},
      {"paper_energy_pj", layer.paper_energy_pj},
      {"actions", actions_json(layer.counts.actions)},
      {"component_cycles",
       {{"crossbars", cycles_json(layer.time.crossbars)},
        {"tile_buffers", cycles_json(layer.time.tile_buffers)},
        {"adder_trees", cycles_json(layer.time.adder_trees)},
        {"vector_units", cycles_json(layer.time.vector_units)},
        {"links", cycles_json(layer.time.links)},
        {"global_buffer", cycles_json(layer.time.global_buffer)}}},
  };
  return json;
}

std::string key_of(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

Json area_json(const ChipModel& chip) {
  Json area = {{"total", chip.area_um2()}};
  for (const ComponentBudget& row : chip.budget) area[key_of(row.name)] = static_cast<double>(row.count) * row.area_um2;
  return area;
}

Json totals_json(const RunResult& result) {
  LayerCounts counts;
  std::int64_t macs = 0;
  for (const LayerResult& layer : result.layers) {
    counts += layer.counts;
    macs += layer.macs;
  }
  return {
      {"energy_pj", energy_json(result.energy_pj, result.energy_total_pj)},
      {"energy_pj_spread", spread_json(result.energy_spread_pj)},
      {"latency_ns", if_timed(result, spread_json(result.latency_ns))},
      {"cycles", if_timed(result, spread_json(result.cycles))},
      {"area_um2", area_json(result.chip)},
      {"leakage_power_uw", result.chip.leakage_uw()},
      {"tops_per_watt", result.tops_per_watt},
      {"images_per_second", if_timed(result, result.images_per_second)},
      {"skip_ratio", or_null(result.skip_ratio)},
      {"masked_ratio", or_null(result.masked_ratio)},
      {"paper_energy_pj", result.paper_energy_pj},
      {"paper_energy_source", result.paper_energy_source},
      {"macs", macs},
      {"ou_reads", reads_json(counts)},
      {"conversions", counts.conversions},
      {"clipped_conversions", counts.clipped_conversions},
      {"gate_energy_pj", result.gate_energy_pj},
      {"gate_stall_cycles", if_timed(result, result.gate_stall_cycles)},
  };
}

Json baseline_json(const RunResult& result, const Baseline& baseline) {
  // A chip that runs a network spends energy, so 0 means that this point was not computed.
  const bool computed = baseline.energy_pj > 0;
  return {{"top1", or_null(baseline.top1)},
          {"energy_pj", computed ? Json(baseline.energy_pj) : Json(nullptr)},
          {"latency_ns", computed ? if_timed(result, baseline.latency_ns) : Json(nullptr)}};
}

Json factors_json(const ActionEnergies& energies) {
  Json factors = Json::object();
  for (std::size_t a = 0; a < energies.size(); ++a) factors[std::string(action_rows[a].name)] = energies[a];
  return factors;
}

void check_finite(const Json& value, const std::string& path) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) {
    throw std::logic_error(fmt::format("{} is not a finite number", path));
  }
  if (!value.is_structured()) return;
  for (const auto& [key, element] : value.items()) check_finite(element, path.empty() ? key : path + "." + key);
}

}  // namespace

Json report_json(const RunResult& result, const ReportContext& context) {
  Json layers = Json::array();
  for (const LayerResult& layer : result.layers) layers.push_back(layer_json(layer, result));
  return {
      {"version", context.version},
      {"command", context.command},
      {"hardware", Json(to_json(result.hardware))},
      {"network", {{"name", result.network_name}, {"hash", result.network_hash}}},
      {"dataset",
       {{"name", result.dataset_name},
        {"split", result.dataset_split},
        {"images", result.images},
        {"timed_images", result.timed_images},
        {"reference_images", result.reference_images}}},
      {"seed", result.seed},
      {"accuracy",
       {{"top1", or_null(result.top1)},
        {"ideal_adc_top1", or_null(result.ideal_adc_top1)},
        {"ungated_top1", or_null(result.ungated_top1)},
        {"float_top1", or_null(result.float_top1)},
        {"agreement", or_null(result.agreement)}}},
      {"totals", totals_json(result)},
      {"layers", layers},
      {"baselines",
       {{"no_skip", baseline_json(result, result.no_skip)},
        {"msb_only", baseline_json(result, result.msb_only)},
        {"oracle", baseline_json(result, result.oracle)}}},
      {"chip",
       {{"clock_period_ns", result.chip.clock_period_ns},
        {"tiles", result.tiles},
        {"crossbars", result.crossbars},
        {"tech_hash", result.chip.tech_hash}}},
      {"energy_factors_pj", factors_json(result.chip.energy_pj)},
      {"warnings", result.warnings},
      {"simulation",
       {{"wall_seconds", result.wall_seconds},
        {"images_per_second", result.simulated_images_per_second},
        {"ou_reads_per_second", result.ou_reads_per_second},
        {"events", result.events},
        {"events_per_second", result.events_per_second},
        {"threads", result.threads},
        {"simd", result.simd},
        {"peak_rss_bytes", result.peak_rss_bytes}}},
  };
}

std::string json_text(const Json& value) {
  check_finite(value, "");
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cimcycle
