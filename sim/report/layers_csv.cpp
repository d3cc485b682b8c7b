// SPDX-License-Identifier: Apache-2.0
// layers.csv: one row per layer for spreadsheets and plots.
#include "report/layers_csv.h"

#include <fmt/format.h>

#include <vector>

#include "report/csv_text.h"

namespace cimcycle {
namespace {

/// A column: its name and the text of its cell.
struct Cell {
  std::string column;
  std::string text;
};

std::vector<Cell> cells_of(const LayerResult& layer, const RunResult& result) {
  const bool timed = result.timed_images > 0;
  const auto number = [](auto value, bool known = true) { return known ? fmt::format("{}", value) : std::string(); };
  const auto ratio = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
  };
  std::vector<Cell> cells = {
      {"name", csv_text(layer.name)},
      {"kind", csv_text(layer.kind)},
      {"hb_bits", number(layer.hb, layer.has_weights)},
      {"lb_bits", number(layer.lb, layer.has_weights)},
      {"gate", csv_text(layer.gate)},
      {"macs", number(layer.macs)},
      {"crossbars", number(layer.crossbars)},
      {"cell_utilization", number(layer.cell_utilization, layer.has_weights)},
      {"msb_ou_reads", number(layer.counts.msb_reads)},
      {"lsb_ou_reads_possible", number(layer.counts.lsb_reads_possible)},
      {"lsb_ou_reads", number(layer.counts.lsb_reads)},
      {"zero_skipped_ou_reads", number(layer.counts.zero_skipped)},
      {"skip_ratio", ratio(layer.skip_ratio)},
      {"masked_ratio", ratio(layer.masked_ratio)},
      {"conversions", number(layer.counts.conversions)},
      {"clipped_conversions", number(layer.counts.clipped_conversions)},
      {"lossless", layer.has_weights ? (layer.lossless ? "true" : "false") : ""},
      {"cycles", number(layer.cycles, timed)},
      {"latency_ns", number(layer.latency_ns, timed)},
      {"adc_utilization", number(layer.adc_utilization, timed && layer.has_weights)},
  };
  for (std::size_t c = 0; c < layer.energy_pj.size(); ++c) {
    cells.push_back({fmt::format("{}_energy_pj", energy_component_names[c]), number(layer.energy_pj[c])});
  }
  cells.push_back({"total_energy_pj", number(layer.energy_total_pj)});
  cells.push_back({"paper_energy_pj", number(layer.paper_energy_pj)});
  return cells;
}

}  // namespace

std::string layers_csv(const RunResult& result) {
  std::string titles;
  std::string rows;
  for (const LayerResult& layer : result.layers) {
    const std::vector<Cell> cells = cells_of(layer, result);
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const char end = c + 1 < cells.size() ? ',' : '\n';
      if (&layer == &result.layers.front()) titles += cells[c].column + end;
      rows += cells[c].text + end;
    }
  }
  return titles + rows;
}

}  // namespace cimcycle
