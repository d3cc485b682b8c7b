// SPDX-License-Identifier: Apache-2.0
// The rows of the section `neurosim`, which the key table ends with.
#pragma once

#include "hardware/key_row.h"
#include "hardware/words.h"

namespace cimcycle::key_rows {

template <auto... Members>
constexpr Key neurosim_number(std::string_view leaf, std::string_view unit, double min, double max,
                              std::string_view meaning, Absence absence = Absence::never) {
  return number<&Hardware::neurosim, Members...>(leaf, unit, min, max, meaning, absence);
}

template <auto... Members>
constexpr Key neurosim_boolean(std::string_view path, std::string_view meaning) {
  return boolean<&Hardware::neurosim, Members...>(path, meaning);
}

template <const auto& table, auto Member>
constexpr Key neurosim_word(std::string_view path, std::string_view meaning) {
  return word<table, &Hardware::neurosim, Member>(path, meaning);
}

template <auto Member>
constexpr Key calibration(std::string_view path, double max, std::string_view meaning) {
  return neurosim_number<&NeurosimSpec::calibration, Member>(path, "", 0.001, max, meaning);
}

template <auto Member>
constexpr Key deviation(std::string_view path, std::string_view meaning) {
  return neurosim_boolean<&NeurosimSpec::deviations, Member>(path, meaning);
}

using N = NeurosimSpec;
using D = NeurosimDeviations;

constexpr double max_core_lines = 4096;
constexpr double max_degree = 1000000;
constexpr double max_bus_bits = 1 << 20;

constexpr Key neurosim_keys[] = {
    neurosim_word<hardware_words::neurosim_version, &N::version>("neurosim.version", "whose composition is followed"),
    neurosim_word<hardware_words::neurosim_mapping, &N::mapping>("neurosim.mapping", "how convolutions are laid out"),
    neurosim_word<hardware_words::sense_mode, &N::sense>("neurosim.sense", "what flash converters compare"),
    neurosim_boolean<&N::synchronous>("neurosim.synchronous", "latencies are whole cycles of one clock; else seconds"),
    neurosim_boolean<&N::pipeline>("neurosim.pipeline", "layers work at the same time on different images"),
    neurosim_number<&N::speed_up_degree>("neurosim.speed_up_degree", "count", 1, max_degree,
                                         "pipeline: how often slow layers may be duplicated"),
    neurosim_boolean<&N::validated>("neurosim.validated", "the calibration factors are used; else they are 1"),
    neurosim_number<&N::initial_clock_ghz>("neurosim.initial_clock_ghz", "GHz", 0.001, 1000,
                                           "highest clock frequency, and the one that stale clocks stay at"),
    neurosim_number<&N::temperature_k>("neurosim.temperature_k", "K", 1, 1000,
                                       "temperature; there are data for 300 only"),
    neurosim_number<&N::read_pulse_ns>("neurosim.read_pulse_ns", "ns", 0, 1e6,
                                       "asynchronous: length of the read pulse"),
    neurosim_boolean<&N::chip_activation>("neurosim.chip_activation",
                                          "the chip computes the activation function; there are data for true only"),
    neurosim_boolean<&N::relu>("neurosim.relu", "the activation function is a ReLU; there are data for true only"),
    neurosim_word<hardware_words::buffer_kind, &N::global_buffer>("neurosim.global_buffer",
                                                                  "what the global buffer is built of"),
    neurosim_number<&N::global_core_lines>("neurosim.global_core_lines", "count", 1, max_core_lines,
                                           "lines of a core of the global buffer"),
    neurosim_number<&N::global_core_bits>("neurosim.global_core_bits", "bit", 1, max_core_lines, "bits of such a line"),
    neurosim_word<hardware_words::buffer_kind, &N::tile_buffer>("neurosim.tile_buffer",
                                                                "what the buffers of tiles are built of"),
    neurosim_number<&N::tile_core_lines>("neurosim.tile_core_lines", "count", 1, max_core_lines,
                                         "lines of a core of a tile buffer"),
    neurosim_number<&N::tile_core_bits>("neurosim.tile_core_bits", "bit", 1, max_core_lines, "bits of such a line"),
    neurosim_number<&N::sram_cell_height_features>("neurosim.sram_cell_height_features", "F", 1, 1000,
                                                   "height of an SRAM cell"),
    neurosim_number<&N::sram_cell_width_features>("neurosim.sram_cell_width_features", "F", 1, 1000,
                                                  "width of an SRAM cell"),
    neurosim_word<hardware_words::global_bus, &N::global_bus>("neurosim.global_bus", "what connects the tiles"),
    neurosim_number<&N::max_global_bus_bits>("neurosim.max_global_bus_bits", "bit", 1, max_bus_bits,
                                             "the global bus is halved until it is not wider"),
    neurosim_number<&N::global_tree_fold>("neurosim.global_tree_fold", "count", 1, 1000,
                                          "layers of repeaters on one footprint, global bus"),
    neurosim_number<&N::global_delay_tolerance>("neurosim.global_delay_tolerance", "", 0, 10,
                                                "how much slower than the fastest the global bus may be"),
    neurosim_number<&N::local_delay_tolerance>("neurosim.local_delay_tolerance", "", 0, 10,
                                               "the same for the tree of a tile"),
    neurosim_number<&N::input_toggle>("neurosim.input_toggle", "", 0, 1,
                                      "V1.4: share of input bits that switch a wire"),
    neurosim_number<&N::output_toggle>("neurosim.output_toggle", "", 0, 1,
                                       "V1.4: share of output bits that switch a wire"),
    neurosim_number<&N::columns_per_dummy>("neurosim.columns_per_dummy", "count", 1, 4096,
                                           "V1.4: columns that share a reference column; auto: the converter's levels",
                                           Absence::automatic),

    calibration<&NeurosimCalibration::alpha>("neurosim.calibration.alpha", 100, "wiring area of level shifters"),
    calibration<&NeurosimCalibration::beta>("neurosim.calibration.beta", 100, "length of the sense path"),
    calibration<&NeurosimCalibration::gamma>("neurosim.calibration.gamma", 10,
                                             "activity of flip-flops in accumulators"),
    calibration<&NeurosimCalibration::delta>("neurosim.calibration.delta", 10, "activity of adders"),
    calibration<&NeurosimCalibration::epsilon>("neurosim.calibration.epsilon", 10, "activity of control logic"),
    calibration<&NeurosimCalibration::zeta>("neurosim.calibration.zeta", 100, "divides the energy efficiency"),

    deviation<&D::stale_clock>(
        "neurosim.deviations.stale_clock",
        "V1.3: adders, trees and pooling count cycles of the initial clock; off: of the derived clock"),
    deviation<&D::valid_convolution>("neurosim.deviations.valid_convolution",
                                     "vectors of a convolution without padding; off: all vectors of the trace"),
    deviation<&D::input_size_operations>(
        "neurosim.deviations.input_size_operations",
        "operations counted from the input size; off: from the vectors that are simulated"),
    deviation<&D::recounted_empty_pes>("neurosim.deviations.recounted_empty_pes",
                                       "V1.3: an empty processing element of an undivided conventional tile repeats "
                                       "the energy of the one before it; off: costs nothing"),
    deviation<&D::shared_buffer_cores>(
        "neurosim.deviations.shared_buffer_cores",
        "V1.3: novel tiles take the buffer core counts of conventional ones; off: their own"),
    deviation<&D::squared_tile_tree>(
        "neurosim.deviations.squared_tile_tree",
        "V1.3: the tree of a novel tile has as many rows and columns as the tile has elements; off: the root of that"),
    deviation<&D::wide_tree_wires>(
        "neurosim.deviations.wide_tree_wires",
        "tree delays use wires of several times the width that repeaters are spaced for; off: that width"),
    deviation<&D::doubled_tree_delay>("neurosim.deviations.doubled_tree_delay",
                                      "the delay path of a tree is twice its energy path; off: the same path"),
    deviation<&D::overshooting_repeaters>("neurosim.deviations.overshooting_repeaters",
                                          "relaxing repeaters stops behind the delay tolerance; off: before it"),
    deviation<&D::unreachable_flat_region>(
        "neurosim.deviations.unreachable_flat_region",
        "the sense time skips the first reference and the flat region of its fit; off: uses both"),
    deviation<&D::free_register_writes>(
        "neurosim.deviations.free_register_writes",
        "V1.3: writing a register file costs its decoder only; off: the flip-flops too"),
    deviation<&D::free_sram_precharge>(
        "neurosim.deviations.free_sram_precharge",
        "reading SRAM costs no precharge in synchronous mode; off: the bitline pair of each bit"),
    deviation<&D::mux_as_high_as_decoder>("neurosim.deviations.mux_as_high_as_decoder",
                                          "the column multiplexer is as high as its decoder; off: as its own gates"),
    deviation<&D::idle_leakage_only>(
        "neurosim.deviations.idle_leakage_only",
        "the tiles of a layer leak while other layers run only; off: all tiles leak all the time"),
    deviation<&D::leakage_of_running_type>(
        "neurosim.deviations.leakage_of_running_type",
        "idle tiles leak like tiles of the running layer; off: each like its own type"),
    deviation<&D::last_call_tree_leakage>(
        "neurosim.deviations.last_call_tree_leakage",
        "V1.3: adder trees leak as in their last use, 0 with one input; off: as built"),
    deviation<&D::no_peripheral_leakage>("neurosim.deviations.no_peripheral_leakage",
                                         "trees, buses, global buffer and activation units do not leak; off: they do"),
    deviation<&D::fixed_costs>(
        "neurosim.deviations.fixed_costs",
        "all multiplexer phases, flip-flops and shift-adders work whatever is used; off: those in use"),
    deviation<&D::no_zero_skipping>("neurosim.deviations.no_zero_skipping",
                                    "an input plane without ones costs its full time and the energy of empty columns; "
                                    "off: nothing in the crossbar"),
    deviation<&D::crosswise_cell_wires>("neurosim.deviations.crosswise_cell_wires",
                                        "wire resistance per cell pairs rows with the height and columns with the "
                                        "width, in wire widths; off: the geometry in features"),
    deviation<&D::hidden_shift_add>("neurosim.deviations.hidden_shift_add",
                                    "asynchronous: additions hide behind the read pulse; off: each takes its time"),
    deviation<&D::wordline_at_supply>("neurosim.deviations.wordline_at_supply",
                                      "wordlines are charged to the supply; off: to the access voltage"),
    deviation<&D::bitline_wire_only>("neurosim.deviations.bitline_wire_only",
                                     "V1.3: a read charges the wire of a bitline; off: its access transistors too"),
    deviation<&D::layout_ties>(
        "neurosim.deviations.layout_ties",
        "devices that exactly fill their share of a cell fold or not by rounding; off: they fit"),
    deviation<&D::bounding_box_buses>(
        "neurosim.deviations.bounding_box_buses",
        "buses of a processing element are as long as the bounding boxes of crossbars; off: as squares of their area"),
    deviation<&D::serialized_global_buffer>(
        "neurosim.deviations.serialized_global_buffer",
        "V1.3: the global buffer is slower by the number of tiles over those of the layer; off: not"),
    deviation<&D::zeta_in_efficiency_only>(
        "neurosim.deviations.zeta_in_efficiency_only",
        "zeta divides the energy efficiency only; off: it multiplies the energies too"),
    deviation<&D::barrier_units>(
        "neurosim.deviations.barrier_units",
        "V1.4: the barrier of wires is taken in metres beside nanometres; off: both in metres"),
    deviation<&D::whole_row_groups>("neurosim.deviations.whole_row_groups",
                                    "V1.4: rows that do not fill a group are lost; off: they form a shorter group"),
    deviation<&D::averaged_row_groups>(
        "neurosim.deviations.averaged_row_groups",
        "V1.4: every row group is the average of all, used or not; off: the groups of the rows in use"),
    deviation<&D::bounding_box_area>(
        "neurosim.deviations.bounding_box_area",
        "V1.4: elements take the bounding boxes of crossbars; off: the area of their parts"),
};

}  // namespace cimcycle::key_rows
