// SPDX-License-Identifier: Apache-2.0
// The words of the hardware description: one row per kind. Parser, schema, documentation and "did you mean" read these
// rows; a new kind is an enumerator in hardware.h and a row here.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "hardware/hardware.h"

namespace cimcycle::hardware_words {

template <class Enum>
struct Word {
  Enum value;
  std::string_view name;     ///< as it stands in JSON
  std::string_view meaning;  ///< one line for the documentation
};

/// Names and meanings in the order of the enumerators.
template <class Enum, std::size_t N>
struct WordTable {
  using Kind = Enum;
  std::array<std::string_view, N> names;
  std::array<std::string_view, N> meanings;
};

/// Does not compile if a row is not at the place of its enumerator.
template <class Enum, std::size_t N>
consteval WordTable<Enum, N> table(const Word<Enum> (&rows)[N]) {
  WordTable<Enum, N> result{};
  for (std::size_t i = 0; i < N; ++i) {
    if (static_cast<std::size_t>(rows[i].value) != i) throw "rows must stand in the order of the enumerators";
    result.names[i] = rows[i].name;
    result.meanings[i] = rows[i].meaning;
  }
  return result;
}

inline constexpr auto cell_mapping = table<CellMapping>({
    {CellMapping::offset, "offset", "cells hold the weight part plus half of its range; the digital side subtracts it"},
    {CellMapping::twos_complement, "twos_complement", "the top slice of a path counts negative; needs 1-bit cells"},
    {CellMapping::differential, "differential", "positive and negative magnitudes on neighbouring columns"},
});

inline constexpr auto subtract = table<Subtract>({
    {Subtract::digital, "digital", "both columns of a pair are converted, then subtracted"},
    {Subtract::analog, "analog", "the columns of a pair are subtracted before one signed conversion"},
});

inline constexpr auto offset_sum = table<OffsetSum>({
    {OffsetSum::digital, "digital", "a popcount tree adds up the activations of a row group"},
    {OffsetSum::unit_column, "unit_column", "a column of ones is converted with the MSB path"},
});

inline constexpr auto lsb_placement = table<LsbPlacement>({
    {LsbPlacement::same_crossbar, "same_crossbar",
     "MSB and LSB slices of an output block share crossbar and converters"},
    {LsbPlacement::separate_crossbars, "separate_crossbars",
     "LSB slices have crossbars of their own; the mask travels"},
});

inline constexpr auto row_spread = table<RowSpread>({
    {RowSpread::even, "even", "row groups are spread evenly over the smallest number of crossbars"},
    {RowSpread::fill, "fill", "each crossbar is filled before the next one starts"},
});

inline constexpr auto row_policy = table<RowPolicy>({
    {RowPolicy::all, "all", "every OU read is issued"},
    {RowPolicy::skip_zero_groups, "skip_zero_groups",
     "a read whose row group has no active row in this digit is not issued"},
});

inline constexpr auto zero_weights = table<ZeroWeights>({
    {ZeroWeights::read, "read", "like any others"},
    {ZeroWeights::skip, "skip",
     "static OU skipping: an index memory per crossbar knows them, and they are not read (layers without a gate and "
     "without low bits)"},
});

inline constexpr auto dataflow = table<Dataflow>({
    {Dataflow::layer_by_layer, "layer_by_layer", "a layer starts when the one before it has ended"},
});

inline constexpr auto adc_type = table<AdcType>({
    {AdcType::flash, "flash", "multilevel sense amplifier with 2^bits - 1 comparators, one cycle"},
    {AdcType::sar, "sar", "successive approximation, bits + 1 steps of 1 ns"},
    {AdcType::charge_decrement, "charge_decrement",
     "one amplifier adds up all bits of a digit, then takes charge away bit by bit; needs a node with such data"},
});

inline constexpr auto adc_transfer = table<AdcTransfer>({
    {AdcTransfer::ideal, "ideal", "the sum itself"},
    {AdcTransfer::clip, "clip", "min(sum, 2^bits - 1)"},
    {AdcTransfer::full_scale, "full_scale", "2^bits codes spread over the full range of sums"},
    {AdcTransfer::calibrated, "calibrated", "one integer step per layer and path, saturating at the top code"},
    {AdcTransfer::levels, "levels", "value of the number of thresholds that the sum reaches"},
});

inline constexpr auto mask_known = table<MaskKnown>({
    {MaskKnown::after_read, "after_read", "the MSB read is spent, later stages are saved"},
    {MaskKnown::oracle, "oracle", "closed groups cost nothing; not buildable, a bound"},
    {MaskKnown::static_, "static", "groups recorded as never open are left out of the hardware"},
});

inline constexpr auto array_current = table<ArrayCurrent>({
    {ArrayCurrent::neurosim_fit, "neurosim_fit", "the conductance term of NeuroSim's sense amplifier fit"},
    {ArrayCurrent::physical, "physical", "read voltage squared x conductance x time"},
});

inline constexpr auto neurosim_version = table<NeurosimVersion>({
    {NeurosimVersion::v1_3, "1.3", "DNN+NeuroSim V1.3"},
    {NeurosimVersion::v1_4, "1.4", "DNN+NeuroSim V1.4, read in groups of rows"},
});

inline constexpr auto neurosim_mapping = table<NeurosimMapping>({
    {NeurosimMapping::novel, "novel", "each kernel position of a convolution on a processing element of its own"},
    {NeurosimMapping::conventional, "conventional", "kernels unrolled into columns"},
});

inline constexpr auto sense_mode = table<SenseMode>({
    {SenseMode::current, "current", "sense amplifiers compare currents"},
    {SenseMode::voltage, "voltage", "sense amplifiers compare voltages"},
});

inline constexpr auto buffer_kind = table<BufferKind>({
    {BufferKind::register_file, "register_file", "flip-flops with a line decoder"},
    {BufferKind::sram, "sram", "six-transistor cells"},
});

inline constexpr auto global_bus = table<GlobalBus>({
    {GlobalBus::h_tree, "h_tree", "a tree from the global buffer to all tiles"},
    {GlobalBus::xy_bus, "xy_bus", "buses along the rows and columns of tiles; V1.4 only"},
});

}  // namespace cimcycle::hardware_words
