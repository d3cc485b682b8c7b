// SPDX-License-Identifier: Apache-2.0
#include "compare/comparison_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "compare/comparison_rows.h"

namespace cimcycle {
namespace {

using Cells = std::vector<std::string>;

std::string number(const std::optional<double>& value) { return value ? fmt::format("{:.5g}", *value) : "-"; }
std::string ratio(const std::optional<double>& value) {
  if (!value) return "-";
  return *value >= 0.01 && *value < 100 ? fmt::format("{:.4f}", *value) : fmt::format("{:.3e}", *value);
}
/// "+1.3%", of `from`.
std::string change(double from, double to) {
  if (from == 0 && to == 0) return "0";  // as a clock that there is none of
  if (from == 0) return "-";
  const double percent = 100 * (to - from) / from;
  if (percent == 0) return "0";
  return std::abs(percent) < 0.001 ? fmt::format("{:+.1e}%", percent) : fmt::format("{:+.3f}%", percent);
}

ComparisonSection chip_section(const Comparison& comparison) {
  ComparisonSection section;
  section.title = "Chip";
  section.note = "composer: NeuroSim's equations; ratios are to the composer (log: composer / log)";
  section.columns = {"quantity", "unit", "composer"};
  const bool has_log = comparison.log.has_value(), has_simulation = comparison.simulated_padded.has_value();
  if (has_log) section.columns.insert(section.columns.end(), {"log", "ratio"});
  if (has_simulation) {
    section.columns.insert(section.columns.end(), {"simulated valid", "ratio", "simulated padded", "ratio"});
  }
  for (const ComparisonRow& row : chip_rows(comparison)) {
    Cells cells = {std::string(row.quantity), std::string(row.unit), number(row.composer)};
    if (has_log) cells.insert(cells.end(), {number(row.log), ratio(ratio_of(row.composer, row.log))});
    if (has_simulation) {
      cells.insert(cells.end(), {number(row.simulated_valid), ratio(ratio_of(row.simulated_valid, row.composer)),
                                 number(row.simulated_padded), ratio(ratio_of(row.simulated_padded, row.composer))});
    }
    section.rows.push_back(std::move(cells));
  }
  return section;
}

/// The figure of a layer that is farthest from the log: "buffer energy 1.0002".
std::string farthest(const std::vector<ComparisonRow>& rows, const std::string& layer) {
  double most = -1;
  std::string text = "-";
  for (const ComparisonRow& row : rows) {
    if (row.scope != layer) continue;
    const std::optional<double> value = ratio_of(row.composer, row.log);
    if (!value || std::abs(*value - 1) <= most) continue;
    most = std::abs(*value - 1);
    text = fmt::format("{:.6f} {}", *value, row.quantity);
  }
  return text;
}

ComparisonSection layer_section(const Comparison& comparison) {
  ComparisonSection section;
  section.title = "Layers";
  const bool has_log = comparison.log.has_value(), has_simulation = comparison.simulated_padded.has_value();
  section.note =
      has_log ? "farthest: the figure of the layer, of all its groups, whose ratio composer / log is farthest from 1"
              : "all groups of every layer: compare.csv";
  section.columns = {"layer", "latency ns", "energy pJ"};
  if (has_log) section.columns.insert(section.columns.end(), {"latency / log", "energy / log"});
  if (has_simulation) section.columns.insert(section.columns.end(), {"simulated ns", "ratio", "simulated pJ", "ratio"});
  if (has_log) section.columns.push_back("farthest");
  section.last_is_text = has_log;
  const std::vector<ComparisonRow> rows = layer_rows(comparison);
  for (std::size_t i = 0; i < comparison.neurosim.layers.size(); ++i) {
    const NeurosimLayerResult& layer = comparison.neurosim.layers[i];
    Cells cells = {printable(layer.name), number(layer.latency_ns), number(layer.dynamic_energy_pj)};
    if (has_log) {
      const NeurosimLayerResult& log = comparison.log->layers[i];
      cells.insert(cells.end(), {ratio(ratio_of(layer.latency_ns, log.latency_ns)),
                                 ratio(ratio_of(layer.dynamic_energy_pj, log.dynamic_energy_pj))});
    }
    if (has_simulation) {
      const NeurosimLayerResult& sim = comparison.simulated_padded->layers[i];
      cells.insert(cells.end(),
                   {number(sim.latency_ns), ratio(ratio_of(sim.latency_ns, layer.latency_ns)),
                    number(sim.dynamic_energy_pj), ratio(ratio_of(sim.dynamic_energy_pj, layer.dynamic_energy_pj))});
    }
    if (has_log) cells.push_back(farthest(rows, layer.name));
    section.rows.push_back(std::move(cells));
  }
  return section;
}

ComparisonSection deviation_section(const Comparison& comparison) {
  ComparisonSection section;
  section.title = "What each deviation is worth";
  section.note = "change of the chip's figures with this switch off and all others as described";
  section.columns = {"deviation", "area", "clock", "latency", "dynamic energy", "leakage energy", "TOPS/W"};
  std::vector<std::string_view> unchanged;
  const NeurosimChipResult& from = comparison.neurosim.chip;
  for (const DeviationWorth& worth : comparison.deviations) {
    const NeurosimChipResult& to = worth.chip;
    Cells cells = {worth.name,
                   change(from.area_um2, to.area_um2),
                   change(from.clock_ns.value_or(0), to.clock_ns.value_or(0)),
                   change(from.latency_ns, to.latency_ns),
                   change(from.dynamic_energy_pj, to.dynamic_energy_pj),
                   change(from.leakage_energy_pj, to.leakage_energy_pj),
                   change(from.tops_per_watt, to.tops_per_watt)};
    const bool changes = std::any_of(cells.begin() + 1, cells.end(), [](const std::string& c) { return c != "0"; });
    if (changes) {
      section.rows.push_back(std::move(cells));
    } else {
      unchanged.push_back(worth.name);
    }
  }
  if (!unchanged.empty()) section.note += fmt::format("; no change from {}", join(unchanged));
  return section;
}

ComparisonSection gap_section(const Comparison& comparison) {
  ComparisonSection section;
  section.title = "From the composer to the cycle-level simulator";
  section.note = "steps add up; simulated with all recorded vectors";
  section.columns = {"reason", "latency ns", "dynamic energy pJ", "what it is"};
  section.last_is_text = true;
  const NeurosimChipResult& from = comparison.neurosim.chip;
  const NeurosimChipResult& to = comparison.simulated_padded->chip;
  const auto signed_number = [](double value) { return value == 0 ? std::string("0") : fmt::format("{:+.5g}", value); };
  section.rows.push_back({"composer", number(from.latency_ns), number(from.dynamic_energy_pj), ""});
  for (const Gap& gap : comparison.gaps) {
    section.rows.push_back({std::string(gap.name), signed_number(gap.latency_ns), signed_number(gap.dynamic_energy_pj),
                            std::string(gap.meaning)});
  }
  section.rows.push_back({"simulator", number(to.latency_ns), number(to.dynamic_energy_pj), ""});
  return section;
}

}  // namespace

std::vector<ComparisonSection> comparison_sections(const Comparison& comparison) {
  std::vector<ComparisonSection> sections = {chip_section(comparison), layer_section(comparison)};
  if (!comparison.deviations.empty()) sections.push_back(deviation_section(comparison));
  if (comparison.simulated_padded) sections.push_back(gap_section(comparison));
  return sections;
}

std::string comparison_title(const Comparison& comparison) {
  const bool v1_3 = comparison.neurosim.version == NeurosimVersion::v1_3;
  return fmt::format("{} on {}: NeuroSim {}", printable(comparison.trace_name), printable(comparison.hardware.name),
                     v1_3 ? "1.3" : "1.4");
}

}  // namespace cimcycle
