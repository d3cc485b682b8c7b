// SPDX-License-Identifier: Apache-2.0
#include "compare/simulated.h"

#include <array>
#include <string_view>

namespace cimcycle {
namespace {

enum class Group { adc, accumulation, buffer, interconnect, rest };

struct ActionGroup {
  Action action;
  Group group;
};

/// Where NeuroSim counts what an action stands for. In the order of Action.
constexpr std::array<ActionGroup, action_kinds> action_groups = {{
    {Action::wordline_activation, Group::rest},  // switch matrix and decoder
    {Action::wordline_row, Group::adc},          // charging of the array
    {Action::bitline_column, Group::adc},
    {Action::array_level, Group::adc},  // part of the sense amplifier's fit
    {Action::array_row, Group::adc},
    {Action::conversion, Group::adc},
    {Action::offset_digit, Group::accumulation},
    {Action::shift_add, Group::accumulation},
    {Action::accumulation, Group::accumulation},
    {Action::gate_comparison, Group::accumulation},
    {Action::gate_decision, Group::accumulation},
    {Action::mask_transfer_bit, Group::accumulation},
    {Action::index_bit, Group::accumulation},
    {Action::input_sum, Group::accumulation},
    {Action::input_register_bit, Group::buffer},
    {Action::tile_buffer_write_bit, Group::buffer},
    {Action::tile_buffer_read_bit, Group::buffer},
    {Action::global_buffer_write_bit, Group::buffer},
    {Action::global_buffer_read_bit, Group::buffer},
    {Action::link_bit, Group::interconnect},
    {Action::adder_tree_addition, Group::accumulation},
    {Action::requantization, Group::rest},
    {Action::residual_addition, Group::rest},
    {Action::pool_operation, Group::rest},
}};
static_assert([] {
  for (std::size_t i = 0; i < action_kinds; ++i) {
    if (action_groups[i].action != static_cast<Action>(i)) return false;
  }
  return true;
}());

/// The same for areas.
double& area_part(NeurosimAreaParts& parts, std::string_view component) {
  if (component == "cells") return parts.array;
  if (component == "h-tree") return parts.ic;
  if (component == "adc" || component == "encoders") return parts.adc;
  constexpr std::array<std::string_view, 7> accumulation = {
      "shift-adders", "partial-sum registers", "offset trees", "accumulator banks",
      "gate units",   "index memories",        "adder trees"};
  for (const std::string_view name : accumulation) {
    if (component == name) return parts.accumulation;
  }
  return parts.other;
}

void add(NeurosimGroup& sum, const NeurosimGroup& part) {
  sum.latency_ns += part.latency_ns;
  sum.energy_pj += part.energy_pj;
}

void add(NeurosimGroups& sum, const NeurosimGroups& part) {
  add(sum.adc, part.adc);
  add(sum.accumulation, part.accumulation);
  add(sum.other, part.other);
  add(sum.buffer, part.buffer);
  add(sum.interconnect, part.interconnect);
}

void add_energies(NeurosimGroups& groups, const ActionCounts& counts, const ActionEnergies& factors) {
  for (std::size_t action = 0; action < action_kinds; ++action) {
    const double energy_pj = static_cast<double>(counts[action]) * factors[action];
    switch (action_groups[action].group) {
      case Group::adc:
        groups.adc.energy_pj += energy_pj;
        continue;
      case Group::accumulation:
        groups.accumulation.energy_pj += energy_pj;
        continue;
      case Group::buffer:
        groups.buffer.energy_pj += energy_pj;
        break;
      case Group::interconnect:
        groups.interconnect.energy_pj += energy_pj;
        break;
      case Group::rest:
        break;
    }
    groups.other.energy_pj += energy_pj;
  }
}

/// Splits a layer's time by what its crossbars do, as a mean over them: they read and convert, or they wait.
void add_latencies(NeurosimGroups& groups, const LayerResult& layer, double clock_ns) {
  const CycleCounts& cycles = layer.time.crossbars;
  const double per_crossbar = clock_ns / layer.crossbars;
  const auto time = [&](Cycle count) { return static_cast<double>(count) * per_crossbar; };
  groups.adc.latency_ns += time(cycles.busy + cycles.stall(Stall::adc));
  groups.accumulation.latency_ns += time(cycles.stall(Stall::gate) + cycles.stall(Stall::accumulator));
  const double buffer_ns = time(cycles.stall(Stall::input) + cycles.stall(Stall::buffer));
  const double link_ns = time(cycles.stall(Stall::link));
  groups.buffer.latency_ns += buffer_ns;
  groups.interconnect.latency_ns += link_ns;
  groups.other.latency_ns += buffer_ns + link_ns + time(cycles.idle);
}

}  // namespace

NeurosimResult simulated_groups(const RunResult& run, const Network& network) {
  NeurosimResult result;
  const double clock_ns = run.chip.clock_period_ns;
  constexpr auto leakage = static_cast<std::size_t>(EnergyComponent::leakage);
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    const LayerResult& row = run.layers[i];
    if (network.layers[i].has_weights() || result.layers.empty()) result.layers.emplace_back().name = row.name;
    NeurosimLayerResult& layer = result.layers.back();
    layer.latency_ns += row.latency_ns;
    layer.leakage_energy_pj += row.energy_pj[leakage];
    add_energies(layer.groups, row.counts.actions, run.chip.energy_pj);
    if (row.crossbars > 0) {
      add_latencies(layer.groups, row, clock_ns);
    } else {
      layer.groups.other.latency_ns += row.latency_ns;
    }
  }
  NeurosimChipResult& chip = result.chip;
  for (NeurosimLayerResult& layer : result.layers) {
    layer.dynamic_energy_pj =
        layer.groups.adc.energy_pj + layer.groups.accumulation.energy_pj + layer.groups.other.energy_pj;
    layer.leakage_power_uw = run.chip.leakage_uw();
    chip.latency_ns += layer.latency_ns;
    chip.dynamic_energy_pj += layer.dynamic_energy_pj;
    chip.leakage_energy_pj += layer.leakage_energy_pj;
    add(chip.groups, layer.groups);
  }
  for (const ComponentBudget& row : run.chip.budget) {
    area_part(chip.area_parts_um2, row.name) += static_cast<double>(row.count) * row.area_um2;
  }
  chip.area_um2 = run.chip.area_um2();
  chip.clock_ns = clock_ns;
  chip.leakage_power_uw = run.chip.leakage_uw();
  chip.tops_per_watt = run.tops_per_watt;
  return result;
}

}  // namespace cimcycle
