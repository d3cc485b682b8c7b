// SPDX-License-Identifier: Apache-2.0
// What a network needs of a chip and of this computer, estimated from the mapping alone.
#include "report/estimate.h"

#include <algorithm>

namespace cimcycle {
namespace {

/// Cycles in which the ADCs of a crossbar work on one read of `columns` columns.
std::int64_t read_cycles(int columns, const Hardware& hardware, const ChipModel& chip) {
  const int rounds = (columns + hardware.adc.per_crossbar - 1) / hardware.adc.per_crossbar;
  return std::int64_t{rounds} * chip.adc_cycles;
}

/// Cycles per digit and row group that one crossbar column spends on its output blocks [begin, end).
std::int64_t block_cycles(const LayerMapping& layer, int begin, int end, std::int64_t slices, const Hardware& hardware,
                          const ChipModel& chip) {
  std::int64_t cycles = 0;
  for (int b = begin; b < end; ++b) {
    cycles += slices *
              read_cycles(layer.blocks[static_cast<std::size_t>(b)].outputs * layer.columns_per_output, hardware, chip);
  }
  return cycles;
}

/// The same for the busiest crossbar column of a grid whose columns are `begins`.
std::int64_t busiest(const LayerMapping& layer, const std::vector<int>& begins, std::int64_t slices,
                     const Hardware& hardware, const ChipModel& chip) {
  std::int64_t most = 0;
  for (std::size_t x = 0; x + 1 < begins.size(); ++x) {
    most = std::max(most, block_cycles(layer, begins[x], begins[x + 1], slices, hardware, chip));
  }
  return most;
}

LayerEstimate layer_estimate(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware,
                             const ChipModel& chip) {
  const auto msb = static_cast<std::int64_t>(mapping.msb_slices.size());
  const auto lsb = static_cast<std::int64_t>(mapping.lsb_slices.size());
  const auto blocks = static_cast<std::int64_t>(mapping.blocks.size());
  // One drive of a row group with one digit, per image.
  const std::int64_t drives =
      std::int64_t{layer.vectors()} * mapping.digits * static_cast<std::int64_t>(mapping.groups.size());
  LayerEstimate result;
  result.ou_reads = drives * blocks * (msb + lsb);
  result.conversions = drives * (msb + lsb) * layer.outputs_per_group() * mapping.columns_per_output;
  int longest = 0;
  for (std::size_t x = 0; x + 1 < mapping.group_begin.size(); ++x) {
    longest = std::max(longest, mapping.group_begin[x + 1] - mapping.group_begin[x]);
  }
  const std::int64_t per_group = mapping.separate_lsb()
                                     ? std::max(busiest(mapping, mapping.block_begin, msb, hardware, chip),
                                                busiest(mapping, mapping.lsb_block_begin, lsb, hardware, chip))
                                     : busiest(mapping, mapping.block_begin, msb + lsb, hardware, chip);
  result.cycles = std::int64_t{layer.vectors()} * mapping.digits * longest * per_group;
  return result;
}

}  // namespace

Estimate estimate(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                  const ChipModel& chip) {
  Estimate total;
  total.activation_bits = mapping.activation_bits;
  std::int64_t weight_bytes = 0;
  std::int64_t largest_trace = 0;
  for (const LayerMapping& layer_mapping : mapping.layers) {
    const Layer& layer = network.layers[static_cast<std::size_t>(layer_mapping.layer)];
    const LayerEstimate part = layer_estimate(layer, layer_mapping, hardware, chip);
    total.ou_reads += part.ou_reads;
    total.conversions += part.conversions;
    total.cycles += part.cycles;
    total.layers.push_back(part);
    total.weight_bits += static_cast<std::int64_t>(layer.weights.size()) * (layer.dec3.hb + layer.dec3.lb);
    weight_bytes += static_cast<std::int64_t>(layer.weights.size() * sizeof(std::int16_t));
    // A digit count and a mask per vector and row group (LayerTrace).
    const std::int64_t mask_bytes = 8 * ((static_cast<std::int64_t>(layer_mapping.blocks.size()) + 63) / 64);
    largest_trace =
        std::max(largest_trace, std::int64_t{layer.vectors()} * static_cast<std::int64_t>(layer_mapping.groups.size()) *
                                    (1 + mask_bytes));
  }
  std::int64_t all_activations = network.image.size();
  for (const Layer& layer : network.layers) all_activations += layer.out.size();
  const std::int64_t cell_bits =
      std::int64_t{mapping.crossbars} * hardware.crossbar.rows * hardware.crossbar.cols * hardware.cell.bits;
  total.host_bytes =
      weight_bytes + cell_bits / 8 + largest_trace + all_activations * static_cast<std::int64_t>(sizeof(std::int32_t));
  return total;
}

}  // namespace cimcycle
