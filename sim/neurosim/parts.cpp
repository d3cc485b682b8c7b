// SPDX-License-Identifier: Apache-2.0
// Rules: DNN+NeuroSim V1.3.
#include "neurosim/parts.h"

#include <algorithm>
#include <cmath>

#include "circuits/flip_flop.h"
#include "circuits/sram.h"

namespace cimcycle::neurosim {

namespace {

using D = NeurosimDeviations;

/// log2, rounded down, of a positive count.
int floor_log2(int value) {
  int bits = 0;
  while ((2 << bits) <= value) ++bits;
  return bits;
}

/// Unit widths between the root of a tree and its edge.
int trunk_units(int rows, int cols) {
  int along = floor_log2(std::min(rows, cols));
  if (cols - along < 1) --along;
  return std::min(cols - along, along);
}

}  // namespace

Ticks::Ticks(const Setup& setup, double clock_s)
    : synchronous_(setup.spec.synchronous),
      hertz_(setup.deviates(&D::stale_clock) && !setup.v14() ? setup.initial_clock_hz() : 1 / clock_s),
      clock_s_(clock_s) {}

double Ticks::of(double seconds) const { return synchronous_ ? std::ceil(seconds * hertz_) : seconds; }

TreeBank make_tree_bank(const Setup& setup, const Ticks& ticks, int inputs, int bits, double trees) {
  const AdderTree tree = make_adder_tree(setup.node, setup.calibration, inputs, bits);
  TreeBank bank;
  if (setup.v14()) {
    // Levels work on each other's bits as they come; the first level counts even for a single input.
    const double first = make_adder(setup.node, setup.calibration, bits).delay_s;
    const double later = make_adder(setup.node, setup.calibration, 2).delay_s;
    bank.event_latency = ticks.of(first + std::max(tree.levels - 1, 0) * later);
  }
  bank.area_m2 = trees * tree.block.area_m2;
  bank.leakage_w = trees * tree.block.leakage_w;
  bank.event_j = trees * tree.energy_j;
  if (!setup.v14()) {
    for (const double delay : tree.level_delays_s) bank.event_latency += ticks.of(delay);
  }
  return bank;
}

BufferModel make_buffer_model(const Setup& setup, BufferKind kind, double bits, int lines, int line_bits,
                              int short_line_bits) {
  BufferModel buffer;
  const double capacity = static_cast<double>(lines) * line_bits;
  double stored_bits = capacity;
  buffer.cores = std::ceil(bits / capacity);
  if (bits < capacity) {
    buffer.cores = 1;
    stored_bits = bits;
    line_bits = short_line_bits;
    lines = static_cast<int>(std::ceil(bits / line_bits));
  }
  buffer.line_bits = line_bits;
  double line_s = 0;
  if (kind == BufferKind::register_file) {
    const RegisterFile core = make_register_file(setup.node, setup.calibration, lines, line_bits);
    const FlipFlop flip_flop = make_flip_flop(setup.node, setup.flip_flops());
    buffer.core_area_m2 = stored_bits * flip_flop.block.area_m2 + core.decoder.block.area_m2;
    buffer.core_leakage_w = stored_bits * flip_flop.block.leakage_w + core.decoder.block.leakage_w;
    const bool v14 = setup.v14();
    const double clock_bit_j = (v14 ? setup.calibration.gamma : 1) * flip_flop.energy_j;
    const bool free_write = !v14 && setup.deviates(&D::free_register_writes);
    buffer.read_bit_j = clock_bit_j + core.read_select_bit_j;
    buffer.write_bit_j = core.write_select_bit_j + (free_write ? 0 : clock_bit_j);
    line_s = core.decoder.delay_s;
  } else {
    const SramCore core = make_sram_core(setup.node, setup.calibration, lines, line_bits,
                                         {.cell_height_features = setup.spec.sram_cell_height_features,
                                          .cell_width_features = setup.spec.sram_cell_width_features});
    buffer.core_area_m2 = core.block.area_m2;
    buffer.core_leakage_w = core.block.leakage_w;
    buffer.read_bit_j = core.read_bit_j + (setup.deviates(&D::free_sram_precharge) ? 0 : core.precharge_bit_j);
    buffer.write_bit_j = core.write_bit_j;
    line_s = core.delay_s;
  }
  if (!setup.spec.synchronous) buffer.line_latency = line_s + 0.5 / setup.initial_clock_hz();
  return buffer;
}

RepeatedWire make_bus_wire(const Setup& setup, double delay_tolerance) {
  const RelaxRule rule =
      setup.deviates(&D::overshooting_repeaters) ? RelaxRule::past_tolerance : RelaxRule::within_tolerance;
  if (!setup.v14()) return make_repeated_wire(setup.node, delay_tolerance, rule);
  return make_repeated_wire(setup.node, delay_tolerance, rule,
                            {.drive_share = 0.5, .wire_share = 0.54, .switched_share = 0.5});
}

WireTree make_wire_tree(const Setup& setup, const Ticks& ticks, int rows, int cols, double unit_m, double bus_bits,
                        double fold, double delay_tolerance) {
  const TechNode& node = setup.node;
  const RepeatedWire wire = make_bus_wire(setup, delay_tolerance);
  HTreeShape shape = {.rows = rows,
                      .cols = cols,
                      .unit_height_m = unit_m,
                      .unit_width_m = unit_m,
                      .trunk_units = static_cast<double>(trunk_units(rows, cols)),
                      .bus_bits = bus_bits,
                      .fold = fold};
  // V1.4 rounds the grid up to a power of two.
  if (setup.v14()) shape.trunk_units = std::ldexp(1.0, std::max(shape.levels() - 1, 0));
  WireTree tree;
  tree.bus_bits = bus_bits;
  tree.area_m2 = h_tree_area(wire, shape);
  tree.leakage_w = h_tree_leakage(wire, shape);
  const double scale = setup.deviates(&D::doubled_tree_delay) ? 2 : 1;
  const TreeWires wires = !setup.deviates(&D::wide_tree_wires) ? TreeWires::ordinary
                          : setup.v14()                        ? TreeWires::v14
                                                               : TreeWires::by_length;
  tree.event_latency = ticks.of(h_tree_delay(node, wire, shape, scale, wires));
  tree.bit_j = shape.path_m() * wire.energy_bit_per_m;
  tree.input_bit_j = tree.bit_j * (setup.v14() ? setup.spec.input_toggle : 1);
  tree.output_bit_j = tree.bit_j * (setup.v14() ? setup.spec.output_toggle : 1);
  return tree;
}

}  // namespace cimcycle::neurosim
