// SPDX-License-Identifier: Apache-2.0
#include "report/energy_table.h"

#include <fmt/format.h>

#include "base/text.h"
#include "replay/energy_table_file.h"
#include "report/units.h"

namespace cimcycle {
namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

constexpr double pj_per_nj = 1e3;

std::string layers_text(const EnergyTable& table, const TextStyle& style) {
  std::vector<TextTable::Column> columns = {{"nJ per image", Align::left}, {"bits"}};
  for (int bits = 1; bits <= most_weight_bits; ++bits) columns.push_back({fmt::format("E({})", bits)});
  columns.push_back({"share of E(8)"});
  TextTable text(columns);
  const double all_pj = table.total_pj(most_weight_bits);
  for (const LayerEnergies& layer : table.layers) {
    std::vector<std::string> row = {shortened(printable(layer.name), 24), fmt::format("{}", layer.weight_bits)};
    for (int bits = 1; bits <= most_weight_bits; ++bits) {
      row.push_back(fmt::format("{:.1f}", layer.energy_pj[static_cast<std::size_t>(bits)] / pj_per_nj));
    }
    row.push_back(percent(layer.energy_pj.back() / all_pj));
    text.add_row(std::move(row));
  }
  text.add_rule();
  std::vector<std::string> sums = {"all, and other layers", ""}, ratios = {"E(8) / E(b)", ""};
  for (int bits = 1; bits <= most_weight_bits; ++bits) {
    sums.push_back(fmt::format("{:.1f}", table.total_pj(bits) / pj_per_nj));
    ratios.push_back(fmt::format("{:.2f}x", all_pj / table.total_pj(bits)));
  }
  sums.push_back("100%");
  ratios.push_back("");
  text.add_row(std::move(sums), Emphasis::bold);
  text.add_row(std::move(ratios));
  return text.text(style);
}

std::string gain_text(const PairGain& gain) {
  if (!gain.largest_gain) return fmt::format("{:.2f}x up", gain.least_gain);
  return fmt::format("{:.2f}x .. {:.2f}x", gain.least_gain, *gain.largest_gain);
}

std::string pairs_text(const EnergyTable& table, const TextStyle& style) {
  std::vector<TextTable::Column> columns = {{"hb,lb", Align::left}};
  for (const std::string_view layers : {"inner layers", "all layers"}) {
    columns.push_back({fmt::format("{}: gain", layers)});
    for (const double wanted : wanted_gains) columns.push_back({fmt::format("{:.1f}x at", wanted)});
  }
  TextTable text(columns);
  const std::vector<PairGain> inner = pair_gains(table, true), all = pair_gains(table, false);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    std::vector<std::string> row = {fmt::format("{},{}", inner[i].hb, inner[i].lb)};
    for (const PairGain& gain : {inner[i], all[i]}) {
      row.push_back(gain_text(gain));
      for (const auto& sparsity : gain.sparsity) row.push_back(sparsity ? percent(*sparsity) : "-");
    }
    text.add_row(std::move(row));
  }
  return text.text(style);
}

Json gains_json(const EnergyTable& table, bool keep_ends) {
  Json rows = Json::array();
  for (const PairGain& gain : pair_gains(table, keep_ends)) {
    Json sparsity = Json::array();
    for (std::size_t w = 0; w < wanted_gains.size(); ++w) {
      sparsity.push_back(
          {{"gain", wanted_gains[w]}, {"sparsity", gain.sparsity[w] ? Json(*gain.sparsity[w]) : Json(nullptr)}});
    }
    rows.push_back({{"hb", gain.hb},
                    {"lb", gain.lb},
                    {"least_gain", gain.least_gain},
                    {"largest_gain", gain.largest_gain ? Json(*gain.largest_gain) : Json(nullptr)},
                    {"sparsity_needed", sparsity}});
  }
  return rows;
}

}  // namespace

std::string energy_table_text(const EnergyTable& table, const TextStyle& style) {
  return fmt::format(
      "{} on {}: dynamic energy of static layers of 1 to 8 bits, {}, {} images of {} ({})\n\n{}\n"
      "Against static 8 bits, E = sum of E_l + (E_h - E_l)(1 - sparsity): gain with all gates open .. all closed, and "
      "the\nsparsity that a gain needs. Inner layers: the first and the last layer keep 8 bits.\n\n{}",
      printable(table.network_name), printable(table.hardware_name), table.source, with_commas(table.images),
      printable(table.dataset_name), table.dataset_split, layers_text(table, style), pairs_text(table, style));
}

Json energy_table_json(const EnergyTable& table, std::string_view version) {
  Json layers = Json::array();
  for (const LayerEnergies& layer : table.layers) {
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"weight_bits", layer.weight_bits},
                      {"macs", layer.macs},
                      {"energy_pj", layer.energy_pj}});
  }
  Json totals = Json::array();
  for (int bits = 0; bits <= most_weight_bits; ++bits) totals.push_back(table.total_pj(bits));
  return {
      {"format", energy_table_formats.front()},
      {"version", version},
      {"source", table.source},
      {"network", {{"name", table.network_name}, {"hash", table.network_hash}}},
      {"hardware", {{"name", table.hardware_name}, {"hash", table.hardware_hash}}},
      {"dataset", {{"name", table.dataset_name}, {"split", table.dataset_split}, {"images", table.images}}},
      {"layers", layers},
      {"other_pj", table.other_pj},
      {"total_pj", totals},
      {"pairs", {{"inner_layers", gains_json(table, true)}, {"all_layers", gains_json(table, false)}}},
  };
}

}  // namespace cimcycle
