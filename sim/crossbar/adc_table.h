// SPDX-License-Identifier: Apache-2.0
// ADC transfers as integer tables: what a conversion of the bitline sum S returns.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crossbar/kernel.h"
#include "hardware/hardware.h"

namespace cimcycle {

/// The transfer of one converter for sums 0 .. S_max.
struct AdcTable {
  std::vector<std::int32_t> value;  ///< value[S]: the reconstructed sum; value[0] = 0
  std::int32_t clip_above = 0;      ///< sums above this are clipped; S_max or more if nothing can clip
  bool lossless = false;            ///< value[S] = S for every S
};

/// Largest bitline sum of `rows` rows with `slice_bits`-bit cells and `digit_bits`-bit digits.
constexpr std::int32_t largest_sum(int rows, int slice_bits, int digit_bits) {
  return rows * ((1 << slice_bits) - 1) * ((1 << digit_bits) - 1);
}

/// The table of the hardware's transfer for sums up to `s_max`. `step` is the integer step of `calibrated` (not read by
/// the other transfers).
AdcTable make_adc_table(const AdcSpec& adc, AdcTransfer transfer, std::int32_t s_max, int step);

/// The same transfer in arithmetic, which vector units do faster than look-ups: gives every value of `table`, that was
/// made from the same arguments. Nothing for `levels`, and where 32 bits are too few.
std::optional<StepTransfer> step_transfer(const AdcSpec& adc, AdcTransfer transfer, int step, const AdcTable& table);

}  // namespace cimcycle
