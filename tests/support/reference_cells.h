// SPDX-License-Identifier: Apache-2.0
// What stands in each single cell, and what one converter makes of one bitline sum: the slow twin's own derivation.
// Shares plain data structs with the product and no function. Rules: docs/models/numerics.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "hardware/hardware.h"
#include "network/network.h"
#include "reference_layout.h"

namespace cimcycle_reference {

/// The high and the low part of one weight.
struct Parts {
  int high = 0;
  int low = 0;
};

/// Finds the parts by trying every high part until the low one lies in its range. Throws std::invalid_argument for a
/// weight outside the layer's range, and for split `floor` with hb = 1, lb > 0.
Parts split(int weight, const cimcycle::Dec3& dec3);

/// Power of two by which high parts enter the accumulator.
int high_power(const cimcycle::Dec3& dec3);

enum class Path { msb, lsb };

/// Every cell of one path of a layer.
struct PathCells {
  std::vector<int> slice_bits;
  /// [slice][row][output][column]: level as stored, inverted columns included. Column 1 exists for differential pairs.
  std::vector<std::vector<std::vector<std::array<int, 2>>>> level;
  /// [slice][group][output]: the column is stored inverted in this row group.
  std::vector<std::vector<std::vector<bool>>> inverted;
};

PathCells fill_cells(Path path, const cimcycle::Layer& layer, const cimcycle::Hardware& hardware, const Layout& layout);

struct Converted {
  std::int64_t value = 0;
  bool clipped = false;
};

/// One ADC use. `sum` may be negative for analog subtraction. `step` is the integer step of `calibrated`.
Converted convert(std::int64_t sum, const cimcycle::AdcSpec& adc, int ou_rows, int slice_bits, int digit_bits,
                  std::optional<int> step);

}  // namespace cimcycle_reference
