// SPDX-License-Identifier: Apache-2.0
#include "explore/metrics.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

constexpr Metric metrics[] = {
    {"top1", "/accuracy/top1", Better::more},
    {"ideal_adc_top1", "/accuracy/ideal_adc_top1", Better::more},
    {"ungated_top1", "/accuracy/ungated_top1", Better::more},
    {"agreement", "/accuracy/agreement", Better::more},
    {"energy_pj", "/totals/energy_pj/total", Better::less},
    {"adc_energy_pj", "/totals/energy_pj/adc", Better::less},
    {"leakage_energy_pj", "/totals/energy_pj/leakage", Better::less},
    {"latency_ns", "/totals/latency_ns/mean", Better::less},
    {"cycles", "/totals/cycles/mean", Better::less},
    {"clock_period_ns", "/chip/clock_period_ns", Better::neither},
    {"area_um2", "/totals/area_um2/total", Better::less},
    {"leakage_power_uw", "/totals/leakage_power_uw", Better::less},
    {"tops_per_watt", "/totals/tops_per_watt", Better::more},
    {"images_per_second", "/totals/images_per_second", Better::more},
    {"skip_ratio", "/totals/skip_ratio", Better::neither},
    {"masked_ratio", "/totals/masked_ratio", Better::neither},
    {"paper_energy_pj", "/totals/paper_energy_pj", Better::less},
    {"gate_energy_pj", "/totals/gate_energy_pj", Better::less},
    {"gate_stall_cycles", "/totals/gate_stall_cycles", Better::less},
    {"conversions", "/totals/conversions", Better::less},
    {"clipped_conversions", "/totals/clipped_conversions", Better::less},
    {"tiles", "/chip/tiles", Better::less},
    {"crossbars", "/chip/crossbars", Better::less},
};

}  // namespace

std::span<const Metric> all_metrics() { return metrics; }

const Metric& metric_named(std::string_view name, std::string_view where) {
  std::vector<std::string_view> names;
  for (const Metric& metric : metrics) {
    if (metric.name == name) return metric;
    names.push_back(metric.name);
  }
  const std::string hint = did_you_mean(name, names);
  fail_input("{}: unknown metric {}{}", where, printable(name), hint.empty() ? "; known: " + join(names) : hint);
}

nlohmann::json metrics_of(const nlohmann::ordered_json& report) {
  nlohmann::json values = nlohmann::json::object();
  for (const Metric& metric : metrics) {
    const nlohmann::ordered_json::json_pointer path{std::string(metric.path)};
    values[std::string(metric.name)] = report.contains(path) ? nlohmann::json(report.at(path)) : nlohmann::json();
  }
  return values;
}

}  // namespace cimcycle
