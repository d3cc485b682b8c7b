// SPDX-License-Identifier: Apache-2.0
#include "crossbar/packed_layer.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

void make_digits(PackedLayer& packed, const LayerMapping& mapping, bool signed_inputs) {
  packed.digit_planes.push_back(0);
  for (int bits : mapping.digit_bits) {
    packed.digit_place.push_back(std::int64_t{1} << packed.digit_planes.back());
    packed.digit_planes.push_back(packed.digit_planes.back() + bits);
  }
  if (signed_inputs) packed.digit_place.back() = -packed.digit_place.back();
  packed.one_bit_digits =
      std::all_of(mapping.digit_bits.begin(), mapping.digit_bits.end(), [](int bits) { return bits == 1; });
  packed.digit_sum.resize(256);
  for (int x = 0; x < 256; ++x) {
    int sum = 0;
    for (int d = 0; d < mapping.digits; ++d) {
      sum += (x >> packed.digit_planes[static_cast<std::size_t>(d)]) &
             ((1 << mapping.digit_bits[static_cast<std::size_t>(d)]) - 1);
    }
    packed.digit_sum[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>(sum);
  }
}

void make_input_runs(PackedLayer& packed, const Layer& layer) {
  packed.padded_height = layer.padding.top + layer.in.height + layer.padding.bottom;
  packed.padded_width = layer.padding.left + layer.in.width + layer.padding.right;
  const int kernel_h = layer.kind == LayerKind::linear ? layer.in.height : layer.kernel_h;
  const int kernel_w = layer.kind == LayerKind::linear ? layer.in.width : layer.kernel_w;
  // With a dilation across, neighbours in the kernel are none on the input.
  packed.run_length = layer.dilation.width == 1 ? kernel_w : 1;
  for (int c = 0; c < layer.in.channels; ++c) {
    for (int ky = 0; ky < kernel_h; ++ky) {
      const int row = c * packed.padded_height + ky * layer.dilation.height;
      for (int kx = 0; kx < kernel_w; kx += packed.run_length) {
        packed.run_offset.push_back(row * packed.padded_width + kx * layer.dilation.width);
      }
    }
  }
}

void make_thresholds(PackedLayer& packed, const Layer& layer, const LayerMapping& mapping) {
  packed.gate = layer.dec3.gate;
  packed.granularity = layer.dec3.granularity;
  if (packed.gate == GateKind::none || packed.gate == GateKind::digits) return;
  packed.threshold.resize(static_cast<std::size_t>(packed.outputs));
  packed.magnitude_threshold.resize(static_cast<std::size_t>(packed.chunks * kernel_lanes));
  for (std::size_t b = 0; b < mapping.blocks.size(); ++b) {
    const OutputBlock& block = mapping.blocks[b];
    for (int o = block.first_output; o < block.first_output + block.outputs; ++o) {
      const std::size_t index = layer.dec3.threshold_per == Dec3::ThresholdPer::layer ? 0
                                : layer.dec3.threshold_per == Dec3::ThresholdPer::output_block
                                    ? b
                                    : static_cast<std::size_t>(o);
      const std::int64_t threshold = layer.dec3.threshold[index];
      packed.threshold[static_cast<std::size_t>(o)] = threshold;
      // A magnitude stays below the largest int32 (the accumulator's bound), which therefore never opens.
      constexpr std::int64_t never = std::numeric_limits<std::int32_t>::max();
      packed.magnitude_threshold[static_cast<std::size_t>(o)] =
          static_cast<std::int32_t>(threshold == never_opens ? never : std::min(threshold, never));
    }
  }
}

}  // namespace

PackedLayer pack_layer(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, bool signed_inputs,
                       const NumericsOptions& options) {
  if (signed_inputs && mapping.digit_bits.back() != 1) {
    fail_input(
        "layer {}: signed inputs need a top digit of one bit, but {} bits in digits of {} leave {}; set "
        "input.digit_bits so that one bit remains",
        printable(layer.name), layer.input_bits, hardware.input.digit_bits, mapping.digit_bits.back());
  }
  PackedLayer packed;
  packed.layer = &layer;
  packed.mapping = &mapping;
  packed.options = options;
  packed.cells = hardware.mapping.cells;
  packed.row_policy = hardware.schedule.row_policy;
  packed.decides_before_reads = decides_before_reads(layer, hardware);
  packed.analog_subtract = packed.cells == CellMapping::differential && hardware.mapping.subtract == Subtract::analog;
  packed.signed_inputs = signed_inputs;
  packed.outputs = layer.outputs_per_group();
  packed.chunks = (packed.outputs + kernel_lanes - 1) / kernel_lanes;
  packed.word_bits = hardware.ou.rows <= 16 ? 16 : hardware.ou.rows <= 32 ? 32 : 64;
  packed.words = (hardware.ou.rows + packed.word_bits - 1) / packed.word_bits;
  packed.quads = (hardware.ou.rows + 3) / 4;
  packed.target = &kernel_target();
  packed.sums = packed.word_bits == 16   ? packed.target->sums16
                : packed.word_bits == 32 ? packed.target->sums32
                                         : packed.target->sums64;
  packed.take = packed.word_bits == 16   ? packed.target->take16
                : packed.word_bits == 32 ? packed.target->take32
                                         : packed.target->take64;
  for (const RowGroup& group : mapping.groups) {
    packed.group_first_row.push_back(group.first_row);
    packed.group_rows.push_back(group.rows);
    packed.group_first_output.push_back(group.first_row / layer.rows_per_output() * packed.outputs);
  }
  for (const OutputBlock& block : mapping.blocks) {
    packed.block_first_output.push_back(block.first_output);
    packed.block_outputs.push_back(block.outputs);
  }
  make_digits(packed, mapping, signed_inputs);
  make_input_runs(packed, layer);
  packed.unit_column = packed.cells == CellMapping::offset && hardware.mapping.offset_sum == OffsetSum::unit_column;
  if (packed.unit_column) {
    const AdcTransfer transfer = options.ideal_adc ? AdcTransfer::ideal : hardware.adc.transfer;
    const int step = layer.dec3.adc_step_msb.value_or(hardware.adc.calibrated_step.value_or(1));
    for (int bits : mapping.digit_bits) {
      packed.unit_tables.push_back(std::make_unique<const AdcTable>(
          make_adc_table(hardware.adc, transfer, largest_sum(hardware.ou.rows, 1, bits), step)));
      const AdcTable& table = *packed.unit_tables.back();
      packed.unit_transfer.push_back({table.value.data(), table.clip_above, {}});
      packed.unit_lossless &= table.lossless;
    }
  }
  packed.msb = pack_path(packed, hardware, true);
  if (layer.dec3.lb > 0) packed.lsb = pack_path(packed, hardware, false);
  if (mapping.low_digits > 0) {
    packed.low_mask = static_cast<std::uint8_t>((1u << (layer.input_bits - layer.dec3.high_digit_bits)) - 1u);
  }
  make_thresholds(packed, layer, mapping);
  return packed;
}

}  // namespace cimcycle
