// SPDX-License-Identifier: Apache-2.0
// Layout and electrical values of gates.
#include "circuits/gates.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cimcycle {

namespace {

/// Relative excess by which a device may miss its share of the cell and still fit. Numerical, not physical: devices
/// widened to fill a cell would otherwise fold or not by their last bit of rounding.
constexpr double fit_tolerance = 1e-9;

/// One device of a gate: how many fingers it takes in its share of the cell's height.
struct FoldedDevice {
  int fingers = 1;
  double finger_m = 0;  ///< width of one finger; a folded device uses its whole share

  /// Drain strips between and beside the fingers.
  int strips() const { return (fingers + 2) / 2; }
  /// Side walls of one device's drain that face the field.
  int ends() const { return fingers % 2 == 1 ? 1 : 2; }
};

/// `share` is positive: regions are never lower than a standard cell, and the array checks the access transistor's.
FoldedDevice fold(double width, double share, FoldRule rule) {
  const double tolerance = rule == FoldRule::tolerant ? fit_tolerance : 0;
  if (width <= share * (1 + tolerance)) return {1, width};
  return {static_cast<int>(std::ceil(width / share * (1 - tolerance))), share};
}

/// Heights that a cell leaves to the P and to the N device.
DeviceWidths shares(const TechNode& node, const DeviceWidths& widths, double height_m) {
  const LayoutSpec& layout = node.layout;
  if (widths.p <= 0) return {.n = height_m - node.features(2 * layout.edge_features), .p = 0};
  // Subtracted one after the other, as DNN+NeuroSim does: FoldRule::by_rounding depends on it.
  const double usable =
      height_m - node.features(layout.well_gap_features) - layout.edge_features * 2 * node.feature_size_m;
  const double ratio = widths.p / (widths.p + widths.n);
  const double share_p = ratio * usable;
  return {.n = share_p / ratio * (1 - ratio), .p = share_p};
}

/// Capacitance of a drain of `strips` strips along devices of `fingers` fingers of width `finger_m`, with `ends` end
/// side walls of that width.
double drain_capacitance(const TechNode& node, double strips, double finger_m, double ends, int fingers) {
  const JunctionSpec& junction = node.junction;
  const double voltage = 1 + node.transistor.supply_v / junction.built_in_v;
  const double area_f = junction.area_f_per_m2 * std::pow(voltage, -junction.area_exponent);
  const double edge = std::pow(voltage, -junction.edge_exponent);
  const double strip_m = strips * node.features(node.layout.poly_gap_features);
  return strip_m * finger_m * area_f + (2 * strip_m + ends * finger_m) * junction.sidewall_f_per_m * edge +
         fingers * finger_m * junction.channel_f_per_m * edge;
}

/// Devices in parallel share the strips between them.
double parallel_drains(const TechNode& node, const FoldedDevice& device, int inputs, bool folded) {
  if (folded) {
    return drain_capacitance(node, inputs * device.strips(), device.finger_m, inputs * device.ends(), device.fingers);
  }
  return drain_capacitance(node, (inputs + 1) / 2, device.finger_m, inputs % 2, 1);
}

/// Devices in series: the nodes between them swing as well.
double series_drains(const TechNode& node, const FoldedDevice& device, int inputs, bool folded) {
  if (folded) {
    const int source_strips = (inputs - 1) * ((device.fingers + 1) / 2);
    const int source_ends = device.fingers % 2 == 1 ? inputs - 1 : 0;
    return drain_capacitance(node, inputs * device.strips() + source_strips, device.finger_m,
                             inputs * device.ends() + source_ends, device.fingers);
  }
  return drain_capacitance(node, inputs, device.finger_m, 1, 1);
}

/// Factors of the mean leakage over input patterns: DNN+NeuroSim V1.3.
double leakage_current(const TechNode& node, LogicKind kind, int inputs, const DeviceWidths& widths) {
  const double n = widths.n * node.transistor.off_current_n_a_per_m;
  const double p = widths.p * node.transistor.off_current_p_a_per_m;
  switch (kind) {
    case LogicKind::inverter:
      return (n + p) / 2;
    case LogicKind::nand:
      return (inputs > 2 ? 0.31 : 0.48) * inputs * p;
    case LogicKind::nor:
      return (inputs > 2 ? 0.62 : 0.95) * inputs * n;
  }
  return 0;
}

DeviceWidths declared(const TechNode& node, double n_minimums, double p_minimums) {
  const double minimum = node.features(node.layout.minimum_nmos_width_features);
  return {.n = n_minimums * minimum, .p = p_minimums * minimum * node.p_to_n_ratio()};
}

double standard_height(const TechNode& node) { return node.features(node.layout.cell_height_features); }

}  // namespace

DeviceWidths fill_cell(const TechNode& node, DeviceWidths declared_widths) {
  const DeviceWidths share = shares(node, declared_widths, standard_height(node));
  if (declared_widths.n >= share.n || declared_widths.p >= share.p) return declared_widths;
  return share;
}

LogicGate make_gate(const TechNode& node, LogicKind kind, int inputs, DeviceWidths widths, double height_m,
                    FoldRule rule) {
  const LayoutSpec& layout = node.layout;
  const DeviceWidths share = shares(node, widths, height_m);
  const FoldedDevice n = fold(widths.n, share.n, rule);
  const FoldedDevice p = widths.p > 0 ? fold(widths.p, share.p, rule) : FoldedDevice{1, 0};
  const bool folded = n.fingers > 1 || p.fingers > 1;
  const double pitch = node.features(layout.poly_width_features + layout.poly_gap_features);
  const double column = (std::max(n.fingers, p.fingers) + 1) * pitch;

  LogicGate gate;
  gate.devices = widths;
  gate.height_m = height_m;
  gate.width_m = folded ? inputs * column : (inputs + 1) * pitch;
  gate.area_m2 = gate.width_m * gate.height_m;
  gate.input_n_f = node.gate_capacitance(widths.n);
  gate.input_p_f = node.gate_capacitance(widths.p);
  gate.input_f = gate.input_n_f + gate.input_p_f;
  gate.resistance_n = node.resistance_n(widths.n);
  gate.resistance_p = widths.p > 0 ? node.resistance_p(widths.p) : std::numeric_limits<double>::infinity();
  gate.leakage_w = leakage_current(node, kind, inputs, widths) * node.transistor.supply_v;
  switch (kind) {
    case LogicKind::inverter:
      // Both drains stand above each other, so the N drain has the end walls of the P fingers.
      gate.output_f = drain_capacitance(node, n.strips(), n.finger_m, p.ends(), n.fingers) +
                      (widths.p > 0 ? drain_capacitance(node, p.strips(), p.finger_m, p.ends(), p.fingers) : 0);
      break;
    case LogicKind::nand:
      gate.output_f = parallel_drains(node, p, inputs, folded) + series_drains(node, n, inputs, folded);
      break;
    case LogicKind::nor:
      gate.output_f = parallel_drains(node, n, inputs, folded) + series_drains(node, p, inputs, folded);
      break;
  }
  return gate;
}

LogicGate standard_inverter(const TechNode& node) {
  return make_gate(node, LogicKind::inverter, 1, fill_cell(node, declared(node, 1, 1)), standard_height(node));
}

LogicGate standard_nand(const TechNode& node, int inputs) {
  return make_gate(node, LogicKind::nand, inputs, fill_cell(node, declared(node, inputs, 1)), standard_height(node));
}

LogicGate decoder_nor(const TechNode& node, int inputs) {
  return make_gate(node, LogicKind::nor, inputs, fill_cell(node, declared(node, 1, inputs)), standard_height(node));
}

LogicGate sized_inverter(const TechNode& node, double size) {
  return make_gate(node, LogicKind::inverter, 1, declared(node, size, size), standard_height(node));
}

double nmos_drain_capacitance(const TechNode& node, double width_m, double height_m) {
  return make_gate(node, LogicKind::inverter, 1, {.n = width_m, .p = 0}, height_m).output_f;
}

double StageChain::add(double resistance, double capacitance) {
  const double tau = resistance * capacitance;
  const double half = std::log(0.5);
  const double seconds = tau * std::sqrt(half * half + 0.5 / (ramp_ * tau));
  ramp_ = 0.5 / seconds;
  delay_ += seconds;
  return seconds;
}

int whole_units(double length, double unit) {
  const double units = std::floor(length / unit * (1 + 1e-9));
  return static_cast<int>(std::clamp(units, 1.0, 1e9));
}

int units_needed(int count, int per) { return (count + per - 1) / per; }

}  // namespace cimcycle
