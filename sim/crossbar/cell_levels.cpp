// SPDX-License-Identifier: Apache-2.0
#include "crossbar/cell_levels.h"

#include <algorithm>
#include <numeric>

namespace cimcycle {
namespace {

bool low_part_is_unsigned(const Dec3& dec3) { return dec3.split == Split::floor && dec3.hb > 1; }

PathCoding coding_of(const Dec3& dec3, bool high, CellMapping cells) {
  PathCoding coding;
  coding.bits = high ? dec3.hb : dec3.lb;
  const bool is_unsigned = !high && low_part_is_unsigned(dec3);
  if (cells == CellMapping::offset && !is_unsigned) {
    // hb = 1 stores u for 2u - 1: (value + 1) / 2, and Ph = 2 S - X.
    coding.offset = high && dec3.hb == 1 ? 1 : 1 << (coding.bits - 1);
    coding.scale = high && dec3.hb == 1 ? 2 : 1;
  }
  coding.negative_top = cells == CellMapping::twos_complement && !is_unsigned;
  return coding;
}

/// The number that the cells of one half of the columns hold for a weight part.
std::uint32_t stored_number(int value, const PathCoding& coding, CellMapping cells, int half) {
  if (cells == CellMapping::differential) return static_cast<std::uint32_t>(std::max(half == 0 ? value : -value, 0));
  if (cells == CellMapping::twos_complement) return static_cast<std::uint32_t>(value) & ((1u << coding.bits) - 1u);
  return static_cast<std::uint32_t>((value + coding.offset) / coding.scale);
}

}  // namespace

CellLevels::CellLevels(const Layer& layer, const LayerMapping& mapping, const MappingSpec& spec, bool high)
    : layer_(layer),
      spec_(spec),
      high_(high),
      slice_bits_(high ? mapping.msb_slices : mapping.lsb_slices),
      shift_(slice_bits_.size()),
      coding_(coding_of(layer.dec3, high, spec.cells)) {
  std::exclusive_scan(slice_bits_.begin(), slice_bits_.end(), shift_.begin(), 0);
}

int CellLevels::value(int output, int row) const {
  const auto index = static_cast<std::size_t>(weight_index(layer_, output, row));
  const SplitWeight parts = split_weight(layer_.weights[index], layer_.dec3);
  return high_ ? parts.high : parts.low;
}

std::uint32_t CellLevels::level(int output, int row, int slice, int half) const {
  return (stored_number(value(output, row), coding_, spec_.cells, half) >> shift_[static_cast<std::size_t>(slice)]) &
         static_cast<std::uint32_t>(top_level(slice));
}

bool CellLevels::flips(const RowGroup& group, int output, int slice) const {
  if (!spec_.flip) return false;
  std::int64_t sum = 0;
  for (int i = 0; i < group.rows; ++i) sum += level(output, group.first_row + i, slice, 0);
  return 2 * sum > std::int64_t{group.rows} * top_level(slice);
}

}  // namespace cimcycle
