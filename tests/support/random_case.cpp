// SPDX-License-Identifier: Apache-2.0
// Random cases for the numerics: hardware first, then a layer that fits it, activations, and thresholds at the end.
#include "random_case.h"

#include <fmt/format.h>

#include <algorithm>

#include "reference_layout.h"

namespace cimcycle_reference {

using namespace cimcycle;

namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }

/// `largest`: the largest sum of an OU read, which no reconstructed value may exceed.
AdcSpec random_adc(Random& random, int largest) {
  AdcSpec adc;
  adc.type = random.pick<AdcType>({AdcType::flash, AdcType::sar});
  adc.transfer = random.pick<AdcTransfer>({AdcTransfer::ideal, AdcTransfer::clip, AdcTransfer::clip,
                                           AdcTransfer::full_scale, AdcTransfer::calibrated, AdcTransfer::levels});
  adc.bits = random.chance(80) ? random.between(1, 6) : random.between(7, 12);
  adc.per_crossbar = random.between(1, 4);
  adc.sample_and_hold = random.chance(50);
  if (adc.transfer == AdcTransfer::calibrated) adc.calibrated_step = random.between(1, 5);
  if (adc.transfer == AdcTransfer::levels) {
    const int most = std::min((1 << adc.bits) - 1, 20);
    const int thresholds = random.between(1, most);
    int threshold = 0;
    for (int i = 0; i < thresholds; ++i) adc.levels.push_back(threshold += random.between(1, 4));
    if (random.chance(50)) {
      int value = 0;
      adc.level_values.push_back(value);
      for (int i = 0; i < thresholds; ++i)
        adc.level_values.push_back(value = std::min(value + random.between(1, 5), largest));
    }
  }
  return adc;
}

MappingSpec random_mapping(Random& random) {
  MappingSpec mapping;
  mapping.cells = random.pick<CellMapping>(
      {CellMapping::offset, CellMapping::offset, CellMapping::twos_complement, CellMapping::differential});
  if (mapping.cells == CellMapping::offset) {
    mapping.flip = random.chance(40);
    mapping.offset_sum = random.pick<OffsetSum>({OffsetSum::digital, OffsetSum::unit_column});
  }
  if (mapping.cells == CellMapping::differential) {
    mapping.subtract = random.pick<Subtract>({Subtract::digital, Subtract::analog});
  }
  mapping.lsb = random.pick<LsbPlacement>({LsbPlacement::same_crossbar, LsbPlacement::separate_crossbars});
  mapping.rows = random.pick<RowSpread>({RowSpread::even, RowSpread::fill});
  return mapping;
}

Dec3 random_bits(Random& random, CellMapping cells) {
  Dec3 dec3;
  dec3.hb = random.chance(25) ? 1 : random.between(1, 8);
  if (cells == CellMapping::twos_complement && dec3.hb == 1) dec3.hb = random.between(2, 5);
  dec3.lb = random.chance(30) ? 0 : random.between(0, 8 - dec3.hb);
  if (dec3.hb > 1 && dec3.lb > 0 && random.chance(25)) dec3.split = Split::floor;
  return dec3;
}

Hardware random_hardware(Random& random) {
  Hardware hardware;
  hardware.name = "random";
  hardware.mapping = random_mapping(random);
  const bool twos_complement = hardware.mapping.cells == CellMapping::twos_complement;
  hardware.cell = {twos_complement || random.chance(40) ? 1 : random.between(1, 4), "none"};
  hardware.input.digit_bits = random.chance(40) ? 1 : random.between(1, 8);
  hardware.ou = {random.chance(20) ? 13 : random.between(1, 20), random.chance(20) ? 7 : random.between(2, 9)};
  if (random.chance(10)) hardware.ou = {70, 24};  // larger than the layer
  const int largest = hardware.ou.rows * ((1 << hardware.cell.bits) - 1) * ((1 << hardware.input.digit_bits) - 1);
  hardware.adc = random_adc(random, largest);
  hardware.schedule.row_policy = random.pick<RowPolicy>({RowPolicy::all, RowPolicy::skip_zero_groups});
  hardware.schedule.zero_weights = random.pick<ZeroWeights>({ZeroWeights::read, ZeroWeights::skip});
  hardware.gate.mask_known = random.pick<MaskKnown>({MaskKnown::after_read, MaskKnown::oracle, MaskKnown::static_});
  hardware.chip = {std::nullopt, 8, 65536, 128, 1 << 20, 256, 128, 16};
  hardware.tech.node = "none";
  return hardware;
}

/// A convolution or a linear layer of at most 60 rows, 20 outputs, 9 vectors.
Layer random_shape(Random& random) {
  Layer layer;
  layer.name = "random";
  const int outputs = random.chance(20) ? 11 : random.between(1, 20);
  if (random.chance(30)) {
    layer.kind = LayerKind::linear;
    layer.in = {random.chance(30) ? 37 : random.between(1, 60), 1, 1};
    layer.out = {outputs, 1, 1};
    layer.input = 0;
    return layer;
  }
  layer.kind = LayerKind::conv;
  layer.kernel_h = random.between(1, 3);
  layer.kernel_w = random.between(1, 3);
  const int channels = random.between(1, std::max(1, std::min(12, 60 / (layer.kernel_h * layer.kernel_w))));
  layer.stride = {random.between(1, 2), random.between(1, 2)};
  if (random.chance(30)) layer.dilation = {random.between(1, 2), random.between(1, 3)};
  const int high = static_cast<int>(layer.window_height()), wide = static_cast<int>(layer.window_width());
  layer.padding = {random.between(0, high - 1), random.between(0, wide - 1), random.between(0, high - 1),
                   random.between(0, wide - 1)};
  layer.out = {outputs, random.between(1, 2), random.between(1, 3)};
  const auto input_size = [&](int out, int window, int stride, int padding) {
    const int least = std::max(1, window - padding);
    return std::max(least, (out - 1) * stride + window - padding + random.between(0, stride - 1));
  };
  const int rows = layer.padding.top + layer.padding.bottom, cols = layer.padding.left + layer.padding.right;
  layer.in = {channels, input_size(layer.out.height, high, layer.stride.height, rows),
              input_size(layer.out.width, wide, layer.stride.width, cols)};
  layer.out.height = (layer.in.height + rows - high) / layer.stride.height + 1;
  layer.out.width = (layer.in.width + cols - wide) / layer.stride.width + 1;
  layer.input = random.chance(50) ? image_input : 0;
  return layer;
}

/// Columns for a random number of output blocks and rows for a random number of row groups.
void size_crossbar(Random& random, Hardware& hardware, const Layer& layer) {
  const int slices = ceil_div(layer.dec3.hb, hardware.cell.bits) + ceil_div(layer.dec3.lb, hardware.cell.bits);
  hardware.crossbar.cols = hardware.ou.cols * slices * random.between(1, 3) + random.between(0, hardware.ou.cols);
  hardware.crossbar.rows = hardware.ou.rows * random.between(1, 4) + random.between(0, hardware.ou.rows - 1);
}

void fill_weights(Random& random, Layer& layer, int rows) {
  const Dec3& dec3 = layer.dec3;
  int min = -(1 << (dec3.hb + dec3.lb - 1));
  int max = -min - 1;
  if (dec3.hb == 1 && dec3.lb > 0) {
    min = -(1 << dec3.lb);
    max = -min - 1;
  } else if (dec3.lb > 0 && dec3.split == Split::round) {
    max -= 1 << (dec3.lb - 1);
  }
  const bool only_signs = dec3.hb == 1 && dec3.lb == 0;
  const int style = random.between(0, 2);  // even, small, extremes
  for (int i = 0; i < rows * layer.out.channels; ++i) {
    int weight = random.between(min, max);
    if (style == 1) weight = std::clamp(random.between(min, max) / 4 + random.between(-1, 1), min, max);
    if (style == 2 && random.chance(50)) weight = random.chance(50) ? min : max;
    if (only_signs) weight = random.chance(50) ? 1 : -1;
    layer.weights.push_back(static_cast<std::int16_t>(weight));
  }
}

/// Zeros in whole OU groups, as pruning leaves them.
void zero_groups(Random& random, RandomCase& c) {
  if (c.layer.dec3.hb == 1 || !random.chance(60)) return;
  const Layout layout = lay_out(c.layer, c.hardware);
  for (const Group& group : layout.groups) {
    for (const Block& block : layout.blocks) {
      if (random.chance(50)) continue;
      for (int output = block.first_output; output < block.first_output + block.outputs; ++output) {
        const auto first = c.layer.weights.begin() + output * layout.rows + group.first_row;
        std::fill(first, first + group.rows, std::int16_t{0});
      }
    }
  }
}

void fill_activations(Random& random, RandomCase& c) {
  const int bits = c.layer.input_bits;
  const int min = c.signed_inputs ? -(1 << (bits - 1)) : 0;
  const int max = c.signed_inputs ? -min - 1 : (1 << bits) - 1;
  const int zero_percent = random.pick<int>({0, 30, 70, 95, 100});
  const int largest = random.chance(30) ? std::min(3, max) : max;
  const int size = c.layer.in.channels * c.layer.in.height * c.layer.in.width;
  for (int i = 0; i < size; ++i) {
    c.activations.push_back(random.chance(zero_percent) ? 0 : random.between(min, largest));
  }
  if (c.layer.input == image_input) {
    for (int i = 0; i < c.layer.in.channels; ++i) c.pad_value.push_back(random.between(0, max));
  }
}

/// A threshold near the importance of `outputs` outputs somewhere in the reading; now and then 0, null or out of reach.
std::int64_t random_threshold(Random& random, const RandomCase& c, const LayerReading& reading) {
  if (random.chance(6)) return 0;
  if (random.chance(6)) return never_opens;
  if (random.chance(3)) return std::int64_t{1} << 24;
  const int v = random.between(0, static_cast<int>(reading.high.size()) - 1);
  const auto& groups = reading.high[static_cast<std::size_t>(v)];
  const int g = random.between(0, static_cast<int>(groups.size()) - 1);
  const std::size_t o = static_cast<std::size_t>(random.between(0, c.layer.out.channels - 1));
  std::int64_t sum = 0;
  if (c.layer.dec3.granularity == GateGranularity::ou) {
    sum = groups[static_cast<std::size_t>(g)][o];
  } else {
    for (const auto& group : groups) sum += group[o];
  }
  const std::int64_t threshold = (sum < 0 ? -sum : sum) + (random.chance(30) ? random.between(-1, 1) : 0);
  return std::max<std::int64_t>(threshold, 0);
}

/// Whether the low digits of the activations can have a gate; then makes it one, its thresholds near sums that occur.
bool add_digit_gate(Random& random, RandomCase& c) {
  const int digit_bits = c.hardware.input.digit_bits, digits = ceil_div(c.layer.input_bits, digit_bits);
  const bool unit_column =
      c.hardware.mapping.cells == CellMapping::offset && c.hardware.mapping.offset_sum == OffsetSum::unit_column;
  if (c.layer.dec3.lb > 0 || c.signed_inputs || unit_column || digits < 2 || random.chance(50)) return false;
  Dec3& dec3 = c.layer.dec3;
  dec3.gate = GateKind::digits;
  dec3.granularity = GateGranularity::output;
  dec3.high_digit_bits = c.layer.input_bits - digit_bits * random.between(1, digits - 1);
  const std::size_t outputs = static_cast<std::size_t>(c.layer.out.channels);
  dec3.digit_threshold.assign(outputs, 0);
  const LayerReading reading = read_layer(c.layer, c.hardware, c.activations, c.options());
  for (std::size_t o = 0; o < outputs; ++o) {
    const int v = random.between(0, static_cast<int>(reading.high.size()) - 1);
    std::int64_t sum = random.chance(30) ? random.between(-1, 1) : 0;
    for (const auto& group : reading.high[static_cast<std::size_t>(v)]) sum += group[o];
    dec3.digit_threshold[o] = static_cast<std::int32_t>(sum);
  }
  return true;
}

/// Now and then a gate on inputs, its threshold near a sum that occurs.
bool add_input_gate(Random& random, RandomCase& c) {
  if (c.signed_inputs || random.chance(70)) return false;
  c.hardware.gate.input_sums = true;
  Dec3& dec3 = c.layer.dec3;
  dec3.gate = GateKind::inputs;
  dec3.threshold = {0};
  if (random.chance(6)) return true;
  if (random.chance(6)) dec3.threshold[0] = never_opens;
  const Layout layout = lay_out(c.layer, c.hardware);
  const Group& group =
      layout.groups[static_cast<std::size_t>(random.between(0, static_cast<int>(layout.groups.size()) - 1))];
  if (dec3.threshold[0] == 0) {
    for (int row = 0; row < group.rows; ++row) {
      dec3.threshold[0] +=
          c.activations[static_cast<std::size_t>(random.between(0, static_cast<int>(c.activations.size()) - 1))];
    }
  }
  return true;
}

void add_gate(Random& random, RandomCase& c) {
  Dec3& dec3 = c.layer.dec3;
  if (random.chance(25) || add_digit_gate(random, c) || add_input_gate(random, c)) return;
  const Layout layout = lay_out(c.layer, c.hardware);
  const LayerReading reading = read_layer(c.layer, c.hardware, c.activations, c.options());
  dec3.gate = random.pick<GateKind>({GateKind::max, GateKind::mean});
  dec3.granularity = random.pick<GateGranularity>(
      {GateGranularity::ou, GateGranularity::ou, GateGranularity::output_block, GateGranularity::output});
  dec3.threshold_per = random.pick<Dec3::ThresholdPer>(
      {Dec3::ThresholdPer::layer, Dec3::ThresholdPer::output_block, Dec3::ThresholdPer::output});
  if (dec3.gate == GateKind::mean && dec3.threshold_per == Dec3::ThresholdPer::output) {
    dec3.threshold_per = Dec3::ThresholdPer::output_block;
  }
  std::size_t thresholds = 1;
  if (dec3.threshold_per == Dec3::ThresholdPer::output_block) thresholds = layout.blocks.size();
  if (dec3.threshold_per == Dec3::ThresholdPer::output) thresholds = static_cast<std::size_t>(c.layer.out.channels);
  for (std::size_t i = 0; i < thresholds; ++i) dec3.threshold.push_back(random_threshold(random, c, reading));
  if (dec3.lb == 0 && c.hardware.gate.mask_known == MaskKnown::static_) {
    for (std::size_t i = 0; i < layout.groups.size() * layout.blocks.size(); ++i) {
      dec3.removed_groups.push_back(random.chance(40) ? 1 : 0);
    }
  }
}

/// The name that an enumerator has in the product's files is not asked for here: numbers are enough to repeat a case.
std::string describe(const RandomCase& c, std::uint64_t seed) {
  const Hardware& h = c.hardware;
  const Layer& l = c.layer;
  const auto number = [](auto enumerator) { return static_cast<int>(enumerator); };
  return fmt::format(
      "seed {}: {} in {}x{}x{} kernel {}x{} stride {}x{} dilation {}x{} padding {},{},{},{} out {}x{}x{}, a {} digit "
      "{} signed {}, hb {} lb {} "
      "split {}, gate {} granularity {} threshold_per {}, crossbar {}x{} OU {}x{} cell bits {}, "
      "adc transfer {} bits {}, cells {} flip {} subtract {} offset_sum {} lsb {} rows {}, row policy {} zero weights "
      "{} mask_known {}",
      seed, l.kind == LayerKind::linear ? "linear" : "conv", l.in.channels, l.in.height, l.in.width, l.kernel_h,
      l.kernel_w, l.stride.height, l.stride.width, l.dilation.height, l.dilation.width, l.padding.top, l.padding.left,
      l.padding.bottom, l.padding.right, l.out.channels, l.out.height, l.out.width, l.input_bits, h.input.digit_bits,
      c.signed_inputs, l.dec3.hb, l.dec3.lb, number(l.dec3.split), number(l.dec3.gate), number(l.dec3.granularity),
      number(l.dec3.threshold_per), h.crossbar.rows, h.crossbar.cols, h.ou.rows, h.ou.cols, h.cell.bits,
      number(h.adc.transfer), h.adc.bits, number(h.mapping.cells), h.mapping.flip, number(h.mapping.subtract),
      number(h.mapping.offset_sum), number(h.mapping.lsb), number(h.mapping.rows), number(h.schedule.row_policy),
      number(h.schedule.zero_weights), number(h.gate.mask_known));
}

}  // namespace

std::uint64_t Random::next() {
  // splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int Random::between(int min, int max) {
  const std::uint64_t range = static_cast<std::uint64_t>(max - min) + 1;
  return min + static_cast<int>(next() % range);
}

ReadOptions RandomCase::options(bool ideal, Gates gates) const { return {ideal, gates, signed_inputs, pad_value}; }

RandomCase random_case(std::uint64_t seed, int outputs) {
  Random random(seed);
  RandomCase c;
  c.hardware = random_hardware(random);
  c.layer = random_shape(random);
  if (outputs > 0) c.layer.out.channels = outputs;
  c.layer.input_bits = random.chance(20) ? 7 : random.between(1, 8);
  c.layer.dec3 = random_bits(random, c.hardware.mapping.cells);
  size_crossbar(random, c.hardware, c.layer);
  if (c.hardware.adc.transfer == AdcTransfer::calibrated) {
    if (random.chance(50)) c.layer.dec3.adc_step_msb = random.between(1, 9);
    if (random.chance(50) && c.layer.dec3.lb > 0) c.layer.dec3.adc_step_lsb = random.between(1, 9);
  }
  const int top_digit_bits = pieces(c.layer.input_bits, c.hardware.input.digit_bits).back();
  c.signed_inputs = top_digit_bits == 1 && c.layer.input_bits > 1 && random.chance(30);
  fill_activations(random, c);
  fill_weights(random, c.layer, lay_out(c.layer, c.hardware).rows);
  zero_groups(random, c);
  add_gate(random, c);
  c.text = describe(c, seed);
  return c;
}

}  // namespace cimcycle_reference
