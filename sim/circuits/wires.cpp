// SPDX-License-Identifier: Apache-2.0
// Repeater sizing, wire classes and tree geometry: DNN+NeuroSim V1.3.
#include "circuits/wires.h"

#include <algorithm>
#include <cmath>

#include "circuits/array.h"

namespace cimcycle {

namespace {

/// Resistance of an H-tree segment by its length.
double segment_ohm_per_m(const TechNode& node, double length_m) {
  const WireSpec& wire = node.wire;
  const bool is_long = length_m >= node.features(wire.long_segment_features);
  const double width = wire.width_m * (is_long ? wire.long_tree_width_factor : wire.tree_width_factor);
  const double resistivity =
      width >= wire.wide_tree_from_m ? wire.wide_tree_resistivity_ohm_m : wire.tree_resistivity_ohm_m;
  return resistivity / (width * width * wire.tree_aspect_ratio);
}

}  // namespace

double v14_wire_ohm_per_m(const TechNode& node, double length_m) {
  const NeurosimV14Spec& spec = *node.neurosim_v14;
  const auto ohm = [](double resistivity, double width, double aspect) {
    return resistivity / (width * width * aspect);
  };
  if (length_m < node.features(spec.middle_wire_features)) return wire_resistance_per_m(node);
  if (length_m < node.features(spec.long_wire_features)) {
    return ohm(spec.middle_resistivity_ohm_m, spec.middle_width_m, spec.middle_aspect_ratio);
  }
  return ohm(spec.long_resistivity_ohm_m, spec.long_width_m, spec.long_aspect_ratio);
}

double repeated_wire_delay_per_m(const TechNode& node, const RepeatedWire& wire, double wire_ohm_per_m) {
  const double drive_ohm = wire.rules.drive_share * (wire.repeater.resistance_n + wire.repeater.resistance_p);
  const double span = wire.spacing_m;
  const double span_f = node.wire.capacitance_f_per_m * span;
  const double span_ohm = wire_ohm_per_m * span;
  return 0.7 *
         (drive_ohm * (wire.repeater.swing_f() + span_f) + wire.rules.wire_share * span_ohm * span_f +
          span_ohm * wire.repeater.input_f) /
         span;
}

RepeatedWire make_repeated_wire(const TechNode& node, double delay_tolerance, RelaxRule rule,
                                const RepeaterRules& rules) {
  const LogicGate minimum = sized_inverter(node, 1);
  const double drive_ohm = rules.drive_share * (minimum.resistance_n + minimum.resistance_p);
  const double wire_ohm = wire_resistance_per_m(node);
  const double wire_f = node.wire.capacitance_f_per_m;

  RepeatedWire wire;
  wire.rules = rules;
  wire.repeater_size = std::max(1.0, std::floor(std::sqrt(drive_ohm * wire_f / (minimum.input_f * wire_ohm))));
  wire.spacing_m = std::sqrt(2 * drive_ohm * minimum.swing_f() / (wire_ohm * wire_f));
  wire.repeater = sized_inverter(node, wire.repeater_size);
  const double slowest = (1 + delay_tolerance) * repeated_wire_delay_per_m(node, wire, wire_ohm);
  while (delay_tolerance > 0 && wire.repeater_size >= 2 && repeated_wire_delay_per_m(node, wire, wire_ohm) < slowest) {
    const RepeatedWire faster = wire;
    wire.repeater_size = std::floor(wire.repeater_size / 2);
    wire.spacing_m *= 0.9;
    wire.repeater = sized_inverter(node, wire.repeater_size);
    if (rule == RelaxRule::within_tolerance && repeated_wire_delay_per_m(node, wire, wire_ohm) > slowest) {
      wire = faster;
      break;
    }
  }
  const double supply = node.transistor.supply_v;
  wire.energy_bit_per_m =
      rules.switched_share * supply * supply * (wire.repeater.swing_f() + wire_f * wire.spacing_m) / wire.spacing_m;
  return wire;
}

int HTreeShape::levels() const {
  int levels = 0;
  while ((1 << levels) < std::max(rows, cols)) ++levels;
  return levels;
}

double HTreeShape::path_m() const {
  return (unit_height_m + unit_width_m) * (std::ldexp(1.0, levels()) - 1) / 2 + trunk_units * unit_width_m;
}

double HTreeShape::wire_m() const {
  double length = trunk_units * unit_width_m;
  for (int level = 1; level < levels(); ++level) {
    length += (unit_height_m + unit_width_m) * std::ldexp(1.0, levels() - 1 - level);
  }
  return length;
}

double h_tree_area(const RepeatedWire& wire, const HTreeShape& shape) {
  const double strip_v = shape.bus_bits * wire.repeater.width_m / shape.fold;
  const double strip_h = shape.bus_bits * wire.repeater.height_m / shape.fold;
  const double half_grid = std::ldexp(1.0, shape.levels()) / 2;
  double area = strip_h * shape.trunk_units * shape.unit_width_m;
  for (int level = 1; level < shape.levels(); ++level) {
    const double length = half_grid / std::ldexp(1.0, level);
    area += level * (strip_v * shape.unit_height_m + strip_h * shape.unit_width_m) * length / 2;
  }
  return area;
}

double h_tree_leakage(const RepeatedWire& wire, const HTreeShape& shape) {
  return wire.repeater.leakage_w / wire.spacing_m * shape.wire_m() * shape.bus_bits;
}

double h_tree_delay(const TechNode& node, const RepeatedWire& wire, const HTreeShape& shape, double segment_scale,
                    TreeWires wires) {
  const auto delay = [&](double length, double class_length) {
    const double ohm_per_m = wires == TreeWires::by_length ? segment_ohm_per_m(node, class_length)
                             : wires == TreeWires::v14     ? v14_wire_ohm_per_m(node, class_length)
                                                           : wire_resistance_per_m(node);
    return length * repeated_wire_delay_per_m(node, wire, ohm_per_m);
  };
  double seconds = 0;
  double last_segment = shape.unit_width_m;
  for (int level = 1; level <= shape.levels(); ++level) {
    const double reach = segment_scale / 2 * std::ldexp(1.0, shape.levels() - level);
    seconds += delay(shape.unit_height_m * reach, shape.unit_height_m * reach);
    last_segment = shape.unit_width_m * reach;
    seconds += delay(last_segment, last_segment);
  }
  const double trunk = shape.trunk_units * shape.unit_width_m;
  return seconds + delay(trunk, last_segment);
}

}  // namespace cimcycle
