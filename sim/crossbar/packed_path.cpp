// SPDX-License-Identifier: Apache-2.0
#include "crossbar/packed_path.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "crossbar/cell_levels.h"
#include "crossbar/packed_layer.h"

namespace cimcycle {
namespace {

/// Bit planes of a path in the kernel's layout, written one cell level at a time.
class CellPlanes {
 public:
  CellPlanes(const PackedLayer& layer, const PackedPath& path, int halves)
      : chunks_(layer.chunks),
        halves_(halves),
        words_(layer.words),
        word_bits_(layer.word_bits),
        chunk_words_(std::int64_t{path.slice_planes.back()} * halves * layer.words * kernel_lanes),
        path_(path) {
    // The binary loop works on whole strips of 64 bytes.
    const std::int64_t strip_words = 512 / word_bits_;
    chunk_words_ = (chunk_words_ + strip_words - 1) / strip_words * strip_words;
    const std::size_t words =
        layer.mapping->groups.size() * static_cast<std::size_t>(chunks_) * static_cast<std::size_t>(chunk_words_);
    bits_.assign((words * static_cast<std::size_t>(word_bits_) + 63) / 64, 0);
  }

  std::int64_t chunk_words() const { return chunk_words_; }

  void store(int group, int row, int output, int slice, int half, std::uint32_t level) {
    for (int b = 0; b < path_.slice_bits[static_cast<std::size_t>(slice)]; ++b) {
      if ((level >> b & 1u) == 0) continue;
      const std::int64_t plane = path_.slice_planes[static_cast<std::size_t>(slice)] + b;
      const std::int64_t word = (group * chunks_ + output / kernel_lanes) * chunk_words_ +
                                ((plane * halves_ + half) * words_ + row / word_bits_) * kernel_lanes +
                                output % kernel_lanes;
      // Words are stored in the machine's order (little endian): bit i of word w is bit i + w * word_bits of the array.
      const std::int64_t bit = word * word_bits_ + row % word_bits_;
      bits_[static_cast<std::size_t>(bit / 64)] |= std::uint64_t{1} << (bit % 64);
    }
  }

  std::vector<std::uint64_t> take() { return std::move(bits_); }

 private:
  std::int64_t chunks_, halves_, words_;
  int word_bits_;
  std::int64_t chunk_words_;
  const PackedPath& path_;
  std::vector<std::uint64_t> bits_;
};

struct PathBuilder {
  const PackedLayer& packed;
  const Hardware& hardware;
  const CellLevels levels;
  const bool high;
  PackedPath path{};

  void make_slices() {
    const SliceBits& slice_bits = levels.slice_bits();
    const PathCoding& coding = levels.coding();
    path.slices = static_cast<int>(slice_bits.size());
    path.slice_bits = slice_bits;
    path.slice_planes.push_back(0);
    int shift = 0;
    for (int bits : slice_bits) {
      path.slice_weight.push_back((1 << shift) * coding.scale);
      shift += bits;
      path.slice_planes.push_back(shift);
    }
    if (coding.negative_top) path.slice_weight.back() = -path.slice_weight.back();
    for (const std::int64_t place : packed.digit_place) path.digit_weight.push_back(static_cast<std::int32_t>(place));
  }

  void make_transfers() {
    const AdcTransfer transfer = packed.options.ideal_adc ? AdcTransfer::ideal : hardware.adc.transfer;
    int step = 1;
    if (transfer == AdcTransfer::calibrated) {
      const auto& own = high ? packed.layer->dec3.adc_step_msb : packed.layer->dec3.adc_step_lsb;
      const auto chosen = own ? own : hardware.adc.calibrated_step;
      if (!chosen) {
        fail_input(
            "layer {}: adc.transfer = calibrated needs dec3.adc_step_{} in the network or adc.calibrated_step in "
            "the hardware; run cimcycle calibrate --adc",
            printable(packed.layer->name), high ? "msb" : "lsb");
      }
      step = *chosen;
    }
    const int digits = packed.mapping->digits;
    path.lossless = path.stepped = true;
    for (int s = 0; s < path.slices; ++s) {
      for (int d = 0; d < digits; ++d) {
        const std::int32_t s_max = largest_sum(hardware.ou.rows, path.slice_bits[static_cast<std::size_t>(s)],
                                               packed.mapping->digit_bits[static_cast<std::size_t>(d)]);
        path.tables.push_back(std::make_unique<const AdcTable>(make_adc_table(hardware.adc, transfer, s_max, step)));
        const AdcTable& table = *path.tables.back();
        path.lossless &= table.lossless;
        path.may_clip |= table.clip_above < s_max;
        const auto steps = step_transfer(hardware.adc, transfer, step, table);
        path.stepped &= steps.has_value();
        path.transfer.push_back({table.value.data(), table.clip_above, steps.value_or(StepTransfer{})});
      }
    }
    const bool one_bit = hardware.cell.bits == 1 && hardware.input.digit_bits == 1;
    path.minimum = path.lossless || transfer == AdcTransfer::clip;
    if (path.lossless && packed.unit_lossless) {
      path.loop = PathLoop::dot;
    } else if (one_bit && path.minimum && packed.words == 1 && !packed.analog_subtract && !packed.signed_inputs) {
      path.loop = PathLoop::binary;
    }
    path.top = path.tables.front()->value.back();
  }

  void make_cells() {
    const LayerMapping& mapping = *packed.mapping;
    const int halves = packed.cells == CellMapping::differential ? 2 : 1;
    const int rows = packed.layer->rows();
    const std::int64_t lanes = std::int64_t{packed.chunks} * kernel_lanes;
    std::optional<CellPlanes> planes;  // a dot product reads no cells
    if (path.loop != PathLoop::dot) planes.emplace(packed, path, halves);
    path.row_levels.assign(mapping.blocks.size() * static_cast<std::size_t>(rows), 0);
    if (hardware.mapping.flip) {
      path.flipped.assign(mapping.groups.size() * static_cast<std::size_t>(path.slices * lanes), 0);
      path.x_weight.assign(mapping.groups.size() * static_cast<std::size_t>(lanes), -levels.coding().offset);
    } else {
      path.x_weight.assign(1, -levels.coding().offset);
    }
    for (std::size_t b = 0; b < mapping.blocks.size(); ++b) {
      const OutputBlock& block = mapping.blocks[b];
      for (int output = block.first_output; output < block.first_output + block.outputs; ++output) {
        for (std::size_t g = 0; g < mapping.groups.size(); ++g) {
          const RowGroup& group = mapping.groups[g];
          for (int s = 0; s < path.slices; ++s) {
            const bool flip = levels.flips(group, output, s);
            if (flip) {
              path.flipped[(g * static_cast<std::size_t>(path.slices) + static_cast<std::size_t>(s)) *
                               static_cast<std::size_t>(lanes) +
                           static_cast<std::size_t>(output)] = 1;
              path.x_weight[g * static_cast<std::size_t>(lanes) + static_cast<std::size_t>(output)] +=
                  path.slice_weight[static_cast<std::size_t>(s)] * levels.top_level(s);
            }
            for (int i = 0; i < group.rows; ++i) {
              const int row = group.first_row + i;
              for (int half = 0; half < halves; ++half) {
                std::uint32_t level = levels.level(output, row, s, half);
                if (flip) level = static_cast<unsigned>(levels.top_level(s)) - level;
                if (planes) planes->store(static_cast<int>(g), i, output, s, half, level);
                path.row_levels[b * static_cast<std::size_t>(rows) + static_cast<std::size_t>(row)] +=
                    static_cast<std::int32_t>(level);
              }
            }
          }
        }
      }
    }
    path.whole_row_levels.assign(static_cast<std::size_t>(rows), 0);
    for (std::size_t i = 0; i < path.row_levels.size(); ++i) {
      path.whole_row_levels[i % static_cast<std::size_t>(rows)] += path.row_levels[i];
    }
    if (planes) {
      path.chunk_words = planes->chunk_words();
      path.cells = planes->take();
    } else {
      // A dot product of the weights themselves needs no offset taken off.
      path.cells = whole_weights();
      path.x_weight.assign(1, 0);
    }
    path.needs_x = std::any_of(path.x_weight.begin(), path.x_weight.end(), [](std::int32_t w) { return w != 0; });
  }

  /// Weights as bytes in the layout of PathLoop::dot: [groups][chunks][quads][lanes][4], 0 behind a row group's end.
  std::vector<std::uint64_t> whole_weights() const {
    const LayerMapping& mapping = *packed.mapping;
    const std::size_t chunk_bytes = static_cast<std::size_t>(packed.quads) * 4 * kernel_lanes;
    std::vector<std::uint64_t> words(mapping.groups.size() * static_cast<std::size_t>(packed.chunks) * chunk_bytes / 8);
    for (std::size_t g = 0; g < mapping.groups.size(); ++g) {
      for (int output = 0; output < packed.outputs; ++output) {
        const std::size_t chunk =
            g * static_cast<std::size_t>(packed.chunks) + static_cast<std::size_t>(output / kernel_lanes);
        for (int i = 0; i < mapping.groups[g].rows; ++i) {
          const std::size_t byte = chunk * chunk_bytes + static_cast<std::size_t>(i / 4 * 4 * kernel_lanes) +
                                   static_cast<std::size_t>(output % kernel_lanes * 4 + i % 4);
          const auto value = static_cast<std::uint8_t>(levels.value(output, mapping.groups[g].first_row + i));
          words[byte / 8] |= std::uint64_t{value} << (8 * (byte % 8));
        }
      }
    }
    return words;
  }

  /// Largest magnitude of a partial sum of one row group through the ADC's values; the cells must be made. With offset
  /// cells conversions add and X_r takes away, so that their magnitudes do not add up, unless columns are inverted.
  std::int64_t sum_bound() const {
    std::int64_t bound = 0, x = 0;
    for (int d = 0; d < packed.mapping->digits; ++d) {
      const std::int64_t place = std::abs(packed.digit_place[static_cast<std::size_t>(d)]);
      x += place * std::max<std::int64_t>(
                       largest_sum(hardware.ou.rows, 1, packed.mapping->digit_bits[static_cast<std::size_t>(d)]),
                       packed.unit_column ? largest_value(*packed.unit_tables[static_cast<std::size_t>(d)]) : 0);
      for (int s = 0; s < path.slices; ++s) {
        bound += place * std::abs(path.slice_weight[static_cast<std::size_t>(s)]) *
                 largest_value(*path.tables[static_cast<std::size_t>(s * packed.mapping->digits + d)]);
      }
    }
    const auto [least, largest] = std::minmax_element(path.x_weight.begin(), path.x_weight.end());
    const std::int64_t above = bound + x * std::max<std::int64_t>(0, *largest);
    const std::int64_t below =
        x * std::max<std::int64_t>(0, -std::int64_t{*least}) + (path.flipped.empty() ? 0 : bound);
    return std::max(above, below);
  }

  static std::int64_t largest_value(const AdcTable& table) {
    return *std::max_element(table.value.begin(), table.value.end());
  }
};

/// What makes the sums of a lossy converter smaller.
std::string_view remedy(AdcTransfer transfer) {
  switch (transfer) {
    case AdcTransfer::levels:
      return "use smaller adc.level_values";
    case AdcTransfer::calibrated:
      return "use a smaller calibrated step";
    default:
      return "a layer of so many rows needs a converter that clips nothing (more adc.bits, or adc.transfer = ideal)";
  }
}

}  // namespace

PackedPath pack_path(const PackedLayer& packed, const Hardware& hardware, bool high) {
  PathBuilder builder{packed, hardware, CellLevels(*packed.layer, *packed.mapping, hardware.mapping, high), high};
  builder.make_slices();
  builder.make_transfers();
  builder.make_cells();
  // With the real ADC partial sums may exceed those that the network's own check used: the values of `levels` and
  // `calibrated` are free, and what is clipped no longer cancels the offset of the cells.
  if (!builder.path.lossless) {
    const std::int64_t group = builder.sum_bound();
    const std::int64_t shift = high ? high_shift(packed.layer->dec3) : 0;
    const std::int64_t groups = static_cast<std::int64_t>(packed.mapping->groups.size()) / packed.layer->groups;
    if (group > (std::numeric_limits<std::int32_t>::max() >> 1 >> shift) / groups) {
      fail_input(
          "layer {}: partial sums through the ADC's values can reach {} x {} x 2^{}, beyond the int32 accumulator; {}",
          printable(packed.layer->name), groups, group, shift, remedy(hardware.adc.transfer));
    }
  }
  return std::move(builder.path);
}

}  // namespace cimcycle
