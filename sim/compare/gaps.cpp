// SPDX-License-Identifier: Apache-2.0
#include "compare/gaps.h"

#include <algorithm>

#include "neurosim/composer.h"

namespace cimcycle {
namespace {

/// Deviations that get a step of their own, in this order; the others go in one step.
struct Step {
  std::string_view deviation;
  std::string_view name;
  std::string_view meaning;
};
constexpr Step steps[] = {
    {"valid_convolution", "vectors", "all recorded vectors instead of those of a convolution without padding"},
    {"stale_clock", "stale clock", "adders and trees count cycles of the chip's clock, not of the initial one"},
    {"serialized_global_buffer", "serial global buffer", "the global buffer does not wait for every tile of the chip"},
    {"fixed_costs", "fixed costs",
     "only used columns and rows are switched: multiplexer phases, shift-adds, flip-flops"},
};

/// What the simulator's circuits do as NeuroSim does (docs/models/circuits.md); it stays on.
constexpr std::string_view shared_by_circuits[] = {"wordline_at_supply", "bitline_wire_only", "mux_as_high_as_decoder",
                                                   "layout_ties", "zeta_in_efficiency_only"};

bool is_shared(std::string_view deviation, const Hardware& hardware) {
  if (deviation == "no_zero_skipping") return hardware.schedule.row_policy == RowPolicy::all;
  return std::ranges::find(shared_by_circuits, deviation) != std::end(shared_by_circuits);
}

Gap difference(std::string_view name, std::string_view meaning, const NeurosimChipResult& from,
               const NeurosimChipResult& to) {
  return {name, meaning, to.latency_ns - from.latency_ns, to.dynamic_energy_pj - from.dynamic_energy_pj};
}

/// What is left of the latency once the composer has no deviations: sums over layers.
struct LatencyTerms {
  double composed_adc = 0;     ///< reading and conversion
  double composed_unique = 0;  ///< the same on one copy of each layer
  double composed_serial = 0;  ///< everything that is added to it one after the other
  double simulated_adc = 0;
  double simulated_waits = 0;  ///< crossbars wait for accumulators, buffers, links
  double simulated_rest = 0;   ///< filling, draining and pooling
};

LatencyTerms latency_terms(const NeurosimResult& composed, const NeurosimResult& simulated) {
  LatencyTerms terms;
  const NeurosimGroups& sim = simulated.chip.groups;
  terms.composed_adc = composed.chip.groups.adc.latency_ns;
  for (std::size_t i = 0; i < composed.layers.size(); ++i) {
    const bool known = i < composed.floorplan.layers.size();
    const int copies = known ? std::max(1, composed.floorplan.layers[i].speed_up) : 1;
    terms.composed_unique += composed.layers[i].groups.adc.latency_ns * copies;
  }
  terms.composed_serial = composed.chip.latency_ns - terms.composed_adc;
  terms.simulated_adc = sim.adc.latency_ns;
  terms.simulated_waits = sim.accumulation.latency_ns + sim.buffer.latency_ns + sim.interconnect.latency_ns;
  terms.simulated_rest = simulated.chip.latency_ns - terms.simulated_adc - terms.simulated_waits;
  return terms;
}

void add_latency_gaps(std::vector<Gap>& gaps, const NeurosimResult& composed, const NeurosimResult& simulated) {
  const LatencyTerms terms = latency_terms(composed, simulated);
  const bool clocked = composed.chip.clock_ns.has_value();
  const double period_ratio = clocked ? *simulated.chip.clock_ns / *composed.chip.clock_ns : 1;
  gaps.push_back({"duplication", "the simulator keeps one copy of each layer's weights",
                  terms.composed_unique - terms.composed_adc, 0});
  gaps.push_back({"clock period", "read cycles last as long as the simulator's sense path",
                  terms.composed_unique * (period_ratio - 1), 0});
  gaps.push_back({"reads", "reads that a vector takes on the simulator's mapping",
                  terms.simulated_adc - terms.composed_unique * period_ratio, 0});
  gaps.push_back({"overlap", "accumulation, buffers and links work while crossbars read", -terms.composed_serial, 0});
  gaps.push_back({"stalls", "crossbars wait for accumulators, buffers or links", terms.simulated_waits, 0});
  gaps.push_back(
      {"fill and drain", "first input to first read, last read to last output, pooling", terms.simulated_rest, 0});
}

void add_energy_gaps(std::vector<Gap>& gaps, const NeurosimGroups& from, const NeurosimGroups& to) {
  const auto rest = [](const NeurosimGroups& groups) {
    return groups.other.energy_pj - groups.buffer.energy_pj - groups.interconnect.energy_pj;
  };
  gaps.push_back({"conversion energy", "wordline and bitline charge, cell current, converters", 0,
                  to.adc.energy_pj - from.adc.energy_pj});
  gaps.push_back({"accumulation energy", "shift-adds, accumulators, adder trees, offsets", 0,
                  to.accumulation.energy_pj - from.accumulation.energy_pj});
  gaps.push_back({"flip-flop clocking", "wordline flip-flops and decoders, activation function, pooling", 0,
                  rest(to) - rest(from)});
  gaps.push_back(
      {"buffer energy", "input registers, tile and global buffers", 0, to.buffer.energy_pj - from.buffer.energy_pj});
  gaps.push_back(
      {"interconnect energy", "trees and buses", 0, to.interconnect.energy_pj - from.interconnect.energy_pj});
}

}  // namespace

std::vector<Gap> gaps_between(const Hardware& hardware, const NeurosimTrace& trace, const NeurosimResult& composed,
                              const NeurosimResult& simulated) {
  std::vector<Gap> gaps;
  Hardware changed = hardware;
  NeurosimResult now = composed;
  for (const Step& step : steps) {
    set_neurosim_deviation(changed, step.deviation, false);
    NeurosimResult next = compose(changed, trace);
    gaps.push_back(difference(step.name, step.meaning, now.chip, next.chip));
    now = std::move(next);
  }
  for (const std::string_view name : neurosim_deviation_names()) {
    if (!is_shared(name, hardware)) set_neurosim_deviation(changed, name, false);
  }
  const NeurosimResult plain = compose(changed, trace);
  gaps.push_back(difference("other deviations",
                            "remaining switches off, but for those that the simulator's circuits share", now.chip,
                            plain.chip));
  add_latency_gaps(gaps, plain, simulated);
  add_energy_gaps(gaps, plain.chip.groups, simulated.chip.groups);
  return gaps;
}

}  // namespace cimcycle
