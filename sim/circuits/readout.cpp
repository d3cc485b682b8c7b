// SPDX-License-Identifier: Apache-2.0
// The kinds of converters.
#include "circuits/readout.h"

#include <algorithm>
#include <cstddef>

#include "circuits/charge_decrement_adc.h"
#include "circuits/figure_book.h"
#include "circuits/gates.h"
#include "circuits/sar_adc.h"

namespace cimcycle {

namespace {

constexpr std::string_view neurosim = "DNN+NeuroSim V1.3";

/// What every kind is made from.
struct Needs {
  const Hardware& hardware;
  const TechNode& node;
  const CellModel& cell;
  int bits = 0;

  Figure::Input of_node(std::string_view section, std::string_view key, double value, std::string_view unit) const {
    return node_input(node, section, key, value, unit);
  }
  /// The resolution, and where it comes from.
  Figure::Input resolution() const {
    return {"bits", static_cast<double>(bits), "bit",
            hardware.adc.transfer == AdcTransfer::ideal ? "smallest resolution that loses nothing (adc.transfer ideal)"
                                                        : "adc.bits"};
  }
  Figure::Input built_bits() const { return {"bits", static_cast<double>(bits), "bit", "resolution that is built"}; }
  Figure::Input device_cell() const {
    return derived_input("area of a device cell", to_um2(sized_inverter(node, 1).area_m2), "um2", "\"Gates\"");
  }
  std::vector<Figure::Input> fit_inputs(std::string_view section, double volt2, double at_v) const {
    return {of_node(section, "power_per_conductance_v2", volt2, "V^2"),
            of_node(section, "fit_read_voltage_v", at_v, "V")};
  }
};

Readout flash(const Needs& needs) {
  const FlashAdcSpec& spec = needs.node.flash_adc;
  const FlashAdc adc = make_flash_adc(needs.node, needs.bits);
  Readout readout;
  readout.encoder = make_flash_encoder(needs.node, needs.node.calibration, needs.bits);
  readout.area_m2 = adc.area_m2;
  readout.ends_with_read = true;
  readout.conversion_s = readout.conduction_s = adc.sense_s;
  readout.energy_j = adc.base_energy_j() + readout.encoder->energy_j;
  readout.fit_v2 = flash_energy_per_conductance(needs.node, needs.cell.read_v) / adc.sense_s;
  readout.conversion = {"sense time + encoder delay",
                        std::string(neurosim),
                        {needs.of_node("flash_adc", "sense_s", adc.sense_s, "s"),
                         derived_input("encoder delay", to_ns(readout.encoder->delay_s), "ns", "\"Flash converter\"")}};
  readout.energy = {
      "power per sense amplifier x (2^bits - 1) x sense time + encoder",
      std::string(neurosim),
      {needs.resolution(), needs.of_node("flash_adc", "power_per_sense_amp_w", spec.power_per_sense_amp_w, "W"),
       needs.of_node("flash_adc", "sense_s", spec.sense_s, "s"),
       derived_input("encoder", to_pj(readout.encoder->energy_j), "pJ", "\"Flash converter\"")}};
  readout.area = {"(2^bits - 1) x device cells x area of a device cell",
                  "docs/models/circuits.md, \"Flash converter\", on layout cells of DNN+NeuroSim V1.3",
                  {needs.built_bits(),
                   {"device cells of a sense amplifier", spec.nmos_cells_per_sense_amp + spec.pmos_cells_per_sense_amp,
                    "", needs.node.file + ": " + spec.source},
                   needs.device_cell()}};
  readout.fit_inputs = needs.fit_inputs("flash_adc", spec.power_per_conductance_v2, spec.fit_read_voltage_v);
  readout.conduction = "sense time of the flash converter";
  return readout;
}

Readout sar(const Needs& needs) {
  const SarAdcSpec& spec = needs.node.sar_adc;
  const SarAdc adc = make_sar_adc(needs.node, needs.bits);
  const std::string source = needs.node.file + ": " + spec.source;
  Readout readout;
  readout.area_m2 = adc.area_m2;
  readout.conversion_s = readout.conduction_s = adc.conversion_s;
  readout.step_s = spec.step_s;
  readout.energy_j = adc.base_energy_j();
  readout.held_by_sampling = true;
  readout.fit_v2 = sar_power_per_conductance(needs.node, needs.cell.read_v);
  readout.conversion = {"(bits + 1) x step",
                        std::string(neurosim),
                        {{"bits", static_cast<double>(needs.bits), "bit", "resolution of the converter"},
                         needs.of_node("sar_adc", "step_s", spec.step_s, "s")}};
  readout.energy = {"(power per bit x bits + base power) x (bits + 1) x step; no data for a sample-and-hold stage",
                    std::string(neurosim),
                    {needs.resolution(), needs.of_node("sar_adc", "power_per_bit_w", spec.power_per_bit_w, "W"),
                     needs.of_node("sar_adc", "power_base_w", spec.power_base_w, "W"),
                     needs.of_node("sar_adc", "step_s", spec.step_s, "s")}};
  readout.area = {
      "(cells of the first bit + (bits - 1) x cells of a further bit) x area of a device cell; no data for a "
      "sample-and-hold stage",
      "docs/models/circuits.md, \"SAR converter\", on layout cells of DNN+NeuroSim V1.3",
      {needs.built_bits(),
       {"cells of the first bit", spec.nmos_cells_first_bit + spec.pmos_cells_first_bit, "", source},
       {"cells of a further bit", spec.nmos_cells_per_further_bit + spec.pmos_cells_per_further_bit, "", source},
       needs.device_cell()}};
  readout.fit_inputs = needs.fit_inputs("sar_adc", spec.power_per_conductance_v2, spec.fit_read_voltage_v);
  readout.conduction = "conversion time";
  return readout;
}

Readout charge_decrement(const Needs& needs) {
  const int digit_bits = needs.hardware.input.digit_bits;
  const ChargeDecrementAdc adc = make_charge_decrement_adc(needs.node, needs.bits, digit_bits);
  const ChargeDecrementSpec& spec = *needs.node.charge_decrement;
  constexpr std::string_view section = "charge_decrement";
  const std::string page = "docs/models/circuits.md, \"Charge-decrement converter\"";
  Readout readout;
  readout.area_m2 = adc.area_m2;
  readout.conversion_s = adc.conversion_s;
  readout.step_s = std::min(spec.integrate_s, spec.decrement_s);
  readout.energy_j = adc.energy_j();
  readout.conduction_s = adc.conduction_s;
  readout.wordline_pulses = adc.pulses;
  readout.conversion = {"sample + (2^input.digit_bits - 1) x integrate + bits x decrement",
                        page,
                        {needs.resolution(),
                         {"input.digit_bits", static_cast<double>(digit_bits), "bit", "hardware description"},
                         needs.of_node(section, "sample_s", spec.sample_s, "s"),
                         needs.of_node(section, "integrate_s", spec.integrate_s, "s"),
                         needs.of_node(section, "decrement_s", spec.decrement_s, "s")}};
  readout.energy = {"amplifier power x conversion time",
                    page,
                    {needs.of_node(section, "amplifier_w", spec.amplifier_w, "W"),
                     {"conversion", to_ns(adc.conversion_s), "ns", "figure clock: conversion"}}};
  readout.area = {"area of a neuron", page, {needs.of_node(section, "area_m2", spec.area_m2, "m2")}};
  readout.conduction = "input.digit_bits x pulse of the array";
  return readout;
}

/// In the order of AdcType.
constexpr Readout (*kinds[])(const Needs&) = {flash, sar, charge_decrement};

}  // namespace

Readout make_readout(const Hardware& hardware, const TechNode& node, const CellModel& cell, int bits) {
  return kinds[static_cast<std::size_t>(hardware.adc.type)]({hardware, node, cell, bits});
}

}  // namespace cimcycle
