// SPDX-License-Identifier: Apache-2.0
#include "mapping/mapping.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

int ceil_div(int value, int divisor) { return (value + divisor - 1) / divisor; }

/// The slices (or digits) of `bits` bits, `width` bits each; the most significant one may hold fewer.
std::vector<int> sliced(int bits, int width) {
  std::vector<int> slices(static_cast<std::size_t>(ceil_div(bits, width)), width);
  if (bits % width != 0) slices.back() = bits % width;
  return slices;
}

/// Adds the row groups of the rows [first_row, end_row) to the newest crossbar.
void add_groups(int first_row, int end_row, int ou_rows, LayerMapping& mapping) {
  for (int row = first_row; row < end_row; row += ou_rows) {
    mapping.groups.push_back({row, std::min(ou_rows, end_row - row), mapping.row_crossbars});
  }
}

void end_crossbar(LayerMapping& mapping) {
  ++mapping.row_crossbars;
  mapping.group_begin.push_back(static_cast<int>(mapping.groups.size()));
}

/// Calls body(first, end) for `pieces` shares of `count` things, as equal as possible and the longer ones first.
template <class Body>
void for_even_shares(int count, int pieces, Body&& body) {
  int first = 0;
  for (int piece = 0; piece < pieces; ++piece) {
    const int end = first + count / pieces + (piece < count % pieces ? 1 : 0);
    body(first, end);
    first = end;
  }
}

/// The row groups of consecutive rows, spread over crossbars of their own. `even`: as equal as possible, longer
/// crossbars first; `fill`: each crossbar takes all of its rows before the next one starts.
void spread_rows(int first_row, int end_row, const Hardware& hardware, LayerMapping& mapping) {
  const int ou_rows = hardware.ou.rows;
  if (hardware.mapping.rows == RowSpread::fill) {
    for (int row = first_row; row < end_row; row += hardware.crossbar.rows) {
      add_groups(row, std::min(end_row, row + hardware.crossbar.rows), ou_rows, mapping);
      end_crossbar(mapping);
    }
    return;
  }
  const int groups = ceil_div(end_row - first_row, ou_rows);
  for_even_shares(groups, ceil_div(groups, hardware.crossbar.rows / ou_rows), [&](int first, int end) {
    add_groups(first_row + first * ou_rows, std::min(end_row, first_row + end * ou_rows), ou_rows, mapping);
    end_crossbar(mapping);
  });
}

/// Channel groups that a crossbar can hold one below the other: as many as it has row groups for, and accumulators,
/// of which it has one for every output that its columns can hold at a time. 0: one needs more than one crossbar.
int channel_groups_per_crossbar(const Layer& layer, const Hardware& hardware, const LayerMapping& mapping) {
  const std::size_t slices = mapping.msb_slices.size() + (mapping.separate_lsb() ? 0 : mapping.lsb_slices.size());
  const int blocks = hardware.crossbar.cols / hardware.ou.cols / static_cast<int>(slices);
  const int accumulators = blocks * mapping.outputs_per_block;
  const int row_groups = hardware.crossbar.rows / hardware.ou.rows;
  return std::min(row_groups / ceil_div(layer.rows_per_output(), hardware.ou.rows),
                  accumulators / std::min(accumulators, layer.outputs_per_group()));
}

void make_groups(const Layer& layer, const Hardware& hardware, LayerMapping& mapping) {
  mapping.group_begin.push_back(0);
  const int rows = layer.rows_per_output();
  const int together = layer.groups == 1 ? 0 : channel_groups_per_crossbar(layer, hardware, mapping);
  if (together > 1) {
    for_even_shares(layer.groups, ceil_div(layer.groups, together), [&](int first, int end) {
      for (int group = first; group < end; ++group) {
        add_groups(group * rows, (group + 1) * rows, hardware.ou.rows, mapping);
      }
      end_crossbar(mapping);
    });
    mapping.crossbars_per_sum = 1;
    return;
  }
  for (int group = 0; group < layer.groups; ++group) spread_rows(group * rows, (group + 1) * rows, hardware, mapping);
  mapping.crossbars_per_sum = mapping.row_crossbars / layer.groups;
}

/// Blocks per crossbar when each block needs `slices` column blocks.
int blocks_per_crossbar(const Layer& layer, const Hardware& hardware, int slices, std::string_view path) {
  const int column_blocks = hardware.crossbar.cols / hardware.ou.cols;
  if (column_blocks < slices) {
    fail_input(
        "layer {}: the {} {} slices of an output block need {} columns (ou.cols = {}), crossbar.cols = {}; use ou.cols "
        "<= "
        "{}, or larger cell.bits",
        printable(layer.name), slices, path, slices * hardware.ou.cols, hardware.ou.cols, hardware.crossbar.cols,
        hardware.crossbar.cols / slices);
  }
  return column_blocks / slices;
}

/// Fills the begin table of a grid whose crossbars hold `per_crossbar` blocks each; returns its number of columns.
int place_blocks(int blocks, int per_crossbar, std::vector<int>& begin) {
  const int columns = ceil_div(blocks, per_crossbar);
  for (int x = 0; x <= columns; ++x) begin.push_back(std::min(blocks, x * per_crossbar));
  return columns;
}

void make_blocks(const Layer& layer, const Hardware& hardware, LayerMapping& mapping) {
  const int outputs = layer.outputs_per_group();
  const int blocks = ceil_div(outputs, mapping.outputs_per_block);
  const int msb = static_cast<int>(mapping.msb_slices.size());
  const int lsb = static_cast<int>(mapping.lsb_slices.size());
  const bool separate = lsb > 0 && hardware.mapping.lsb == LsbPlacement::separate_crossbars;
  const int per_crossbar = separate
                               ? blocks_per_crossbar(layer, hardware, msb, "MSB")
                               : blocks_per_crossbar(layer, hardware, msb + lsb, lsb > 0 ? "MSB and LSB" : "weight");
  mapping.column_crossbars = place_blocks(blocks, per_crossbar, mapping.block_begin);
  for (int b = 0; b < blocks; ++b) {
    const int first = b * mapping.outputs_per_block;
    mapping.blocks.push_back({first, std::min(mapping.outputs_per_block, outputs - first), b / per_crossbar});
  }
  if (!separate) return;
  const int lsb_per_crossbar = blocks_per_crossbar(layer, hardware, lsb, "LSB");
  mapping.lsb_column_crossbars = place_blocks(blocks, lsb_per_crossbar, mapping.lsb_block_begin);
  for (int b = 0; b < blocks; ++b) mapping.lsb_block_crossbar.push_back(b / lsb_per_crossbar);
}

/// Pairs of layer and hardware that neither can rule out alone.
void check_fit(const Layer& layer, const Hardware& hardware, const LayerMapping& mapping) {
  const Dec3& dec3 = layer.dec3;
  const auto name = printable(layer.name);
  if (hardware.mapping.cells == CellMapping::twos_complement && dec3.hb == 1) {
    fail_input(
        "layer {}: hb = 1 stands for -1 and +1, which mapping.cells = twos_complement cannot store; use offset or "
        "differential",
        name);
  }
  const std::size_t blocks = mapping.blocks.size();
  if (dec3.threshold_per == Dec3::ThresholdPer::output_block && dec3.gate != GateKind::none &&
      dec3.threshold.size() != blocks) {
    fail_input(
        "layer {}: {} thresholds per output block, but the layer has {} output blocks on this hardware; calibrate "
        "it for this hardware",
        name, dec3.threshold.size(), blocks);
  }
  if (dec3.gate == GateKind::inputs && !hardware.gate.input_sums) {
    fail_input("layer {}: gate inputs needs hardware that sums inputs; set gate.input_sums = true", name);
  }
  // Only static masks look at removed groups; those of another geometry are no one's concern otherwise.
  const bool static_masks = hardware.gate.mask_known == MaskKnown::static_;
  if (static_masks && !dec3.removed_groups.empty() && dec3.removed_groups.size() != blocks * mapping.groups.size()) {
    fail_input(
        "layer {}: removed_groups has {} entries, but the layer has {} OU groups on this hardware; calibrate it for "
        "this hardware",
        name, dec3.removed_groups.size(), blocks * mapping.groups.size());
  }
  if (static_masks && dec3.looks_at_sums() && !dec3.has_low_part() && dec3.removed_groups.empty()) {
    fail_input(
        "layer {}: gate.mask_known = static needs removed_groups in the network; run cimcycle calibrate on this "
        "hardware first",
        name);
  }
}

/// Low digits of the activations that a gate holds back; 0 for weights that are split or not gated.
int low_digits(const Layer& layer, const Hardware& hardware) {
  if (layer.dec3.gate != GateKind::digits) return 0;
  const int low_bits = layer.input_bits - layer.dec3.high_digit_bits, digit_bits = hardware.input.digit_bits;
  if (low_bits % digit_bits != 0) {
    fail_input("layer {}: dec3.digits leaves {} low bits, which are no whole digits of input.digit_bits = {}",
               printable(layer.name), low_bits, digit_bits);
  }
  if (hardware.mapping.cells == CellMapping::offset && hardware.mapping.offset_sum == OffsetSum::unit_column) {
    fail_input("layer {}: gate digits needs mapping.offset_sum = digital, found unit_column", printable(layer.name));
  }
  return low_bits / digit_bits;
}

/// 1 for every OU group of zeros.
std::vector<std::uint8_t> zero_groups(const Layer& layer, const LayerMapping& mapping) {
  std::vector<std::uint8_t> zero;
  for (const RowGroup& group : mapping.groups) {
    for (const OutputBlock& block : mapping.blocks) {
      bool any = false;
      for (int output = block.first_output; output < block.first_output + block.outputs; ++output) {
        const auto first = layer.weights.begin() + weight_index(layer, output, group.first_row);
        any |= std::any_of(first, first + group.rows, [](std::int16_t weight) { return weight != 0; });
      }
      zero.push_back(any ? 0 : 1);
    }
  }
  return zero;
}

std::vector<std::uint8_t> static_mask(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware) {
  if (layer.dec3.has_low_part()) return {};
  if (layer.dec3.gate != GateKind::none) {
    return hardware.gate.mask_known == MaskKnown::static_ ? layer.dec3.removed_groups : std::vector<std::uint8_t>{};
  }
  // A weight of hb = 1 is -1 or 1, never 0.
  if (hardware.schedule.zero_weights == ZeroWeights::read || layer.dec3.hb == 1) return {};
  return zero_groups(layer, mapping);
}

/// Most bits that the image and the layers' results need at a time: a result lives from its layer to its last reader.
std::int64_t live_activation_bits(const Network& network) {
  const int layers = static_cast<int>(network.layers.size());
  std::vector<int> last_use(network.layers.size() + 1, 0);  // entry 0 is the image, entry i + 1 layer i
  for (int i = 0; i < layers; ++i) {
    const Layer& layer = network.layers[static_cast<std::size_t>(i)];
    if (layer.input != recorded_input) last_use[static_cast<std::size_t>(layer.input + 1)] = i;
    for (const int more : layer.more_inputs) last_use[static_cast<std::size_t>(more + 1)] = i;
    if (layer.residual) last_use[static_cast<std::size_t>(layer.residual->source + 1)] = i;
  }
  const auto bits_of = [&](int source) {
    if (source == image_input) return network.image.size() * 8;
    const Layer& layer = network.layers[static_cast<std::size_t>(source)];
    return layer.out.size() * layer.result_bits();
  };
  std::int64_t most = 0;
  const int first = network.recorded() ? 0 : image_input;
  for (int i = 0; i < layers; ++i) {
    std::int64_t alive = bits_of(i);
    const Layer& layer = network.layers[static_cast<std::size_t>(i)];
    if (layer.input == recorded_input) alive += layer.in.size() * layer.input_bits;
    for (int source = first; source < i; ++source) {
      if (last_use[static_cast<std::size_t>(source + 1)] >= i) alive += bits_of(source);
    }
    most = std::max(most, alive);
  }
  return most;
}

void check_activations(const Network& network, const Hardware& hardware, NetworkMapping& mapping) {
  constexpr std::int64_t most = std::int64_t{1} << 30;  // the largest chip.global_buffer_bits
  const std::int64_t needed = live_activation_bits(network);
  const std::int64_t there = hardware.chip.global_buffer_bits.value_or(most);
  if (needed > there) {
    fail_input(
        "{} needs {} bits of activations at a time, chip.global_buffer_bits = {}; set it to {} or more, or \"auto\"",
        printable(network.name), needed, there, needed);
  }
  mapping.activation_bits = static_cast<int>(needed);
}

}  // namespace

LayerMapping map_layer(const Layer& layer, int index, const Hardware& hardware) {
  LayerMapping mapping;
  mapping.layer = index;
  const bool differential = hardware.mapping.cells == CellMapping::differential;
  mapping.columns_per_output = differential ? 2 : 1;
  mapping.outputs_per_block = hardware.ou.cols / mapping.columns_per_output;
  mapping.msb_slices = sliced(layer.dec3.hb, hardware.cell.bits);
  if (layer.dec3.lb > 0) mapping.lsb_slices = sliced(layer.dec3.lb, hardware.cell.bits);
  mapping.digit_bits = sliced(layer.input_bits, hardware.input.digit_bits);
  mapping.digits = static_cast<int>(mapping.digit_bits.size());
  mapping.low_digits = low_digits(layer, hardware);
  make_blocks(layer, hardware, mapping);
  make_groups(layer, hardware, mapping);
  check_fit(layer, hardware, mapping);
  mapping.removed = static_mask(layer, mapping, hardware);
  mapping.tiles = ceil_div(mapping.crossbars(), hardware.chip.crossbars_per_tile);
  const double slices = static_cast<double>(mapping.msb_slices.size() + mapping.lsb_slices.size());
  const double used = static_cast<double>(layer.weights_needed()) * mapping.columns_per_output * slices;
  const double all = static_cast<double>(mapping.crossbars()) * hardware.crossbar.rows * hardware.crossbar.cols;
  mapping.cell_utilization = used / all;
  return mapping;
}

NetworkMapping map_network(const Network& network, const Hardware& hardware) {
  NetworkMapping mapping;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (!network.layers[i].has_weights()) continue;
    LayerMapping layer = map_layer(network.layers[i], static_cast<int>(i), hardware);
    layer.first_tile = mapping.tiles;
    mapping.tiles += layer.tiles;
    mapping.crossbars += layer.crossbars();
    mapping.layers.push_back(std::move(layer));
  }
  if (hardware.chip.tiles && *hardware.chip.tiles < mapping.tiles) {
    fail_input("{} needs {} crossbars on {} tiles, chip.tiles = {}; set chip.tiles to {} or more, or \"auto\"",
               printable(network.name), mapping.crossbars, mapping.tiles, *hardware.chip.tiles, mapping.tiles);
  }
  check_activations(network, hardware, mapping);
  return mapping;
}

}  // namespace cimcycle
