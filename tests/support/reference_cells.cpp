// SPDX-License-Identifier: Apache-2.0
// Cells and conversions of the slow twin.
#include "reference_cells.h"

#include <stdexcept>

namespace cimcycle_reference {

using cimcycle::AdcSpec;
using cimcycle::AdcTransfer;
using cimcycle::CellMapping;
using cimcycle::Dec3;
using cimcycle::Hardware;
using cimcycle::Layer;
using cimcycle::Split;

namespace {

int power(int exponent) { return 1 << exponent; }

/// The unsigned code that one column of an output spreads over its slices.
int column_code(int part, Path path, int bits, int column, const Dec3& dec3, CellMapping mapping) {
  const bool unsigned_part = path == Path::lsb && dec3.split == Split::floor;
  switch (mapping) {
    case CellMapping::offset:
      if (path == Path::msb && dec3.hb == 1) return part == 1 ? 1 : 0;
      return unsigned_part ? part : part + power(bits - 1);
    case CellMapping::twos_complement:
      return part < 0 ? part + power(bits) : part;
    case CellMapping::differential:
      if (column == 0) return part > 0 ? part : 0;
      return part < 0 ? -part : 0;
  }
  throw std::invalid_argument("unknown cell mapping");
}

void invert_heavy_columns(PathCells& cells, const Layer& layer, const Layout& layout) {
  for (std::size_t slice = 0; slice < cells.level.size(); ++slice) {
    const int top = power(cells.slice_bits[slice]) - 1;
    for (std::size_t g = 0; g < layout.groups.size(); ++g) {
      const Group& group = layout.groups[g];
      for (int output = 0; output < layer.out.channels; ++output) {
        const std::size_t o = static_cast<std::size_t>(output);
        int sum = 0;
        for (int i = 0; i < group.rows; ++i) {
          sum += cells.level[slice][static_cast<std::size_t>(group.first_row + i)][o][0];
        }
        if (2 * sum <= group.rows * top) continue;
        cells.inverted[slice][g][o] = true;
        for (int i = 0; i < group.rows; ++i) {
          int& level = cells.level[slice][static_cast<std::size_t>(group.first_row + i)][o][0];
          level = top - level;
        }
      }
    }
  }
}

/// numerator / denominator to the nearest integer, halves away from 0; both non-negative.
std::int64_t round_quotient(std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t quotient = numerator / denominator;
  const std::int64_t rest = numerator % denominator;
  return 2 * rest >= denominator ? quotient + 1 : quotient;
}

}  // namespace

Parts split(int weight, const Dec3& dec3) {
  if (dec3.hb == 1) {
    if (dec3.lb > 0 && dec3.split == Split::floor) throw std::invalid_argument("split floor with hb = 1");
    const int step = dec3.lb > 0 ? power(dec3.lb - 1) : 1;
    const Parts parts{weight >= 0 ? 1 : -1, weight - step * (weight >= 0 ? 1 : -1)};
    const int low_min = dec3.lb > 0 ? -power(dec3.lb - 1) : 0;
    const int low_max = dec3.lb > 0 ? power(dec3.lb - 1) - 1 : 0;
    if (parts.low < low_min || parts.low > low_max) throw std::invalid_argument("weight out of range");
    return parts;
  }
  int low_min = 0;
  int low_max = 0;
  if (dec3.lb > 0) {
    low_min = dec3.split == Split::round ? -power(dec3.lb - 1) : 0;
    low_max = low_min + power(dec3.lb) - 1;
  }
  for (int high = -power(dec3.hb - 1); high < power(dec3.hb - 1); ++high) {
    const int low = weight - power(dec3.lb) * high;
    if (low >= low_min && low <= low_max) {
      // The lowest high part with a negative low one would leave b signed bits.
      if (weight < -power(dec3.hb + dec3.lb - 1)) break;
      return {high, low};
    }
  }
  throw std::invalid_argument("weight out of range");
}

int high_power(const Dec3& dec3) { return dec3.hb == 1 && dec3.lb > 0 ? dec3.lb - 1 : dec3.lb; }

PathCells fill_cells(Path path, const Layer& layer, const Hardware& hardware, const Layout& layout) {
  const Dec3& dec3 = layer.dec3;
  PathCells cells;
  cells.slice_bits = path == Path::msb ? layout.msb_slices : layout.lsb_slices;
  const int bits = path == Path::msb ? dec3.hb : dec3.lb;
  const std::size_t outputs = static_cast<std::size_t>(layer.out.channels);
  const std::size_t rows = static_cast<std::size_t>(layout.rows);
  for (std::size_t slice = 0; slice < cells.slice_bits.size(); ++slice) {
    const int shift = shift_of(cells.slice_bits, static_cast<int>(slice));
    cells.level.emplace_back(rows, std::vector<std::array<int, 2>>(outputs));
    cells.inverted.emplace_back(layout.groups.size(), std::vector<bool>(outputs, false));
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t output = 0; output < outputs; ++output) {
        const Parts parts = split(layer.weights.at(output * rows + row), dec3);
        for (int column = 0; column < layout.columns_per_output; ++column) {
          const int part = path == Path::msb ? parts.high : parts.low;
          const int code = column_code(part, path, bits, column, dec3, hardware.mapping.cells);
          const int level = code / power(shift) % power(cells.slice_bits[slice]);
          cells.level[slice][row][output][static_cast<std::size_t>(column)] = level;
        }
      }
    }
  }
  if (hardware.mapping.flip) invert_heavy_columns(cells, layer, layout);
  return cells;
}

Converted convert(std::int64_t sum, const AdcSpec& adc, int ou_rows, int slice_bits, int digit_bits,
                  std::optional<int> step) {
  if (sum < 0) {
    const Converted positive = convert(-sum, adc, ou_rows, slice_bits, digit_bits, step);
    return {-positive.value, positive.clipped};
  }
  if (sum == 0) return {0, false};
  const std::int64_t top = power(adc.bits) - 1;
  const std::int64_t largest = std::int64_t{ou_rows} * (power(slice_bits) - 1) * (power(digit_bits) - 1);
  switch (adc.transfer) {
    case AdcTransfer::ideal:
      return {sum, false};
    case AdcTransfer::clip:
      return {sum < top ? sum : top, sum > top};
    case AdcTransfer::full_scale:
      if (top >= largest) return {sum, false};
      return {round_quotient(round_quotient(sum * top, largest) * largest, top), false};
    case AdcTransfer::calibrated: {
      const std::int64_t code = round_quotient(sum, step.value());
      return {step.value() * (code < top ? code : top), code > top};
    }
    case AdcTransfer::levels: {
      std::vector<int> values = adc.level_values;
      if (values.empty()) {
        values.push_back(0);
        for (const int threshold : adc.levels) values.push_back(threshold);
      }
      std::size_t passed = 0;
      for (const int threshold : adc.levels) {
        if (threshold <= sum) ++passed;
      }
      int highest = 0;
      for (const int value : values) {
        if (value > highest) highest = value;
      }
      return {values.at(passed), sum > highest};
    }
  }
  throw std::invalid_argument("unknown ADC transfer");
}

}  // namespace cimcycle_reference
