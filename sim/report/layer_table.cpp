// SPDX-License-Identifier: Apache-2.0
// The layer table of a run: what each layer is, what its gate skipped, and where its time and energy went.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/run_text.h"
#include "report/units.h"

namespace cimcycle {
namespace {

constexpr int name_width = 14;
constexpr int bar_width = 6;

/// Twelve components would not fit a terminal, so the table shows groups of them.
struct EnergyGroup {
  std::string_view title;
  std::vector<EnergyComponent> components;
};

std::vector<EnergyGroup> energy_groups() {
  using enum EnergyComponent;
  return {{"array", {wordline, bitline, array}},     {"adc", {adc}},
          {"sums", {offset, shift_add, accumulate}}, {"gate", {gate}},
          {"data", {buffer, interconnect, digital}}, {"leak", {leakage}}};
}

/// One unit and one number of decimals for all energies of the table.
struct EnergyFormat {
  Unit unit;
  int decimals = 0;

  explicit EnergyFormat(double largest_pj)
      : unit(fitting_unit(largest_pj, energy_units, 10)), decimals(largest_pj / unit.factor < 100 ? 2 : 1) {}

  std::string operator()(double pj) const {
    if (pj == 0) return "0";
    const double resolution = std::pow(10, -decimals);
    if (pj / unit.factor < resolution / 2) return fmt::format("<{}", resolution);
    return fmt::format("{:.{}f}", pj / unit.factor, decimals);
  }
};

std::string short_kind(const std::string& kind) {
  if (kind == "linear") return "lin";
  if (kind == "max_pool") return "max";
  if (kind == "average_pool") return "avg";
  return printable(kind);
}

std::string short_gate(const std::string& gate) {
  const auto slash = gate.find('/');
  if (slash == std::string::npos) return gate;
  const std::string granularity = gate.substr(slash + 1);
  const std::string_view mark = granularity == "output_block" ? "blk" : granularity == "output" ? "out" : "ou";
  return fmt::format("{}/{}", gate.substr(0, slash), mark);
}

/// Skip ratio; where nothing lies behind the gate the masked ratio stands, marked with an "m".
std::string skip_cell(const std::optional<double>& skip, const std::optional<double>& masked) {
  if (skip) return percent(*skip);
  return masked ? percent(*masked) + "m" : "-";
}

std::string clipped_cell(bool lossless, const LayerCounts& counts) {
  if (lossless) return "exact";
  if (counts.conversions == 0) return "-";
  return percent(static_cast<double>(counts.clipped_conversions) / static_cast<double>(counts.conversions));
}

std::string cycles_cell(bool timed, double cycles) {
  return timed ? with_commas(static_cast<std::int64_t>(std::llround(cycles))) : "-";
}

double group_energy(const EnergyGroup& group, const std::array<double, energy_components>& parts) {
  double sum = 0;
  for (const EnergyComponent component : group.components) sum += parts[static_cast<std::size_t>(component)];
  return sum;
}

/// Group energies, then the total.
void add_energy_cells(std::vector<std::string>& cells, const std::array<double, energy_components>& parts, double total,
                      const EnergyFormat& format) {
  for (const EnergyGroup& group : energy_groups()) cells.push_back(format(group_energy(group, parts)));
  cells.push_back(format(total));
}

}  // namespace

std::string layer_table(const RunResult& result, const TextStyle& style) {
  using Align = TextTable::Align;
  double largest = 0;
  for (const LayerResult& layer : result.layers) largest = std::max(largest, layer.energy_total_pj);
  const EnergyFormat energy(largest);
  const bool timed = result.timed_images > 0;

  std::vector<TextTable::Column> columns = {{"layer", Align::left},
                                            {"kind", Align::left},
                                            {"hb,lb", Align::left},
                                            {"gate", Align::left},
                                            {"skip"},
                                            {"clip"},
                                            {"cycles"}};
  for (const EnergyGroup& group : energy_groups()) columns.push_back({std::string(group.title)});
  columns.push_back({fmt::format("total {}", energy.unit.name)});
  columns.push_back({"share"});
  columns.push_back({"", Align::left});
  TextTable table(std::move(columns), 1);

  LayerCounts all;
  bool all_lossless = true;
  double all_cycles = 0;
  for (const LayerResult& layer : result.layers) {
    all += layer.counts;
    all_lossless = all_lossless && (layer.lossless || !layer.has_weights);
    all_cycles += layer.cycles;
    std::vector<std::string> cells = {
        shortened(printable(layer.name), name_width),
        short_kind(layer.kind),
        layer.has_weights ? fmt::format("{},{}", layer.hb, layer.lb) : "-",
        layer.has_weights ? short_gate(layer.gate) : "-",
        skip_cell(layer.skip_ratio, layer.masked_ratio),
        layer.has_weights ? clipped_cell(layer.lossless, layer.counts) : "-",
        cycles_cell(timed, layer.cycles),
    };
    add_energy_cells(cells, layer.energy_pj, layer.energy_total_pj, energy);
    const double share = result.energy_total_pj > 0 ? layer.energy_total_pj / result.energy_total_pj : 0;
    cells.push_back(percent(share));
    cells.push_back(largest > 0 ? bar(layer.energy_total_pj / largest, bar_width, style) : "");
    table.add_row(std::move(cells));
  }
  table.add_rule();
  std::vector<std::string> totals = {"all layers",
                                     "",
                                     "",
                                     "",
                                     skip_cell(result.skip_ratio, result.masked_ratio),
                                     clipped_cell(all_lossless, all),
                                     cycles_cell(timed, all_cycles)};
  add_energy_cells(totals, result.energy_pj, result.energy_total_pj, energy);
  totals.insert(totals.end(), {"100%", ""});
  table.add_row(std::move(totals), Emphasis::bold);
  return table.text(style);
}

}  // namespace cimcycle
