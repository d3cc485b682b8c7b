// SPDX-License-Identifier: Apache-2.0
// Logic gates: device widths, folding, layout, capacitances, resistance, leakage, and the delay of a stage.
// Equations and sources: docs/models/circuits.md, "Gates".
#pragma once

#include "circuits/tech_node.h"

namespace cimcycle {

/// Widths of the N and the P device of each input, in m.
struct DeviceWidths {
  double n = 0;
  double p = 0;
};

enum class LogicKind { inverter, nand, nor };

/// What a device that exactly fills its share of a cell does. `tolerant`: it fits. `by_rounding`: it folds or not by
/// the last bit of DNN+NeuroSim's arithmetic.
enum class FoldRule { tolerant, by_rounding };

/// A gate laid out in a cell of given height. Electrical values are those of one input.
struct LogicGate {
  DeviceWidths devices;
  double width_m = 0;
  double height_m = 0;
  double area_m2 = 0;
  double input_f = 0;    ///< gate capacitance of one input, N and P device
  double input_n_f = 0;  ///< of its N device alone
  double input_p_f = 0;
  double output_f = 0;      ///< drain capacitance at the output
  double resistance_n = 0;  ///< of one N device, Ohm
  double resistance_p = 0;
  double leakage_w = 0;  ///< mean over input patterns
  /// Charge of one full swing of an input and the output, F.
  double swing_f() const { return input_f + output_f; }
};

/// Widths of a gate whose devices are declared as (n, p) features, widened in proportion until they fill a cell of the
/// standard height if both are smaller than their share of it.
DeviceWidths fill_cell(const TechNode& node, DeviceWidths declared);

/// Lays out a gate. `inputs` is 1 for an inverter, at least 1 otherwise; `height_m` is the region's height.
LogicGate make_gate(const TechNode& node, LogicKind kind, int inputs, DeviceWidths widths, double height_m,
                    FoldRule rule = FoldRule::tolerant);

/// Standard cells: declared widths of the library, filled to the standard cell height.
LogicGate standard_inverter(const TechNode& node);
LogicGate standard_nand(const TechNode& node, int inputs);  ///< 2 or 3 inputs
/// A NOR as decoders use it: P devices as wide as `inputs` in series need.
LogicGate decoder_nor(const TechNode& node, int inputs);
/// An inverter `size` times the minimum, not widened: repeaters and drivers.
LogicGate sized_inverter(const TechNode& node, double size);

/// A single NMOS of width `width_m` (no P device) in a region of height `height_m`: its drain capacitance, F.
double nmos_drain_capacitance(const TechNode& node, double width_m, double height_m);

/// The input ramp of an ideal step, 1/s.
inline constexpr double ideal_step = 1e20;

/// A chain of switching stages, each driven by the ramp that the stage before it leaves (Horowitz's approximation with
/// the switching threshold at half of the supply).
class StageChain {
 public:
  explicit StageChain(double input_ramp = ideal_step) : ramp_(input_ramp) {}
  /// Adds a stage of `resistance` driving `capacitance`; returns its own delay in s.
  double add(double resistance, double capacitance);
  /// Adds time that was measured on earlier stages, without a new ramp.
  void repeat(double seconds) { delay_ += seconds; }
  /// Later stages see another ramp (an ideal step where a stage is driven from elsewhere).
  void restart(double input_ramp = ideal_step) { ramp_ = input_ramp; }
  double delay() const { return delay_; }
  double ramp() const { return ramp_; }

 private:
  double ramp_;
  double delay_ = 0;
};

/// How many units of size `unit` fit into `length`, at least 1. A length that misses a whole number by rounding counts
/// as that number.
int whole_units(double length, double unit);
/// ceil(count / per) for positive integers.
int units_needed(int count, int per);

}  // namespace cimcycle
