// SPDX-License-Identifier: Apache-2.0
// Each enumerator has the word that the description uses for it.
#include <catch2/catch.hpp>

#include "hardware/hardware.h"

using namespace cimcycle;

namespace {

using Words = std::vector<std::string_view>;

Words list(std::span<const std::string_view> words) { return {words.begin(), words.end()}; }

}  // namespace

TEST_CASE("words stand in the order of the enumerators") {
  CHECK(list(cell_mapping_words) == Words{"offset", "twos_complement", "differential"});
  CHECK(list(subtract_words) == Words{"digital", "analog"});
  CHECK(list(offset_sum_words) == Words{"digital", "unit_column"});
  CHECK(list(lsb_placement_words) == Words{"same_crossbar", "separate_crossbars"});
  CHECK(list(row_spread_words) == Words{"even", "fill"});
  CHECK(list(row_policy_words) == Words{"all", "skip_zero_groups"});
  CHECK(list(dataflow_words) == Words{"layer_by_layer"});
  CHECK(list(adc_type_words) == Words{"flash", "sar", "charge_decrement"});
  CHECK(list(adc_transfer_words) == Words{"ideal", "clip", "full_scale", "calibrated", "levels"});
  CHECK(list(mask_known_words) == Words{"after_read", "oracle", "static"});
  CHECK(list(array_current_words) == Words{"neurosim_fit", "physical"});
  CHECK(static_cast<std::size_t>(AdcTransfer::levels) == adc_transfer_words.size() - 1);
  CHECK(static_cast<std::size_t>(MaskKnown::static_) == mask_known_words.size() - 1);
}
