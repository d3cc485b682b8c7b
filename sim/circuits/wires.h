// SPDX-License-Identifier: Apache-2.0
// Long wires with repeaters, and H-trees of them. Model: docs/models/circuits.md, "Wires".
#pragma once

#include "circuits/gates.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// Constants of the repeater model: share of (RN + RP) that drives, of the wire's own RC, of the supply's CV2 per bit.
struct RepeaterRules {
  double drive_share = 1;
  double wire_share = 0.5;
  double switched_share = 0.25;
};

/// A wire cut by repeaters. `delay_tolerance` 0: repeaters of the fastest wire; above: repeaters are halved in size
/// until the wire is slower than (1 + tolerance) times that.
struct RepeatedWire {
  double repeater_size = 0;  ///< in minimum inverters
  double spacing_m = 0;
  LogicGate repeater;
  double energy_bit_per_m = 0;  ///< J per bit and m, a quarter of the bits switch
  RepeaterRules rules;
};
/// Which size halving repeaters ends with: the first that is slower than the tolerance, or the last that is not.
enum class RelaxRule { past_tolerance, within_tolerance };
RepeatedWire make_repeated_wire(const TechNode& node, double delay_tolerance,
                                RelaxRule rule = RelaxRule::past_tolerance, const RepeaterRules& rules = {});

/// Delay of such a wire with `wire_ohm_per_m`, s/m.
double repeated_wire_delay_per_m(const TechNode& node, const RepeatedWire& wire, double wire_ohm_per_m);
/// Resistance per m of a wire of DNN+NeuroSim V1.4 by its length; the node must have neurosim_v14.
double v14_wire_ohm_per_m(const TechNode& node, double length_m);

/// A tree from one root to rows x cols end points of equal size.
struct HTreeShape {
  int rows = 1;
  int cols = 1;
  double unit_height_m = 0;  ///< of an end point
  double unit_width_m = 0;
  double trunk_units = 0;  ///< length of the bus between the root and the edge, in unit widths
  double bus_bits = 0;
  double fold = 1;  ///< layers of repeaters that share one footprint

  int levels() const;
  /// Root to an end point, trunk included, m.
  double path_m() const;
  /// All wires of one bit, m.
  double wire_m() const;
};

double h_tree_area(const RepeatedWire& wire, const HTreeShape& shape);
double h_tree_leakage(const RepeatedWire& wire, const HTreeShape& shape);
/// Delay from the edge to an end point. `segment_scale` 1: over path_m(); 2: segments of the tree taken twice as long,
/// as DNN+NeuroSim does.
/// `ordinary`: wires of the width that repeaters are spaced for.
/// `v14`: three classes by length.
enum class TreeWires { by_length, ordinary, v14 };
double h_tree_delay(const TechNode& node, const RepeatedWire& wire, const HTreeShape& shape, double segment_scale = 1,
                    TreeWires wires = TreeWires::by_length);

}  // namespace cimcycle
