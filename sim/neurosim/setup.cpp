// SPDX-License-Identifier: Apache-2.0
// From the hardware description to the options of a composition.
#include "neurosim/setup.h"

#include <cmath>

#include "base/error.h"
#include "hardware/hardware.h"
#include "neurosim/trace.h"

namespace cimcycle::neurosim {

namespace {

void check_data(const Hardware& h, const NeurosimSpec& spec) {
  const bool v14 = spec.version == NeurosimVersion::v1_4;
  if (spec.temperature_k != 300) {
    fail_input("neurosim.temperature_k = {}: there are data for 300 only", spec.temperature_k);
  }
  if (!spec.chip_activation) fail_input("neurosim.chip_activation = false: there are data for true only");
  if (!spec.relu) fail_input("neurosim.relu = false: there are data for true only");
  if (!v14 && spec.global_bus == GlobalBus::xy_bus) {
    fail_input("neurosim.global_bus = xy_bus does not work with neurosim.version = 1.3; allowed: h_tree");
  }
  if (h.crossbar.rows != h.crossbar.cols || h.crossbar.rows < 2) {
    fail_input(
        "crossbar.rows = {} and crossbar.cols = {}: there are data for square crossbars of 2 lines and more only",
        h.crossbar.rows, h.crossbar.cols);
  }
  if (h.crossbar.cols % h.adc.per_crossbar != 0) {
    fail_input("adc.per_crossbar = {} does not divide crossbar.cols = {}; allowed: a divisor", h.adc.per_crossbar,
               h.crossbar.cols);
  }
  if (h.adc.type == AdcType::charge_decrement) {
    fail_input("adc.type = charge_decrement: DNN+NeuroSim has no such converter; allowed: flash or sar");
  }
  if (h.adc.bits < 2) fail_input("adc.bits = {}: the composer has data for 2 bits and more", h.adc.bits);
  if (!v14 && h.ou.rows != h.crossbar.rows && h.ou.rows != 1) {
    fail_input("ou.rows = {} does not work with neurosim.version = 1.3; allowed: {} (parallel read) or 1 (sequential)",
               h.ou.rows, h.crossbar.rows);
  }
  if (v14 && (spec.pipeline || !spec.synchronous || spec.sense == SenseMode::voltage)) {
    fail_input("neurosim.version = 1.4: there are data for synchronous true, pipeline false and sense current only");
  }
}

/// V1.4 has wires of its own.
void take_v14_wires(Setup& setup) {
  if (!setup.node.neurosim_v14) {
    fail_input("{}: neurosim_v14: missing, but neurosim.version = 1.4", setup.node.file);
  }
  const NeurosimV14Spec& spec = *setup.node.neurosim_v14;
  WireSpec& wire = setup.node.wire;
  wire.resistivity_ohm_m = spec.wire_resistivity_ohm_m;
  if (setup.deviates(&NeurosimDeviations::barrier_units)) return;
  const double section = wire.aspect_ratio * wire.width_m * wire.width_m;
  wire.resistivity_ohm_m /= 1 - (2 * wire.aspect_ratio + 1) * wire.width_m * spec.wire_barrier_m / section;
}

}  // namespace

Setup make_setup(const Hardware& hardware, const TechNode& node, const CellModel& cell, const NeurosimTrace& trace) {
  if (!hardware.neurosim) {
    fail_input("the hardware description \"{}\" has no section neurosim, which the composer needs", hardware.name);
  }
  const NeurosimSpec& spec = *hardware.neurosim;
  check_data(hardware, spec);
  Setup setup{.node = node, .cell = cell, .spec = spec, .calibration = {}};
  // DNN+NeuroSim's feature size is a number of nanometres times 1e-9; FoldRule::by_rounding depends on the last bit.
  setup.node.feature_size_m = std::round(node.feature_size_m * 1e9) * 1e-9;
  if (spec.validated) {
    const NeurosimCalibration& c = spec.calibration;
    setup.calibration = {.source = "neurosim.calibration",
                         .alpha = c.alpha,
                         .beta = c.beta,
                         .gamma = c.gamma,
                         .delta = c.delta,
                         .epsilon = c.epsilon};
    setup.zeta = c.zeta;
  }
  setup.rows = hardware.crossbar.rows;
  setup.cols = hardware.crossbar.cols;
  setup.adcs = hardware.adc.per_crossbar;
  setup.mux = setup.cols / setup.adcs;
  setup.sar = hardware.adc.type == AdcType::sar;
  setup.parallel = setup.v14() || hardware.ou.rows == setup.rows;
  setup.row_parallel = hardware.ou.rows;
  if (setup.v14()) {
    const bool lost = setup.deviates(&NeurosimDeviations::whole_row_groups);
    setup.row_groups = (setup.rows + (lost ? 0 : setup.row_parallel - 1)) / setup.row_parallel;
  }
  if (setup.v14()) take_v14_wires(setup);
  setup.cell_bits = hardware.cell.bits;
  setup.level_bits = hardware.adc.bits;
  setup.adc_bits = setup.parallel ? hardware.adc.bits : setup.cell_bits;
  setup.weight_bits = trace.weight_bits;
  setup.slices = (setup.weight_bits + setup.cell_bits - 1) / setup.cell_bits;
  setup.input_bits = trace.input_bits;
  if (setup.slices > setup.mux) {
    fail_input(
        "weights of {} bits take {} cells of {} bits, more than the {} columns that share a converter "
        "(crossbar.cols / adc.per_crossbar); use fewer converters or larger cell.bits",
        setup.weight_bits, setup.slices, setup.cell_bits, setup.mux);
  }
  return setup;
}

}  // namespace cimcycle::neurosim
