// SPDX-License-Identifier: Apache-2.0
#include "replay/energy_table_file.h"

#include <fmt/format.h>

#include "base/json_object.h"
#include "network/limits.h"

namespace cimcycle {
namespace {

/// Beyond what any layer of any network costs; sums of so many stay finite.
constexpr double most_pj = 1e18;

LayerEnergies read_layer(JsonObject object) {
  LayerEnergies layer;
  layer.name = object.text("name");
  const auto values = object.array("energy_pj", layer.energy_pj.size());
  if (values.size() != layer.energy_pj.size()) {
    object.fail("energy_pj", fmt::format("found {} values, expected {}: those of 0 to {} bits", values.size(),
                                         layer.energy_pj.size(), most_weight_bits));
  }
  for (std::size_t bits = 0; bits < values.size(); ++bits) {
    const double value = values[bits]->is_number() ? values[bits]->get<double>() : -1;
    if (!(value >= 0 && value <= most_pj)) {
      object.fail(fmt::format("energy_pj[{}]", bits),
                  fmt::format("found {}, expected a number from 0 to {:g}", shown_value(*values[bits]), most_pj));
    }
    layer.energy_pj[bits] = value;
  }
  for (const std::string_view key : {"kind", "weight_bits", "macs"}) object.any(key);
  object.finish();
  return layer;
}

}  // namespace

EnergyTable read_energy_table(const std::filesystem::path& path) {
  const nlohmann::json root = read_json(path);
  JsonObject object(root, path.string());
  object.word("format", energy_table_formats);
  EnergyTable table;
  table.source = energy_table_source_words[object.word("source", energy_table_source_words)];
  table.other_pj = object.number("other_pj", 0, most_pj);
  for (const nlohmann::json* layer : object.array("layers", limits::layers)) {
    table.layers.push_back(
        read_layer(JsonObject(*layer, path.string(), fmt::format("layers[{}]", table.layers.size()))));
  }
  for (const std::string_view key : {"version", "network", "hardware", "dataset", "total_pj", "pairs"}) object.any(key);
  object.finish();
  return table;
}

}  // namespace cimcycle
