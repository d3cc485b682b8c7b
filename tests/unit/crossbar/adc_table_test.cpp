// SPDX-License-Identifier: Apache-2.0
// ADC tables against values worked out by hand.
#include <catch2/catch.hpp>

#include "crossbar/adc_table.h"

namespace {

using cimcycle::AdcSpec;
using cimcycle::AdcTransfer;
using Values = std::vector<std::int32_t>;

AdcSpec bits(int count) {
  AdcSpec adc;
  adc.bits = count;
  return adc;
}

}  // namespace

TEST_CASE("clip saturates at 2^bits - 1 and 5 bits are lossless for 16 rows of 1-bit cells") {
  CHECK(cimcycle::largest_sum(16, 1, 1) == 16);
  CHECK(cimcycle::make_adc_table(bits(5), AdcTransfer::clip, 16, 1).lossless);
  const auto four = cimcycle::make_adc_table(bits(4), AdcTransfer::clip, 16, 1);
  CHECK_FALSE(four.lossless);
  CHECK(four.clip_above == 15);
  CHECK(four.value[15] == 15);
  CHECK(four.value[16] == 15);
}

TEST_CASE("2-bit cells reach 48: 6 bits are lossless, 5 and 4 are not") {
  CHECK(cimcycle::largest_sum(16, 2, 1) == 48);
  CHECK(cimcycle::make_adc_table(bits(6), AdcTransfer::clip, 48, 1).lossless);
  CHECK_FALSE(cimcycle::make_adc_table(bits(5), AdcTransfer::clip, 48, 1).lossless);
  CHECK_FALSE(cimcycle::make_adc_table(bits(4), AdcTransfer::clip, 48, 1).lossless);
}

TEST_CASE("full_scale rounds twice, halves away from zero") {
  // 2 bits over 0..4: codes round(3 S / 4) = 0 1 2 2 3, values round(4 code / 3) = 0 1 3 3 4.
  const auto table = cimcycle::make_adc_table(bits(2), AdcTransfer::full_scale, 4, 1);
  CHECK(table.value == Values{0, 1, 3, 3, 4});
  CHECK(table.clip_above == 4);
  CHECK(cimcycle::make_adc_table(bits(3), AdcTransfer::full_scale, 7, 1).lossless);
}

TEST_CASE("calibrated counts in steps and clips codes above the top") {
  // 2 bits, step 3: codes of 0..12 are 0 0 1 1 1 2 2 2 3 3 3 (4 4).
  const auto table = cimcycle::make_adc_table(bits(2), AdcTransfer::calibrated, 12, 3);
  CHECK(table.value == Values{0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 9, 9});
  CHECK(table.clip_above == 10);
}

TEST_CASE("levels give the value of the number of thresholds passed") {
  AdcSpec adc = bits(2);
  adc.levels = {1, 4, 6};
  CHECK(cimcycle::make_adc_table(adc, AdcTransfer::levels, 7, 1).value == Values{0, 1, 1, 1, 4, 4, 6, 6});
  adc.level_values = {0, 2, 5, 7};
  const auto table = cimcycle::make_adc_table(adc, AdcTransfer::levels, 8, 1);
  CHECK(table.value == Values{0, 2, 2, 2, 5, 5, 7, 7, 7});
  CHECK(table.clip_above == 7);
}

TEST_CASE("equal steps in arithmetic give every value of the table") {
  int stepped = 0;
  for (const AdcTransfer transfer :
       {AdcTransfer::ideal, AdcTransfer::clip, AdcTransfer::full_scale, AdcTransfer::calibrated, AdcTransfer::levels}) {
    for (const std::int32_t s_max : {1, 3, 7, 13, 16, 31, 32, 48, 91, 128, 384, 1023, 1024, 5000, 61200}) {
      for (const int resolution : {1, 2, 3, 4, 5, 6, 8, 11, 12}) {
        for (const int step : {1, 2, 3, 7, 20}) {
          AdcSpec adc = bits(resolution);
          if (transfer == AdcTransfer::levels) adc.levels = {1};
          const cimcycle::AdcTable table = make_adc_table(adc, transfer, s_max, step);
          const auto steps = step_transfer(adc, transfer, step, table);
          INFO(static_cast<int>(transfer) << " s_max " << s_max << " bits " << resolution << " step " << step);
          if (!steps) continue;
          ++stepped;
          bool equal = true;
          for (std::int32_t s = 0; s <= s_max; ++s) {
            const std::int32_t code = (s * steps->code.factor + steps->code.offset) >> steps->code.shift;
            const std::int32_t value =
                (std::min(code, steps->top) * steps->value.factor + steps->value.offset) >> steps->value.shift;
            equal &= value == table.value[static_cast<std::size_t>(s)];
          }
          CHECK(equal);
        }
      }
    }
  }
  CHECK(stepped > 600);
  // What the default chip of NeuroSim V1.3 has: 128 rows of 2-bit cells, 5 bits.
  CHECK(step_transfer(bits(5), AdcTransfer::full_scale, 1, make_adc_table(bits(5), AdcTransfer::full_scale, 384, 1)));
}
