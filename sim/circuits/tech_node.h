// SPDX-License-Identifier: Apache-2.0
// A CMOS technology node: what the circuit models know about transistors, wires, layout and converters.
// Equations and sources: docs/models/circuits.md. All values are in SI units; lengths of layout rules are in features.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace cimcycle {

/// Transistors at the supply voltage and 300 K.
struct TransistorSpec {
  std::string source;
  double supply_v = 0;
  double gate_ideal_f_per_m = 0;    ///< gate capacitance per width: ideal part,
  double gate_fringe_f_per_m = 0;   ///< fringe part,
  double gate_overlap_f_per_m = 0;  ///< and overlap part
  double on_current_n_a_per_m = 0;
  double on_current_p_a_per_m = 0;
  double off_current_n_a_per_m = 0;
  double off_current_p_a_per_m = 0;
  double effective_resistance_factor = 0;  ///< switching resistance of width W = factor x supply / (on current x W)
  double linear_region_factor = 0;         ///< resistance of a pass gate relative to that
};

/// Drain junctions; values at zero bias.
struct JunctionSpec {
  std::string source;
  double area_f_per_m2 = 0;
  double area_exponent = 0;
  double sidewall_f_per_m = 0;
  double channel_f_per_m = 0;  ///< side towards the channel
  double edge_exponent = 0;    ///< of the sidewall and of the channel side
  double built_in_v = 0;
};

/// Standard-cell layout in features.
struct LayoutSpec {
  std::string source;
  double cell_height_features = 0;
  double minimum_nmos_width_features = 0;
  double poly_width_features = 0;
  double poly_gap_features = 0;     ///< between gates: the width of a drain strip
  double well_gap_features = 0;     ///< between the P and the N diffusion
  double edge_features = 0;         ///< lost at the top, and again at the bottom, of a cell
  double metal_pitch_features = 0;  ///< of the tracks inside a decoder
};

/// Wires. H-tree segments are `tree_width_factor` times as wide as the others, long ones `long_tree_width_factor`
/// times.
struct WireSpec {
  std::string source;
  double capacitance_f_per_m = 0;
  double width_m = 0;
  double aspect_ratio = 0;
  double resistivity_ohm_m = 0;
  double tree_width_factor = 0;
  double long_tree_width_factor = 0;
  double long_segment_features = 0;  ///< from this length on a segment is long
  double tree_aspect_ratio = 0;
  double tree_resistivity_ohm_m = 0;
  double wide_tree_resistivity_ohm_m = 0;  ///< of segments at least `wide_tree_from_m` wide
  double wide_tree_from_m = 0;
};

/// Flash converter: one sense amplifier per threshold; fit of the power of a conversion.
struct FlashAdcSpec {
  std::string source;
  double power_per_sense_amp_w = 0;
  double power_per_conductance_v2 = 0;  ///< watts per siemens of the column
  double resistance_exponent = 0;       ///< the conductance enters as exp(-exponent x log10(resistance))
  double fit_read_voltage_v = 0;        ///< read voltage at which the fit holds
  double empty_column_w = 0;            ///< power if no cell of the column conducts
  double sense_s = 0;
  double nmos_cells_per_sense_amp = 0;  ///< layout cells of one minimum device each
  double pmos_cells_per_sense_amp = 0;
};

/// The same amplifiers comparing voltages; what is not here is as in FlashAdcSpec.
struct VoltageSenseSpec {
  std::string source;
  double power_per_sense_amp_w = 0;
  double power_per_conductance_v2 = 0;
  double nmos_cells_per_sense_amp = 0;
  double pmos_cells_per_sense_amp = 0;
};

/// Sense time of a flash converter where it depends on the column: longest time of a column, time by the ratio of
/// reference to column resistance (polynomials in falling powers).
struct SenseTimeSpec {
  std::string source;
  double longest_per_ln_kohm_ns = 0;
  double longest_base_ns = 0;
  std::array<double, 4> low_ratio{};   ///< up to `low_ratio_to`
  std::array<double, 5> high_ratio{};  ///< from there on
  double low_ratio_to = 0;
  double flat_to = 0;    ///< ratios from low_ratio_to to this one take the longest time
  double min_ratio = 0;  ///< outside these ratios the sense time is the shortest
  double max_ratio = 0;
  double min_ns = 0;
  double max_ns = 0;
};

/// Successive-approximation converter; fit of the power of a conversion of `bits` bits, which takes bits + 1 steps.
struct SarAdcSpec {
  std::string source;
  double power_per_bit_w = 0;
  double power_base_w = 0;
  double power_per_conductance_v2 = 0;
  double resistance_exponent = 0;
  double fit_read_voltage_v = 0;
  double empty_column_w = 0;
  double step_s = 0;
  double nmos_cells_first_bit = 0;
  double nmos_cells_per_further_bit = 0;
  double pmos_cells_first_bit = 0;
  double pmos_cells_per_further_bit = 0;
};

/// Charge-decrement converter: times of its operations, its amplifier and its size.
struct ChargeDecrementSpec {
  std::string source;
  double sample_s = 0;     ///< once per conversion
  double integrate_s = 0;  ///< one integration
  double decrement_s = 0;  ///< one bit of output
  double pulse_s = 0;      ///< for which the array is on, once per bit of input
  double amplifier_w = 0;  ///< power of the amplifier while a conversion lasts
  double area_m2 = 0;      ///< of one converter
};

/// What DNN+NeuroSim V1.4 takes in place of the figures above.
struct NeurosimV14Spec {
  std::string source;
  double wire_resistivity_ohm_m = 0;
  double wire_barrier_m = 0;        ///< thickness of the barrier around the conductor
  double middle_wire_features = 0;  ///< from this length on a segment is `middle`, from the next on `long`
  double long_wire_features = 0;
  double middle_width_m = 0;
  double middle_aspect_ratio = 0;
  double middle_resistivity_ohm_m = 0;
  double long_width_m = 0;
  double long_aspect_ratio = 0;
  double long_resistivity_ohm_m = 0;
  double pass_gate_size = 0;   ///< of wordline switches, in minimum inverters
  double mux_driver_size = 0;  ///< of the last inverters of a multiplexer's decoder
  /// Power of a sense amplifier by column resistance: linear up to low_ohm, then two logarithms.
  double low_ohm = 0;
  double high_ohm = 0;
  double low_w = 0;
  double low_w_per_ohm = 0;
  double middle_w = 0;
  double middle_w_per_ln_ohm = 0;
  double high_w = 0;
  double high_w_per_ln_ohm = 0;
  /// Sense time by reference resistance: a logarithm up to low_ohm, then linear.
  double low_s = 0;
  double low_s_per_ln_ohm = 0;
  double high_s = 0;
  double high_s_per_ohm = 0;
  double load_s_per_ohm = 0;  ///< more, above load_from_ohm, by the load beyond load_f relative to it
  double load_from_ohm = 0;
  double load_f = 0;
  double sense_amp_cells = 0;  ///< layout cells of a sense amplifier
};

/// Factors between these models and a laid-out circuit. All 1 (the initial values): no calibration.
struct Calibration {
  std::string source;
  double alpha = 1;    ///< wiring area of level shifters
  double beta = 1;     ///< length of the sense path
  double gamma = 1;    ///< activity of flip-flops in accumulators
  double delta = 1;    ///< activity of adders
  double epsilon = 1;  ///< activity of control logic: decoders, encoders, comparators
};

struct TechNode {
  std::string name;
  std::string description;
  std::string file;  ///< where it was read, for messages and sources
  std::string hash;  ///< of its contents
  double feature_size_m = 0;
  std::string feature_size_source;
  TransistorSpec transistor;
  JunctionSpec junction;
  LayoutSpec layout;
  WireSpec wire;
  FlashAdcSpec flash_adc;
  SarAdcSpec sar_adc;
  std::optional<ChargeDecrementSpec> charge_decrement;  ///< absent: no data
  std::optional<VoltageSenseSpec> voltage_sense;        ///< absent: no data
  std::optional<NeurosimV14Spec> neurosim_v14;          ///< absent: no data
  std::optional<SenseTimeSpec> sense_time;              ///< absent: flash_adc.sense_s whatever the column
  Calibration calibration;

  /// A length given in features, in m.
  double features(double count) const { return count * feature_size_m; }
  /// Width of a PMOS that conducts like an NMOS of width 1.
  double p_to_n_ratio() const { return transistor.on_current_n_a_per_m / transistor.on_current_p_a_per_m; }
  /// Gate capacitance of a device, F.
  double gate_capacitance(double width_m) const;
  /// Switching resistance of an NMOS or PMOS, Ohm.
  double resistance_n(double width_m) const;
  double resistance_p(double width_m) const;
};

/// Reads tech/nodes/NAME.json, or a path that ends in .json. Throws InputError; `asked_by` (a key such as "tech.node")
/// stands in the message if there is no such file.
TechNode load_tech_node(std::string_view name, std::string_view asked_by = "tech.node");

}  // namespace cimcycle
