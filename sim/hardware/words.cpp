// SPDX-License-Identifier: Apache-2.0
// The lists of words that other folders see.
#include "hardware/words.h"

namespace cimcycle {

constinit const std::span<const std::string_view> cell_mapping_words = hardware_words::cell_mapping.names;
constinit const std::span<const std::string_view> subtract_words = hardware_words::subtract.names;
constinit const std::span<const std::string_view> offset_sum_words = hardware_words::offset_sum.names;
constinit const std::span<const std::string_view> lsb_placement_words = hardware_words::lsb_placement.names;
constinit const std::span<const std::string_view> row_spread_words = hardware_words::row_spread.names;
constinit const std::span<const std::string_view> row_policy_words = hardware_words::row_policy.names;
constinit const std::span<const std::string_view> zero_weights_words = hardware_words::zero_weights.names;
constinit const std::span<const std::string_view> dataflow_words = hardware_words::dataflow.names;
constinit const std::span<const std::string_view> adc_type_words = hardware_words::adc_type.names;
constinit const std::span<const std::string_view> adc_transfer_words = hardware_words::adc_transfer.names;
constinit const std::span<const std::string_view> mask_known_words = hardware_words::mask_known.names;
constinit const std::span<const std::string_view> array_current_words = hardware_words::array_current.names;
constinit const std::span<const std::string_view> neurosim_version_words = hardware_words::neurosim_version.names;
constinit const std::span<const std::string_view> neurosim_mapping_words = hardware_words::neurosim_mapping.names;
constinit const std::span<const std::string_view> sense_mode_words = hardware_words::sense_mode.names;
constinit const std::span<const std::string_view> buffer_kind_words = hardware_words::buffer_kind.names;
constinit const std::span<const std::string_view> global_bus_words = hardware_words::global_bus.names;

}  // namespace cimcycle
