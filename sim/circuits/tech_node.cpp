// SPDX-License-Identifier: Apache-2.0
// Reads technology files.
#include "circuits/tech_node.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>

#include "base/files.h"
#include "base/json_object.h"
#include "circuits/tech_files.h"

namespace cimcycle {

namespace {

/// One number of a section with the range that keeps all derived figures finite.
template <class Section>
struct Field {
  std::string_view key;
  double Section::*member;
  double min, max;
};

using T = TransistorSpec;
constexpr Field<T> transistor_fields[] = {
    {"supply_v", &T::supply_v, 0.1, 10},
    {"gate_ideal_f_per_m", &T::gate_ideal_f_per_m, 1e-12, 1e-6},
    {"gate_fringe_f_per_m", &T::gate_fringe_f_per_m, 0, 1e-6},
    {"gate_overlap_f_per_m", &T::gate_overlap_f_per_m, 0, 1e-6},
    {"on_current_n_a_per_m", &T::on_current_n_a_per_m, 1, 1e5},
    {"on_current_p_a_per_m", &T::on_current_p_a_per_m, 1, 1e5},
    {"off_current_n_a_per_m", &T::off_current_n_a_per_m, 1e-12, 1e3},
    {"off_current_p_a_per_m", &T::off_current_p_a_per_m, 1e-12, 1e3},
    {"effective_resistance_factor", &T::effective_resistance_factor, 0.1, 10},
    {"linear_region_factor", &T::linear_region_factor, 0.01, 1},
};

using J = JunctionSpec;
constexpr Field<J> junction_fields[] = {
    {"area_f_per_m2", &J::area_f_per_m2, 0, 1},          {"area_exponent", &J::area_exponent, 0, 1},
    {"sidewall_f_per_m", &J::sidewall_f_per_m, 0, 1e-6}, {"channel_f_per_m", &J::channel_f_per_m, 0, 1e-6},
    {"edge_exponent", &J::edge_exponent, 0, 1},          {"built_in_v", &J::built_in_v, 0.1, 10},
};

using L = LayoutSpec;
constexpr Field<L> layout_fields[] = {
    {"cell_height_features", &L::cell_height_features, 10, 1000},
    {"minimum_nmos_width_features", &L::minimum_nmos_width_features, 0.1, 100},
    {"poly_width_features", &L::poly_width_features, 0.1, 100},
    {"poly_gap_features", &L::poly_gap_features, 0.1, 100},
    {"well_gap_features", &L::well_gap_features, 0, 100},
    {"edge_features", &L::edge_features, 0, 100},
    {"metal_pitch_features", &L::metal_pitch_features, 0.1, 100},
};

using W = WireSpec;
constexpr Field<W> wire_fields[] = {
    {"capacitance_f_per_m", &W::capacitance_f_per_m, 1e-14, 1e-6},
    {"width_m", &W::width_m, 1e-9, 1e-5},
    {"aspect_ratio", &W::aspect_ratio, 0.1, 10},
    {"resistivity_ohm_m", &W::resistivity_ohm_m, 1e-9, 1e-4},
    {"tree_width_factor", &W::tree_width_factor, 0.1, 100},
    {"long_tree_width_factor", &W::long_tree_width_factor, 0.1, 100},
    {"long_segment_features", &W::long_segment_features, 1, 1e9},
    {"tree_aspect_ratio", &W::tree_aspect_ratio, 0.1, 10},
    {"tree_resistivity_ohm_m", &W::tree_resistivity_ohm_m, 1e-9, 1e-4},
    {"wide_tree_resistivity_ohm_m", &W::wide_tree_resistivity_ohm_m, 1e-9, 1e-4},
    {"wide_tree_from_m", &W::wide_tree_from_m, 1e-9, 1e-3},
};

using A = FlashAdcSpec;
constexpr Field<A> flash_fields[] = {
    {"power_per_sense_amp_w", &A::power_per_sense_amp_w, 1e-12, 1},
    {"power_per_conductance_v2", &A::power_per_conductance_v2, 1e-6, 100},
    {"resistance_exponent", &A::resistance_exponent, 2, 2.6},
    {"fit_read_voltage_v", &A::fit_read_voltage_v, 1e-3, 10},
    {"empty_column_w", &A::empty_column_w, 0, 1},
    {"sense_s", &A::sense_s, 1e-12, 1e-3},
    {"nmos_cells_per_sense_amp", &A::nmos_cells_per_sense_amp, 1, 1e6},
    {"pmos_cells_per_sense_amp", &A::pmos_cells_per_sense_amp, 1, 1e6},
};

using S = SarAdcSpec;
constexpr Field<S> sar_fields[] = {
    {"power_per_bit_w", &S::power_per_bit_w, 0, 1},
    {"power_base_w", &S::power_base_w, 1e-12, 1},
    {"power_per_conductance_v2", &S::power_per_conductance_v2, 1e-6, 100},
    {"resistance_exponent", &S::resistance_exponent, 2, 2.6},
    {"fit_read_voltage_v", &S::fit_read_voltage_v, 1e-3, 10},
    {"empty_column_w", &S::empty_column_w, 0, 1},
    {"step_s", &S::step_s, 1e-12, 1e-3},
    {"nmos_cells_first_bit", &S::nmos_cells_first_bit, 1, 1e6},
    {"nmos_cells_per_further_bit", &S::nmos_cells_per_further_bit, 0, 1e6},
    {"pmos_cells_first_bit", &S::pmos_cells_first_bit, 1, 1e6},
    {"pmos_cells_per_further_bit", &S::pmos_cells_per_further_bit, 0, 1e6},
};

using D = ChargeDecrementSpec;
constexpr Field<D> charge_decrement_fields[] = {
    {"sample_s", &D::sample_s, 0, 1e-3},           {"integrate_s", &D::integrate_s, 1e-12, 1e-3},
    {"decrement_s", &D::decrement_s, 1e-12, 1e-3}, {"pulse_s", &D::pulse_s, 1e-12, 1e-3},
    {"amplifier_w", &D::amplifier_w, 1e-12, 1},    {"area_m2", &D::area_m2, 1e-18, 1e-6},
};

using V = VoltageSenseSpec;
constexpr Field<V> voltage_sense_fields[] = {
    {"power_per_sense_amp_w", &V::power_per_sense_amp_w, 1e-12, 1},
    {"power_per_conductance_v2", &V::power_per_conductance_v2, 1e-6, 100},
    {"nmos_cells_per_sense_amp", &V::nmos_cells_per_sense_amp, 1, 1e6},
    {"pmos_cells_per_sense_amp", &V::pmos_cells_per_sense_amp, 1, 1e6},
};

using X = NeurosimV14Spec;
constexpr Field<X> neurosim_v14_fields[] = {
    {"wire_resistivity_ohm_m", &X::wire_resistivity_ohm_m, 1e-9, 1e-4},
    {"wire_barrier_m", &X::wire_barrier_m, 0, 1e-8},
    {"middle_wire_features", &X::middle_wire_features, 1, 1e9},
    {"long_wire_features", &X::long_wire_features, 1, 1e9},
    {"middle_width_m", &X::middle_width_m, 1e-9, 1e-3},
    {"middle_aspect_ratio", &X::middle_aspect_ratio, 0.1, 10},
    {"middle_resistivity_ohm_m", &X::middle_resistivity_ohm_m, 1e-9, 1e-4},
    {"long_width_m", &X::long_width_m, 1e-9, 1e-3},
    {"long_aspect_ratio", &X::long_aspect_ratio, 0.1, 10},
    {"long_resistivity_ohm_m", &X::long_resistivity_ohm_m, 1e-9, 1e-4},
    {"pass_gate_size", &X::pass_gate_size, 1, 1000},
    {"mux_driver_size", &X::mux_driver_size, 1, 1000},
    {"low_ohm", &X::low_ohm, 1, 1e12},
    {"high_ohm", &X::high_ohm, 1, 1e12},
    {"low_w", &X::low_w, 0, 1},
    {"low_w_per_ohm", &X::low_w_per_ohm, -1, 1},
    {"middle_w", &X::middle_w, 0, 1},
    {"middle_w_per_ln_ohm", &X::middle_w_per_ln_ohm, -1, 1},
    {"high_w", &X::high_w, 0, 1},
    {"high_w_per_ln_ohm", &X::high_w_per_ln_ohm, -1, 1},
    {"low_s", &X::low_s, 0, 1e-3},
    {"low_s_per_ln_ohm", &X::low_s_per_ln_ohm, -1e-3, 1e-3},
    {"high_s", &X::high_s, 0, 1e-3},
    {"high_s_per_ohm", &X::high_s_per_ohm, -1e-3, 1e-3},
    {"load_s_per_ohm", &X::load_s_per_ohm, 0, 1e-3},
    {"load_from_ohm", &X::load_from_ohm, 1, 1e12},
    {"load_f", &X::load_f, 1e-18, 1e-9},
    {"sense_amp_cells", &X::sense_amp_cells, 1, 1e6},
};

using C = Calibration;
constexpr Field<C> calibration_fields[] = {
    {"alpha", &C::alpha, 0.01, 100}, {"beta", &C::beta, 0.01, 100},      {"gamma", &C::gamma, 0.001, 1},
    {"delta", &C::delta, 0.001, 1},  {"epsilon", &C::epsilon, 0.001, 1},
};

template <std::size_t count>
std::array<double, count> read_polynomial(JsonObject& object, std::string_view key) {
  std::array<double, count> result{};
  const auto values = object.array(key, count);
  if (values.size() != count) object.fail(key, fmt::format("found {} values, expected {}", values.size(), count));
  for (std::size_t i = 0; i < count; ++i) {
    if (!values[i]->is_number() || std::abs(values[i]->get<double>()) > 1e3) {
      object.fail(key, fmt::format("found {}, expected a number -1000 to 1000", shown_value(*values[i])));
    }
    result[i] = values[i]->get<double>();
  }
  return result;
}

SenseTimeSpec read_sense_time(JsonObject& object) {
  SenseTimeSpec spec;
  spec.source = object.text("source");
  spec.longest_per_ln_kohm_ns = object.number("longest_per_ln_kohm_ns", 0, 10);
  spec.longest_base_ns = object.number("longest_base_ns", 0, 100);
  spec.low_ratio = read_polynomial<4>(object, "low_ratio");
  spec.high_ratio = read_polynomial<5>(object, "high_ratio");
  spec.low_ratio_to = object.number("low_ratio_to", 0.01, 100);
  spec.flat_to = object.number("flat_to", spec.low_ratio_to, 100);
  spec.min_ratio = object.number("min_ratio", 1e-6, spec.low_ratio_to);
  spec.max_ratio = object.number("max_ratio", spec.flat_to, 1e6);
  spec.min_ns = object.number("min_ns", 1e-3, 1e3);
  spec.max_ns = object.number("max_ns", spec.min_ns, 1e6);
  object.finish();
  return spec;
}

template <class Section, std::size_t count>
Section read_section(JsonObject& root, std::string_view key, const Field<Section> (&fields)[count]) {
  JsonObject object = root.object(key);
  Section section;
  section.source = object.text("source");
  for (const Field<Section>& field : fields) section.*field.member = object.number(field.key, field.min, field.max);
  object.finish();
  return section;
}

}  // namespace

double TechNode::gate_capacitance(double width_m) const {
  return (transistor.gate_ideal_f_per_m + transistor.gate_fringe_f_per_m + transistor.gate_overlap_f_per_m) * width_m;
}

double TechNode::resistance_n(double width_m) const {
  return transistor.effective_resistance_factor * transistor.supply_v / (transistor.on_current_n_a_per_m * width_m);
}

double TechNode::resistance_p(double width_m) const {
  return transistor.effective_resistance_factor * transistor.supply_v / (transistor.on_current_p_a_per_m * width_m);
}

TechNode load_tech_node(std::string_view name, std::string_view asked_by) {
  const auto path = find_tech_file("tech/nodes", name, asked_by);
  const nlohmann::json json = read_json(path);
  JsonObject root(json, path.string());
  TechNode node;
  node.file = path.filename().string();
  node.hash = content_hash(json.dump());
  node.name = root.text("name");
  node.description = root.text("description");
  node.feature_size_m = root.number("feature_size_m", 1e-9, 1e-5);
  node.feature_size_source = root.text("feature_size_source");
  node.transistor = read_section(root, "transistor", transistor_fields);
  node.junction = read_section(root, "junction", junction_fields);
  node.layout = read_section(root, "layout", layout_fields);
  node.wire = read_section(root, "wire", wire_fields);
  node.flash_adc = read_section(root, "flash_adc", flash_fields);
  node.sar_adc = read_section(root, "sar_adc", sar_fields);
  node.calibration = read_section(root, "calibration", calibration_fields);
  if (root.has("charge_decrement")) {
    node.charge_decrement = read_section(root, "charge_decrement", charge_decrement_fields);
  }
  if (root.has("voltage_sense")) node.voltage_sense = read_section(root, "voltage_sense", voltage_sense_fields);
  if (root.has("neurosim_v14")) node.neurosim_v14 = read_section(root, "neurosim_v14", neurosim_v14_fields);
  if (auto object = root.optional_object("sense_time")) node.sense_time = read_sense_time(*object);
  root.finish();
  // Both devices of a cell need room beside the gap between the wells.
  const LayoutSpec& layout = node.layout;
  const double used = layout.well_gap_features + 2 * layout.edge_features;
  if (layout.cell_height_features <= used) {
    root.fail("layout.cell_height_features", fmt::format("{} leaves no room for devices beside {} features of gaps",
                                                         layout.cell_height_features, used));
  }
  return node;
}

}  // namespace cimcycle
