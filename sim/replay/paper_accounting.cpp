// SPDX-License-Identifier: Apache-2.0
#include "replay/paper_accounting.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

const LayerEnergies* row_of(const EnergyTable& table, const std::string& name) {
  const auto row = std::ranges::find(table.layers, name, &LayerEnergies::name);
  return row == table.layers.end() ? nullptr : &*row;
}

double layer_pj(const Layer& layer, const EnergyByBits& energy_pj, const std::optional<double>& masked_ratio) {
  PairEnergies pair = pair_energies(energy_pj, layer.dec3.hb, layer.dec3.lb);
  if (!masked_ratio) return pair.open_pj;
  if (layer.dec3.gate == GateKind::digits) {
    pair.closed_pj = pair.open_pj * layer.dec3.high_digit_bits / layer.input_bits;
  }
  return pair.at(*masked_ratio);
}

}  // namespace

void check_energy_table(const EnergyTable& table, const Network& network, std::string_view file) {
  for (const Layer& layer : network.layers) {
    if (layer.has_weights() && row_of(table, layer.name) == nullptr) {
      fail_input("{}: has no layer {}; make a table of a network with the same layers", printable(file),
                 printable(layer.name));
    }
  }
}

void account(RunResult& result, const Network& network, const EnergyTable& table) {
  result.paper_energy_source = table.source;
  result.paper_energy_pj = table.other_pj;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    LayerResult& row = result.layers[i];
    row.paper_energy_pj = 0;
    if (!row.has_weights) continue;
    row.paper_energy_pj = layer_pj(network.layers[i], row_of(table, row.name)->energy_pj, row.masked_ratio);
    result.paper_energy_pj += row.paper_energy_pj;
  }
}

}  // namespace cimcycle
