// SPDX-License-Identifier: Apache-2.0
// From options and trace to areas, latencies and energies.
#include "neurosim/composer.h"

#include <algorithm>
#include <cmath>

#include "circuits/cell_model.h"
#include "circuits/tech_node.h"
#include "neurosim/floorplan.h"
#include "neurosim/hierarchy.h"
#include "neurosim/layer_cost.h"

namespace cimcycle {

namespace {

using namespace neurosim;
using D = NeurosimDeviations;

constexpr double um2_per_m2 = 1e12, ns_per_s = 1e9, pj_per_j = 1e12, uw_per_w = 1e6;

NeurosimGroup group(const Tally::Entry& entry, double tick_s) {
  return {.latency_ns = entry.latency * tick_s * ns_per_s, .energy_pj = entry.energy_j * pj_per_j};
}

NeurosimGroups groups(const Tally& tally, double tick_s) {
  return {.adc = group(tally.adc, tick_s),
          .accumulation = group(tally.accumulation, tick_s),
          .other = group(tally.other, tick_s),
          .buffer = group(tally.buffer, tick_s),
          .interconnect = group(tally.interconnect, tick_s)};
}

/// Energies add up; latencies too, or in a pipeline the longest counts.
void add(NeurosimGroup& sum, const NeurosimGroup& part, bool pipeline) {
  sum.latency_ns = pipeline ? std::max(sum.latency_ns, part.latency_ns) : sum.latency_ns + part.latency_ns;
  sum.energy_pj += part.energy_pj;
}

void add(NeurosimGroups& sum, const NeurosimGroups& part, bool pipeline) {
  add(sum.adc, part.adc, pipeline);
  add(sum.accumulation, part.accumulation, pipeline);
  add(sum.other, part.other, pipeline);
  add(sum.buffer, part.buffer, pipeline);
  add(sum.interconnect, part.interconnect, pipeline);
}

NeurosimFloorplan describe(const Floorplan& plan) {
  NeurosimFloorplan result = {.novel_tile_pes = plan.novel_pes,
                              .novel_pe_cells = plan.novel_pe,
                              .conventional_tile_cells = plan.conventional_tile,
                              .conventional_pe_cells = plan.conventional_pe,
                              .tiles = plan.tiles(),
                              .grid_rows = plan.grid_rows,
                              .grid_cols = plan.grid_cols,
                              .global_bus_bits = static_cast<int>(plan.global_bus_bits),
                              .utilization = plan.utilization,
                              .layers = {}};
  for (const LayerPlan& layer : plan.layers) {
    result.layers.push_back({.novel = layer.novel,
                             .tiles = layer.tiles(),
                             .speed_up = layer.speed_up(),
                             .utilization = plan.layer_utilization(layer)});
  }
  return result;
}

/// Multiplications and additions of the network.
double operations(const Setup& setup, const Floorplan& plan, const NeurosimTrace& trace) {
  double sum = 0;
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    const NeurosimLayer& layer = trace.layers[i];
    const double vectors = setup.deviates(&D::input_size_operations)
                               ? static_cast<double>(layer.input_height) * layer.input_width
                               : static_cast<double>(plan.layers[i].vectors);
    sum += 2 * vectors * static_cast<double>(layer.rows()) * layer.filters;
  }
  return sum;
}

/// The clock period: the longest sense phase, but not shorter than the initial clock's.
double clock(const Setup& setup, const Floorplan& plan, const NeurosimTrace& trace, PlaneSumCache& sums) {
  const double shortest_s = 1 / setup.initial_clock_hz();
  double flash_s = setup.sar ? 0 : sums.fit().time_s;
  if (sums.fit().time) {
    // The sense time depends on the columns: all of them must be seen first.
    const Ticks ticks(setup, shortest_s);
    const Hierarchy h = make_hierarchy(setup, ticks, plan, trace);
    LayerCosts costs(setup, ticks, plan, h, trace, sums);
    for (std::size_t i = 0; i < trace.layers.size(); ++i) costs.cost(i);
    flash_s = sums.longest_sense_s();
  }
  return std::max(make_crossbar(setup).sense_s(flash_s, setup.calibration.beta), shortest_s);
}

AreaParts chip_area(const Floorplan& plan, const Hierarchy& h) {
  AreaParts area = h.chip.area;
  area += plan.novel_tiles * h.novel.area;
  area += plan.conventional_tiles * h.conventional.area;
  return area;
}

}  // namespace

NeurosimResult compose(const Hardware& hardware, const TechNode& node, const CellModel& cell,
                       const NeurosimTrace& trace) {
  check_trace(trace);
  const Setup setup = make_setup(hardware, node, cell, trace);
  const NeurosimSpec& spec = setup.spec;
  const Floorplan plan = neurosim::plan(setup, trace);
  PlaneSumCache sums(setup, trace);
  const double clock_s = clock(setup, plan, trace, sums);
  const Ticks ticks(setup, clock_s);
  const Hierarchy h = make_hierarchy(setup, ticks, plan, trace);
  LayerCosts costs(setup, ticks, plan, h, trace, sums);
  if (spec.synchronous) costs.clock_pass();

  NeurosimResult result;
  result.version = spec.version;
  result.floorplan = describe(plan);
  const double tick_s = spec.synchronous ? clock_s : 1;
  const double energy_scale = setup.deviates(&D::zeta_in_efficiency_only) ? 1 : setup.zeta;
  std::vector<double> tile_leakage_w;
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    LayerCost cost = costs.cost(i);
    cost.tally.scale_energy(energy_scale);
    tile_leakage_w.push_back(cost.tile_leakage_w);
    NeurosimLayerResult layer;
    layer.name = trace.layers[i].name;
    layer.groups = groups(cost.tally, tick_s);
    layer.latency_ns = cost.tally.latency() * tick_s * ns_per_s;
    layer.dynamic_energy_pj = cost.tally.energy_j() * pj_per_j;
    layer.leakage_power_uw = plan.layers[i].tiles() * cost.tile_leakage_w * uw_per_w;
    result.layers.push_back(layer);
  }
  NeurosimChipResult& chip = result.chip;
  for (const NeurosimLayerResult& layer : result.layers) {
    add(chip.groups, layer.groups, spec.pipeline);
    chip.latency_ns = spec.pipeline ? std::max(chip.latency_ns, layer.latency_ns) : chip.latency_ns + layer.latency_ns;
    chip.dynamic_energy_pj += layer.dynamic_energy_pj;
    chip.leakage_power_uw += layer.leakage_power_uw;
  }
  if (!setup.deviates(&D::no_peripheral_leakage)) chip.leakage_power_uw += h.chip.peripheral_leakage_w * uw_per_w;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    NeurosimLayerResult& layer = result.layers[i];
    const double idle_tiles = plan.tiles() - plan.layers[i].tiles();
    double power_uw = setup.deviates(&D::leakage_of_running_type) ? idle_tiles * tile_leakage_w[i] * uw_per_w
                                                                  : chip.leakage_power_uw - layer.leakage_power_uw;
    double seconds_ns = layer.latency_ns;
    if (spec.pipeline) {
      // A layer leaks while it waits for the slowest one.
      power_uw = layer.leakage_power_uw;
      seconds_ns = chip.latency_ns - layer.latency_ns;
    }
    if (!setup.deviates(&D::idle_leakage_only)) {
      power_uw = spec.pipeline ? layer.leakage_power_uw : power_uw + layer.leakage_power_uw;
      seconds_ns = spec.pipeline ? chip.latency_ns : layer.latency_ns;
    }
    layer.leakage_energy_pj = power_uw * seconds_ns * 1e-3;  // uW x ns = fJ
    chip.leakage_energy_pj += layer.leakage_energy_pj;
  }
  const AreaParts area = chip_area(plan, h);
  chip.area_um2 = area.total() * um2_per_m2;
  chip.area_parts_um2 = {.array = area.array * um2_per_m2,
                         .ic = area.ic * um2_per_m2,
                         .adc = area.adc * um2_per_m2,
                         .accumulation = area.accumulation * um2_per_m2,
                         .other = area.other * um2_per_m2};
  if (spec.synchronous) chip.clock_ns = clock_s * ns_per_s;
  chip.tops_per_watt =
      operations(setup, plan, trace) / (chip.dynamic_energy_pj + chip.leakage_energy_pj) / setup.zeta * energy_scale;
  return result;
}

NeurosimResult compose(const Hardware& hardware, const NeurosimTrace& trace) {
  return compose(hardware, load_tech_node(hardware.tech.node), load_cell_model(hardware.cell.model), trace);
}

}  // namespace cimcycle
