// SPDX-License-Identifier: Apache-2.0
// What `cimcycle describe` shows as text and as JSON.
#include "report/describe.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "report/units.h"

namespace cimcycle {
namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

std::string bytes_text(std::int64_t bits) {
  const double bytes = static_cast<double>(bits) / 8;
  return bytes < 1024 * 1024 ? fmt::format("{:.1f} KiB", bytes / 1024)
                             : fmt::format("{:.1f} MiB", bytes / (1024 * 1024));
}

std::string heading(std::string_view text, const TextStyle& style) {
  return fmt::format("\n{}\n", emphasized(std::string(text), Emphasis::bold, style));
}

std::string chip_lines(const Hardware& hardware, const ChipSize& size, const ChipModel& chip, const TextStyle& style) {
  std::string text = emphasized(printable(hardware.name), Emphasis::bold, style) + "\n";
  text += fmt::format("size     {} tiles, {} crossbars of {} x {} cells, OU {} x {}, {} bit per cell\n",
                      with_commas(size.tiles), with_commas(size.crossbars), hardware.crossbar.rows,
                      hardware.crossbar.cols, hardware.ou.rows, hardware.ou.cols, hardware.cell.bits);
  text += fmt::format("adc      {} of {} bit per crossbar ({}, {})\n", hardware.adc.per_crossbar, hardware.adc.bits,
                      adc_type_words[static_cast<std::size_t>(hardware.adc.type)],
                      adc_transfer_words[static_cast<std::size_t>(hardware.adc.transfer)]);
  text += fmt::format(
      "clock    {:.4g} ns ({:.4g} MHz); cycles: conversion {}, adder tree level {}, vector unit {}, link {}\n",
      chip.clock_period_ns, 1e3 / chip.clock_period_ns, chip.adc_cycles, chip.adder_tree_level_cycles,
      chip.vector_cycles, chip.link_cycles);
  text += fmt::format("area     {}, a square of {:.3f} mm\n", with_unit(chip.area_um2(), area_units),
                      std::sqrt(chip.area_um2()) / 1e3);
  text += fmt::format("leakage  {}\n", with_unit(chip.leakage_uw(), power_units));
  return text;
}

std::string area_table(const ChipModel& chip, const TextStyle& style) {
  TextTable table(
      {{"component", Align::left}, {"count"}, {"um2 each"}, {"area"}, {"share"}, {"leakage"}, {"", Align::left}});
  const double total = chip.area_um2();
  double largest = 0;
  for (const ComponentBudget& row : chip.budget)
    largest = std::max(largest, static_cast<double>(row.count) * row.area_um2);
  for (const ComponentBudget& row : chip.budget) {
    const double area = static_cast<double>(row.count) * row.area_um2;
    table.add_row({row.name, with_commas(row.count), fmt::format("{:.4g}", row.area_um2), with_unit(area, area_units),
                   percent(total > 0 ? area / total : 0),
                   with_unit(static_cast<double>(row.count) * row.leakage_uw, power_units),
                   bar(largest > 0 ? area / largest : 0, 12, style)});
  }
  table.add_rule();
  table.add_row({"chip", "", "", with_unit(total, area_units), "100%", with_unit(chip.leakage_uw(), power_units), ""},
                Emphasis::bold);
  return table.text(style);
}

std::string energy_table(const ChipModel& chip, const TextStyle& style) {
  TextTable table({{"action", Align::left}, {"energy"}, {"component", Align::left}, {"one action is", Align::left}});
  for (std::size_t a = 0; a < action_rows.size(); ++a) {
    const ActionRow& row = action_rows[a];
    table.add_row({std::string(row.name), with_unit(chip.energy_pj[a], energy_units, 4),
                   std::string(energy_component_names[static_cast<std::size_t>(row.component)]),
                   shortened(row.meaning, 64)});
  }
  return table.text(style);
}

std::string floorplan_table(const Placement& placement, const Estimate& work, const TextStyle& style) {
  TextTable table({{"layer", Align::left},
                   {"hb,lb", Align::left},
                   {"row groups"},
                   {"blocks"},
                   {"crossbars", Align::left},
                   {"tiles", Align::left},
                   {"cells used"},
                   {"OU reads"},
                   {"cycles"}});
  for (std::size_t l = 0; l < placement.mapping.layers.size(); ++l) {
    const LayerMapping& layer = placement.mapping.layers[l];
    const Layer& source = placement.network.layers[static_cast<std::size_t>(layer.layer)];
    std::string grid = fmt::format("{} x {}", layer.row_crossbars, layer.column_crossbars);
    if (layer.separate_lsb()) grid += fmt::format(" + {} x {}", layer.row_crossbars, layer.lsb_column_crossbars);
    const std::string tiles = layer.tiles == 1
                                  ? fmt::format("{}", layer.first_tile)
                                  : fmt::format("{}-{}", layer.first_tile, layer.first_tile + layer.tiles - 1);
    table.add_row({shortened(printable(source.name), 20), fmt::format("{},{}", source.dec3.hb, source.dec3.lb),
                   with_commas(static_cast<std::int64_t>(layer.groups.size())),
                   with_commas(static_cast<std::int64_t>(layer.blocks.size())), grid, tiles,
                   percent(layer.cell_utilization), with_commas(work.layers[l].ou_reads),
                   with_commas(work.layers[l].cycles)});
  }
  return table.text(style);
}

std::string estimate_lines(const Hardware& hardware, const ChipSize& size, const ChipModel& chip,
                           const Estimate& work) {
  std::string text =
      fmt::format("on the chip   weights {} in cells; activations up to {} at a time, global buffer {}\n",
                  bytes_text(work.weight_bits), bytes_text(work.activation_bits),
                  bytes_text(hardware.chip.global_buffer_bits.value_or(size.activation_bits)));
  text += fmt::format("time          about {} per image ({} cycles) with every read issued, transfers left out\n",
                      with_unit(static_cast<double>(work.cycles) * chip.clock_period_ns, time_units),
                      with_commas(work.cycles));
  text += fmt::format("to simulate   {} OU reads and {} conversions per image; about {} of memory\n",
                      with_commas(work.ou_reads), with_commas(work.conversions), bytes_text(8 * work.host_bytes));
  return text;
}

Json placement_json(const Placement& placement, const Estimate& work) {
  Json layers = Json::array();
  for (std::size_t l = 0; l < placement.mapping.layers.size(); ++l) {
    const LayerMapping& layer = placement.mapping.layers[l];
    const Layer& source = placement.network.layers[static_cast<std::size_t>(layer.layer)];
    layers.push_back({{"name", source.name},
                      {"hb", source.dec3.hb},
                      {"lb", source.dec3.lb},
                      {"row_groups", layer.groups.size()},
                      {"output_blocks", layer.blocks.size()},
                      {"row_crossbars", layer.row_crossbars},
                      {"column_crossbars", layer.column_crossbars},
                      {"lsb_column_crossbars", layer.lsb_column_crossbars},
                      {"first_tile", layer.first_tile},
                      {"tiles", layer.tiles},
                      {"cell_utilization", layer.cell_utilization},
                      {"ou_reads", work.layers[l].ou_reads},
                      {"conversions", work.layers[l].conversions},
                      {"cycles", work.layers[l].cycles}});
  }
  return {{"network", placement.network.name},
          {"layers", layers},
          {"ou_reads", work.ou_reads},
          {"conversions", work.conversions},
          {"cycles", work.cycles},
          {"weight_bits", work.weight_bits},
          {"activation_bits", work.activation_bits},
          {"host_bytes", work.host_bytes}};
}

}  // namespace

std::string describe_text(const Hardware& hardware, const ChipSize& size, const ChipModel& chip,
                          const Placement* placement, const TextStyle& style) {
  std::string text = chip_lines(hardware, size, chip, style);
  text += heading("Area and leakage", style) + area_table(chip, style);
  text += heading("Energy per action", style) + energy_table(chip, style);
  if (placement == nullptr) return text + "\nwith --network, also the floorplan and an estimate of memory and time\n";
  const Estimate work = estimate(placement->network, placement->mapping, hardware, chip);
  text += heading(fmt::format("Floorplan of {}", printable(placement->network.name)), style) +
          floorplan_table(*placement, work, style);
  text += heading("Memory and time, estimated", style) + estimate_lines(hardware, size, chip, work);
  return text;
}

Json describe_json(const Hardware& hardware, const ChipSize& size, const ChipModel& chip, const Placement* placement) {
  Json budget = Json::array();
  for (const ComponentBudget& row : chip.budget) {
    budget.push_back(
        {{"name", row.name}, {"count", row.count}, {"area_um2", row.area_um2}, {"leakage_uw", row.leakage_uw}});
  }
  Json actions = Json::array();
  for (std::size_t a = 0; a < action_rows.size(); ++a) {
    actions.push_back({{"action", action_rows[a].name},
                       {"component", energy_component_names[static_cast<std::size_t>(action_rows[a].component)]},
                       {"energy_pj", chip.energy_pj[a]},
                       {"meaning", action_rows[a].meaning}});
  }
  return {{"hardware", Json(to_json(hardware))},
          {"tiles", size.tiles},
          {"crossbars", size.crossbars},
          {"clock_period_ns", chip.clock_period_ns},
          {"adc_cycles", chip.adc_cycles},
          {"adder_tree_level_cycles", chip.adder_tree_level_cycles},
          {"vector_cycles", chip.vector_cycles},
          {"link_cycles", chip.link_cycles},
          {"area_um2", chip.area_um2()},
          {"leakage_power_uw", chip.leakage_uw()},
          {"components", budget},
          {"actions", actions},
          {"floorplan",
           placement == nullptr
               ? Json(nullptr)
               : placement_json(*placement, estimate(placement->network, placement->mapping, hardware, chip))}};
}

}  // namespace cimcycle
