// SPDX-License-Identifier: Apache-2.0
// Bounds of sums, from the hardware description alone.
#include "circuits/sum_widths.h"

#include <algorithm>
#include <cmath>

#include "circuits/adder.h"
#include "circuits/gates.h"

namespace cimcycle {

namespace {

/// Sum of the weights 1, 2^step, 2^(2 step) ... of `count` places.
double place_values(int count, int step) {
  double sum = 0;
  for (int place = 0; place < count; ++place) sum += std::ldexp(1.0, place * step);
  return sum;
}

double largest_converted(const AdcSpec& adc, double largest_read) {
  const double codes = std::ldexp(1.0, adc.bits) - 1;
  switch (adc.transfer) {
    case AdcTransfer::ideal:
    case AdcTransfer::full_scale:
      return largest_read;
    case AdcTransfer::clip:
      return std::min(largest_read, codes);
    // Rounding up to the next step can double a sum of half a step.
    case AdcTransfer::calibrated:
      return 2 * largest_read;
    case AdcTransfer::levels:
      break;
  }
  // Without values of their own, levels stand for their thresholds.
  const std::vector<int>& values = adc.level_values.empty() ? adc.levels : adc.level_values;
  double largest = 1;
  for (const int value : values) largest = std::max(largest, std::abs(static_cast<double>(value)));
  return largest;
}

int sum_bits(double largest, bool is_signed) { return std::min(bits_for(largest) + (is_signed ? 1 : 0), max_sum_bits); }

}  // namespace

SumWidths make_sum_widths(const Hardware& hardware) {
  const int cell_bits = hardware.cell.bits, digit_bits = hardware.input.digit_bits;
  const bool differential = hardware.mapping.cells == CellMapping::differential;
  // Offset sums are unsigned until their correction; the others have negative places.
  const bool is_signed = hardware.mapping.cells != CellMapping::offset;

  SumWidths widths;
  widths.largest_read = static_cast<double>(hardware.ou.rows) * ((1 << cell_bits) - 1) * ((1 << digit_bits) - 1);
  widths.largest_converted = largest_converted(hardware.adc, widths.largest_read);
  widths.lossless_bits = bits_for(widths.largest_read);
  widths.slices = units_needed(max_weight_bits, cell_bits);
  widths.digits = units_needed(max_activation_bits, digit_bits);
  widths.outputs_per_block = std::max(differential ? hardware.ou.cols / 2 : hardware.ou.cols, 1);
  widths.column_blocks = std::max(hardware.crossbar.cols / hardware.ou.cols, 1);
  widths.row_groups = std::max(hardware.crossbar.rows / hardware.ou.rows, 1);

  const double digit_places = place_values(widths.digits, digit_bits);
  const auto largest_partial = [&](int slices) {
    return widths.largest_converted * place_values(slices, cell_bits) * digit_places;
  };
  widths.partial_bits = sum_bits(largest_partial(widths.slices), is_signed);
  widths.accumulator_bits = sum_bits(widths.row_groups * largest_partial(widths.slices), true);
  widths.row_sum_bits = sum_bits(hardware.ou.rows * (std::ldexp(1.0, max_activation_bits) - 1), false);
  for (int slices = 1; slices <= std::min(widths.slices, widths.column_blocks); ++slices) {
    const int outputs = widths.column_blocks / slices * widths.outputs_per_block;
    const double largest = largest_partial(slices);
    widths.largest_outputs = std::max(widths.largest_outputs, outputs);
    widths.partial_store_bits = std::max(widths.partial_store_bits, outputs * sum_bits(largest, is_signed));
    widths.accumulator_store_bits =
        std::max(widths.accumulator_store_bits, outputs * sum_bits(widths.row_groups * largest, true));
  }
  return widths;
}

}  // namespace cimcycle
