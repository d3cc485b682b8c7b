// SPDX-License-Identifier: Apache-2.0
#include "crossbar/conversions.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/text.h"
#include "crossbar/cell_levels.h"
#include "crossbar/input_window.h"

namespace cimcycle {
namespace {

constexpr std::int64_t most_conversions = std::int64_t{1} << 26;

/// Walks over one path of a layer; fills one PathConversions.
class PathWalk {
 public:
  PathWalk(const PackedLayer& packed, const Hardware& hardware, bool high, const LayerReading& reading,
           LayerConversions& layer)
      : packed_(packed),
        path_(high ? packed.msb : packed.low()),
        levels_(*packed.layer, *packed.mapping, hardware.mapping, high || packed.low_mask != 0),
        halves_(packed.cells == CellMapping::differential ? 2 : 1),
        reading_(reading),
        facts_(high || packed.low_mask == 0 ? reading.input.facts : reading.low_input.facts),
        bits_(static_cast<std::uint8_t>(packed.low_mask == 0 ? 0xff
                                        : high               ? ~packed.low_mask
                                                             : packed.low_mask)),
        layer_(layer),
        to_(high ? layer.msb : layer.lsb),
        masked_(!reading.trace.open.empty() && (!high || packed.mask_known_before_msb(true))) {
    to_.slices = path_.slices;
    to_.columns_per_output = packed.analog_subtract ? 1 : halves_;
    to_.digit_weight = path_.digit_weight;
    to_.slice_weight = path_.slice_weight;
    const std::int64_t triples = std::int64_t{layer.row_groups} * layer.vectors.count * layer.outputs;
    const std::int64_t conversions = triples * layer.digits * path_.slices * to_.columns_per_output;
    if (conversions > most_conversions) {
      fail_input("layer {}: {} vectors are {} conversions; allowed: up to {}; take fewer vectors",
                 printable(packed.layer->name), layer.vectors.count, conversions, most_conversions);
    }
    to_.sum.resize(static_cast<std::size_t>(conversions));
    to_.value.resize(to_.sum.size());
    to_.clipped.resize(to_.sum.size());
    to_.partial_sum.resize(static_cast<std::size_t>(triples));
    to_.ideal_partial_sum.resize(to_.partial_sum.size());
    to_.read.resize(to_.partial_sum.size());
  }

  void run() {
    for (int g = 0; g < layer_.row_groups; ++g) {
      for (int output = 0; output < layer_.outputs; ++output) {
        store_cells(g, output);
        for (int v = 0; v < layer_.vectors.count; ++v) read_vector(g, v, output);
      }
    }
  }

 private:
  /// The levels of one output's columns in a row group: [slice][half][row].
  void store_cells(int g, int output) {
    const RowGroup& group = packed_.mapping->groups[static_cast<std::size_t>(g)];
    cells_.clear();
    flipped_.clear();
    x_weight_ = -levels_.coding().offset;
    for (int s = 0; s < path_.slices; ++s) {
      const bool flip = levels_.flips(group, output, s);
      flipped_.push_back(flip ? 1 : 0);
      if (flip) x_weight_ += path_.slice_weight[static_cast<std::size_t>(s)] * levels_.top_level(s);
      for (int half = 0; half < halves_; ++half) {
        for (int i = 0; i < group.rows; ++i) {
          const int level = static_cast<int>(levels_.level(output, group.first_row + i, s, half));
          cells_.push_back(flip ? levels_.top_level(s) - level : level);
        }
      }
    }
  }

  /// 0 for a digit that the other path reads (digit gating).
  int digit_of(std::uint8_t x, int digit) const {
    const int first = packed_.digit_planes[static_cast<std::size_t>(digit)];
    const int bits = packed_.digit_planes[static_cast<std::size_t>(digit) + 1] - first;
    return (x & bits_) >> first & ((1 << bits) - 1);
  }

  /// One conversion. `sign` is that of its value in the partial sum.
  std::int32_t convert(int digit, int slice, std::int32_t sum, std::size_t at) {
    const AdcTable& table = *path_.tables[static_cast<std::size_t>(slice * layer_.digits + digit)];
    // Only sums that are subtracted before the ADC can be negative: T[-S] = -T[S].
    const std::int32_t size = std::abs(sum), value = table.value[static_cast<std::size_t>(size)];
    to_.sum[at] = sum;
    to_.clipped[at] = size > table.clip_above ? 1 : 0;
    return to_.value[at] = sum < 0 ? -value : value;
  }

  void read_vector(int g, int v, int output) {
    const RowGroup& group = packed_.mapping->groups[static_cast<std::size_t>(g)];
    const std::uint8_t* const x =
        &layer_.inputs[static_cast<std::size_t>(v) * static_cast<std::size_t>(packed_.layer->rows()) +
                       static_cast<std::size_t>(group.first_row)];
    const std::int64_t triple = (std::int64_t{g} * layer_.vectors.count + v) * layer_.outputs + output;
    std::int64_t partial = 0, ideal = 0;
    for (int d = 0; d < layer_.digits; ++d) {
      const std::int64_t digit_weight = path_.digit_weight[static_cast<std::size_t>(d)];
      for (int i = 0; i < group.rows; ++i)
        ideal += digit_weight * digit_of(x[i], d) * levels_.value(output, group.first_row + i);
      for (int s = 0; s < path_.slices; ++s) {
        std::int32_t sums[2] = {0, 0};
        for (int half = 0; half < halves_; ++half) {
          const int* const cell = &cells_[static_cast<std::size_t>((s * halves_ + half) * group.rows)];
          for (int i = 0; i < group.rows; ++i) sums[half] += digit_of(x[i], d) * cell[i];
        }
        const std::int64_t read = (std::int64_t{d} * path_.slices + s) * layer_.row_groups + g;
        const std::size_t at = static_cast<std::size_t>(((read * layer_.vectors.count + v) * layer_.outputs + output) *
                                                        to_.columns_per_output);
        std::int64_t value = 0;
        if (to_.columns_per_output == 1) {
          value = convert(d, s, sums[0] - sums[1], at);
        } else {
          value = std::int64_t{convert(d, s, sums[0], at)} - convert(d, s, sums[1], at + 1);
        }
        const bool flip = flipped_[static_cast<std::size_t>(s)] != 0;
        partial += digit_weight * path_.slice_weight[static_cast<std::size_t>(s)] * (flip ? -value : value);
      }
    }
    const std::size_t facts =
        static_cast<std::size_t>(layer_.vectors.first + v) * static_cast<std::size_t>(layer_.row_groups) +
        static_cast<std::size_t>(g);
    partial += x_weight_ * facts_[facts].x_sum;
    const std::size_t place = static_cast<std::size_t>(triple);
    to_.partial_sum[place] = static_cast<std::int32_t>(partial);
    to_.ideal_partial_sum[place] = static_cast<std::int32_t>(ideal);
    to_.read[place] = !masked_ || is_open(facts, output) ? 1 : 0;
  }

  bool is_open(std::size_t facts, int output) const {
    const auto& blocks = packed_.mapping->blocks;
    const auto after = std::ranges::upper_bound(blocks, output, {}, &OutputBlock::first_output);
    const std::size_t block = static_cast<std::size_t>(after - blocks.begin()) - 1;
    return reading_.trace.is_open(facts, block);
  }

  const PackedLayer& packed_;
  const PackedPath& path_;
  const CellLevels levels_;
  const int halves_;
  const LayerReading& reading_;
  const std::vector<GroupFacts>& facts_;
  const std::uint8_t bits_;  ///< of an activation that this path reads
  LayerConversions& layer_;
  PathConversions& to_;
  const bool masked_;
  std::vector<int> cells_;
  std::vector<std::uint8_t> flipped_;  ///< [slices]
  std::int64_t x_weight_ = 0;
};

}  // namespace

LayerConversions conversions_of(const PackedLayer& packed, const Hardware& hardware,
                                std::span<const std::int16_t> input, std::span<const int> pad, VectorRange vectors) {
  const Layer& layer = *packed.layer;
  if (vectors.first < 0 || vectors.count < 1 || vectors.count > layer.vectors() - vectors.first) {
    fail_input("layer {}: vectors {} to {}; it has {}, from 0 on", printable(layer.name), vectors.first,
               std::int64_t{vectors.first} + vectors.count - 1, layer.vectors());
  }
  LayerReading reading;
  read_layer(packed, input, pad, reading);
  LayerConversions result;
  result.vectors = vectors;
  result.row_groups = static_cast<int>(packed.mapping->groups.size());
  result.digits = packed.mapping->digits;
  result.outputs = packed.outputs;
  const std::size_t rows = static_cast<std::size_t>(layer.rows());
  result.inputs.resize(static_cast<std::size_t>(vectors.count) * rows);
  std::vector<std::uint8_t> x(rows + gather_surplus);
  for (int v = 0; v < vectors.count; ++v) {
    gather(packed, window_of(packed, reading.padded, vectors.first + v), x.data());
    std::copy_n(x.begin(), rows, result.inputs.begin() + static_cast<std::ptrdiff_t>(v) * layer.rows());
  }
  PathWalk(packed, hardware, true, reading, result).run();
  if (packed.has_low()) PathWalk(packed, hardware, false, reading, result).run();
  const std::ptrdiff_t outputs = layer.out.channels;
  result.acc.assign(reading.acc.begin() + vectors.first * outputs,
                    reading.acc.begin() + (vectors.first + vectors.count) * outputs);
  return result;
}

}  // namespace cimcycle
