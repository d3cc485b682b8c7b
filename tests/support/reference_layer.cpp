// SPDX-License-Identifier: Apache-2.0
// Partial sums, masks and accumulators of the slow twin. Its counts are in reference_counts.cpp.
#include "reference_layer.h"

#include <stdexcept>

#include "reference_reader.h"

namespace cimcycle_reference {

using cimcycle::CellMapping;
using cimcycle::Dec3;
using cimcycle::GateGranularity;
using cimcycle::GateKind;
using cimcycle::Hardware;
using cimcycle::Layer;
using cimcycle::MaskKnown;
using cimcycle::OffsetSum;
using cimcycle::RowPolicy;
using cimcycle::Split;
using cimcycle::Subtract;

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

std::int64_t two_to(int exponent) { return std::int64_t{1} << exponent; }

std::int64_t magnitude(std::int64_t value) { return value < 0 ? -value : value; }

void check_activations(const std::vector<std::vector<int>>& vectors, int bits, bool is_signed) {
  const int min = is_signed ? -(1 << (bits - 1)) : 0;
  const int max = is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
  for (const std::vector<int>& vector : vectors) {
    for (const int x : vector) {
      if (x < min || x > max) throw std::invalid_argument("activation out of range");
    }
  }
}

/// Whether |sums| of some outputs of one block reach their threshold.
bool importance_reaches(const Reader& reader, int block, const std::vector<int>& outputs,
                        const std::vector<std::int64_t>& sums) {
  const Dec3& dec3 = reader.layer.dec3;
  const auto threshold_of = [&](int output) {
    switch (dec3.threshold_per) {
      case Dec3::ThresholdPer::layer:
        return dec3.threshold.at(0);
      case Dec3::ThresholdPer::output_block:
        return dec3.threshold.at(at(block));
      case Dec3::ThresholdPer::output:
        return dec3.threshold.at(at(output));
    }
    throw std::invalid_argument("unknown kind of threshold");
  };
  if (dec3.gate == GateKind::mean) {
    if (dec3.threshold_per == Dec3::ThresholdPer::output && dec3.granularity != GateGranularity::output) {
      throw std::invalid_argument("a mean over outputs with thresholds of their own");
    }
    const std::int64_t threshold = threshold_of(outputs.front());
    if (threshold == cimcycle::never_opens) return false;
    std::int64_t sum = 0;
    for (const int output : outputs) sum += magnitude(sums.at(at(output)));
    return sum >= threshold * static_cast<std::int64_t>(outputs.size());
  }
  if (dec3.gate == GateKind::digits) return sums.at(at(outputs.front())) > dec3.digit_threshold.at(at(outputs.front()));
  for (const int output : outputs) {
    const std::int64_t threshold = threshold_of(output);
    if (threshold != cimcycle::never_opens && magnitude(sums.at(at(output))) >= threshold) return true;
  }
  return false;
}

/// Whether the activations of a row group add up to the threshold.
bool inputs_reach(const Reader& reader, int vector, int g) {
  const std::int64_t threshold = reader.layer.dec3.threshold.at(0);
  const Group& group = reader.layout.groups[at(g)];
  std::int64_t sum = 0;
  for (int row = group.first_row; row < group.first_row + group.rows; ++row) sum += reader.vectors[at(vector)][at(row)];
  return threshold != cimcycle::never_opens && sum >= threshold;
}

std::vector<int> outputs_of(const Block& block) {
  std::vector<int> outputs;
  for (int i = 0; i < block.outputs; ++i) outputs.push_back(block.first_output + i);
  return outputs;
}

/// Masks of one vector.
void decide(const Reader& reader, int vector, LayerReading& reading) {
  const Dec3& dec3 = reader.layer.dec3;
  const int groups = static_cast<int>(reader.layout.groups.size());
  const int blocks = static_cast<int>(reader.layout.blocks.size());
  auto& open = reading.open.at(at(vector));

  if (reader.options.gates != Gates::as_described) {
    const char forced = reader.options.gates == Gates::all_open || reader.pruning() ? 1 : 0;
    open.assign(at(groups), LayerReading::Flags(at(blocks), forced));
    if (dec3.granularity == GateGranularity::output && !reader.static_mask()) {
      reading.output_open.at(at(vector)).assign(at(reader.layer.out.channels), forced);
    }
    return;
  }
  open.assign(at(groups), LayerReading::Flags(at(blocks), 0));
  if (reader.static_mask()) {
    for (int g = 0; g < groups; ++g) {
      for (int b = 0; b < blocks; ++b) {
        const bool removed = reader.skips_zeros()
                                 ? reader.is_zero(g, b)
                                 : !dec3.removed_groups.empty() && dec3.removed_groups.at(at(g * blocks + b)) != 0;
        open[at(g)][at(b)] = removed ? 0 : 1;
      }
    }
    return;
  }
  if (dec3.granularity == GateGranularity::ou) {
    for (int g = 0; g < groups; ++g) {
      for (int b = 0; b < blocks; ++b) {
        const std::vector<int> outputs = outputs_of(reader.layout.blocks[at(b)]);
        const bool opens = dec3.gate == GateKind::inputs
                               ? inputs_reach(reader, vector, g)
                               : importance_reaches(reader, b, outputs, reading.high[at(vector)][at(g)]);
        open[at(g)][at(b)] = opens ? 1 : 0;
      }
    }
    return;
  }
  std::vector<std::int64_t> sums(at(reader.layer.out.channels), 0);
  for (int g = 0; g < groups; ++g) {
    for (std::size_t o = 0; o < sums.size(); ++o) sums[o] += reading.high[at(vector)][at(g)][o];
  }
  for (int b = 0; b < blocks; ++b) {
    const std::vector<int> outputs = outputs_of(reader.layout.blocks[at(b)]);
    bool block_open = false;
    if (dec3.granularity == GateGranularity::output_block) {
      block_open = importance_reaches(reader, b, outputs, sums);
    } else {
      for (const int output : outputs) {
        const bool asked = importance_reaches(reader, b, {output}, sums);
        reading.output_open[at(vector)][at(output)] = asked ? 1 : 0;
        if (asked) block_open = true;
      }
    }
    for (int g = 0; g < groups; ++g) open[at(g)][at(b)] = block_open ? 1 : 0;
  }
}

void accumulate(const Reader& reader, int vector, LayerReading& reading) {
  for (std::size_t b = 0; b < reader.layout.blocks.size(); ++b) {
    for (const int output : outputs_of(reader.layout.blocks[b])) {
      std::int64_t sum = 0;
      for (std::size_t g = 0; g < reader.layout.groups.size(); ++g) {
        const std::int64_t high = reading.high[at(vector)][g][at(output)];
        const std::int64_t low = reading.low[at(vector)][g][at(output)];
        const bool open = reader.adds(reading, vector, static_cast<int>(g), static_cast<int>(b), output);
        if (reader.pruning()) {
          sum += open ? high : 0;
        } else {
          sum += two_to(high_power(reader.layer.dec3)) * high + (open ? low : 0);
        }
      }
      reading.acc[at(vector)][at(output)] = sum;
    }
  }
}

/// With a converter that loses nothing, every sum must be what the weights themselves give.
void check_against_weights(const Reader& reader, const LayerReading& reading) {
  const auto require = [](bool holds) {
    if (!holds) throw std::logic_error("the ideal reading contradicts the weights");
  };
  const Dec3& dec3 = reader.layer.dec3;
  const std::size_t rows = at(reader.layout.rows);
  for (std::size_t v = 0; v < reader.vectors.size(); ++v) {
    for (std::size_t b = 0; b < reader.layout.blocks.size(); ++b) {
      for (const int output : outputs_of(reader.layout.blocks[b])) {
        std::int64_t expected = 0;
        for (std::size_t g = 0; g < reader.layout.groups.size(); ++g) {
          const Group& group = reader.layout.groups[g];
          std::int64_t high = 0;
          std::int64_t low = 0;
          std::int64_t whole = 0;
          for (int row = group.first_row; row < group.first_row + group.rows; ++row) {
            const int weight = reader.layer.weights.at(at(output) * rows + at(row));
            const Parts parts = split(weight, dec3);
            const std::int64_t x = reader.vectors[v][at(row)];
            const std::int64_t low_x =
                dec3.gate == GateKind::digits ? x % two_to(reader.layer.input_bits - dec3.high_digit_bits) : 0;
            high += (x - low_x) * parts.high;
            low += x * parts.low + low_x * weight;
            whole += x * weight;
          }
          require(high == reading.high[v][g][at(output)] && low == reading.low[v][g][at(output)]);
          const bool open = reader.adds(reading, static_cast<int>(v), static_cast<int>(g), static_cast<int>(b), output);
          if (open) {
            expected += whole;
          } else if (!reader.pruning()) {
            expected += whole - low;
          }
        }
        require(expected == reading.acc[v][at(output)]);
      }
    }
  }
}

}  // namespace

Reader::Reader(const Layer& a_layer, const Hardware& a_hardware, const std::vector<int>& activations,
               const ReadOptions& some_options)
    : layer(a_layer),
      hardware(a_hardware),
      options(some_options),
      layout(lay_out(a_layer, a_hardware)),
      vectors(input_vectors(a_layer, activations, some_options.pad_value)),
      msb(fill_cells(Path::msb, a_layer, a_hardware, layout)),
      lsb(fill_cells(Path::lsb, a_layer, a_hardware, layout)),
      adc(a_hardware.adc) {
  if (options.ideal) adc.transfer = cimcycle::AdcTransfer::ideal;
  check_activations(vectors, layer.input_bits, options.signed_inputs);
  if (options.signed_inputs && layout.digits.back() != 1) {
    throw std::invalid_argument("the top digit of signed activations must hold one bit");
  }
}

int Reader::digit(int vector, int row, int d) const {
  const int x = vectors[at(vector)][at(row)];
  const int code = x < 0 ? x + (1 << layer.input_bits) : x;
  return (code >> shift_of(layout.digits, d)) % (1 << layout.digits[at(d)]);
}

std::int64_t Reader::digit_weight(int d) const {
  const std::int64_t weight = two_to(shift_of(layout.digits, d));
  const bool top = d + 1 == static_cast<int>(layout.digits.size());
  return options.signed_inputs && top ? -weight : weight;
}

int Reader::active_rows(int vector, int g, int d) const {
  const Group& group = layout.groups[at(g)];
  int active = 0;
  for (int row = group.first_row; row < group.first_row + group.rows; ++row) {
    if (digit(vector, row, d) != 0) ++active;
  }
  return active;
}

std::int64_t Reader::digit_sum(int vector, int g, int d) const {
  const Group& group = layout.groups[at(g)];
  std::int64_t sum = 0;
  for (int row = group.first_row; row < group.first_row + group.rows; ++row) sum += digit(vector, row, d);
  return sum;
}

std::int64_t Reader::column_sum(int vector, int g, int d, Path path, int slice, int output, int column) const {
  const Group& group = layout.groups[at(g)];
  std::int64_t sum = 0;
  for (int row = group.first_row; row < group.first_row + group.rows; ++row) {
    sum += digit(vector, row, d) * cells(path).level[at(slice)][at(row)][at(output)][at(column)];
  }
  return sum;
}

Converted Reader::use_converter(std::int64_t sum, Path path, int slice_bits, int d) const {
  std::optional<int> step = path == Path::msb || gates_digits() ? layer.dec3.adc_step_msb : layer.dec3.adc_step_lsb;
  if (!step) step = hardware.adc.calibrated_step;
  return convert(sum, adc, hardware.ou.rows, slice_bits, layout.digits[at(d)], step);
}

std::vector<Converted> Reader::conversions(int vector, int g, int d, Path path, int slice, int output) const {
  const int bits = cells(path).slice_bits[at(slice)];
  const std::int64_t sum = column_sum(vector, g, d, path, slice, output, 0);
  if (hardware.mapping.cells != CellMapping::differential) return {use_converter(sum, path, bits, d)};
  const std::int64_t minus = column_sum(vector, g, d, path, slice, output, 1);
  if (hardware.mapping.subtract == Subtract::analog) return {use_converter(sum - minus, path, bits, d)};
  return {use_converter(sum, path, bits, d), use_converter(minus, path, bits, d)};
}

Converted Reader::unit_conversion(int vector, int g, int d) const {
  return use_converter(digit_sum(vector, g, d), Path::msb, 1, d);
}

std::int64_t Reader::known_digit_sum(int vector, int g, int d) const {
  return uses_unit_column() ? unit_conversion(vector, g, d).value : digit_sum(vector, g, d);
}

std::int64_t Reader::partial_sum(int vector, int g, Path path, int output) const {
  const Dec3& dec3 = layer.dec3;
  const std::vector<int>& slice_bits = cells(path).slice_bits;
  const bool low_digits = path == Path::lsb && dec3.gate == GateKind::digits;
  const int bits = path == Path::msb || low_digits ? dec3.hb : dec3.lb;
  if (bits == 0) return 0;
  const bool unsigned_part = path == Path::lsb && dec3.split == Split::floor;
  const bool twos_complement = hardware.mapping.cells == CellMapping::twos_complement && !unsigned_part;

  std::int64_t sum = 0;
  std::int64_t row_sum = 0;
  for (int d = 0; d < static_cast<int>(layout.digits.size()); ++d) {
    if (!digit_belongs(path, d)) continue;
    if (hardware.mapping.cells == CellMapping::offset) row_sum += digit_weight(d) * known_digit_sum(vector, g, d);
    for (int slice = 0; slice < static_cast<int>(slice_bits.size()); ++slice) {
      const std::vector<Converted> converted = conversions(vector, g, d, path, slice, output);
      std::int64_t value = converted.size() == 2 ? converted[0].value - converted[1].value : converted[0].value;
      if (cells(path).inverted[at(slice)][at(g)][at(output)]) {
        value = (two_to(slice_bits[at(slice)]) - 1) * known_digit_sum(vector, g, d) - value;
      }
      const bool top_slice = slice + 1 == static_cast<int>(slice_bits.size());
      const std::int64_t slice_weight = two_to(shift_of(slice_bits, slice)) * (twos_complement && top_slice ? -1 : 1);
      sum += digit_weight(d) * slice_weight * value;
    }
  }
  if (hardware.mapping.cells != CellMapping::offset || unsigned_part) return sum;
  if ((path == Path::msb || low_digits) && dec3.hb == 1) return 2 * sum - row_sum;
  return sum - two_to(bits - 1) * row_sum;
}

bool Reader::uses_unit_column() const {
  return hardware.mapping.cells == CellMapping::offset && hardware.mapping.offset_sum == OffsetSum::unit_column;
}

bool Reader::gated() const { return layer.dec3.gate != GateKind::none || skips_zeros(); }

bool Reader::skips_zeros() const {
  return layer.dec3.gate == GateKind::none && layer.dec3.lb == 0 && layer.dec3.hb > 1 &&
         hardware.schedule.zero_weights == cimcycle::ZeroWeights::skip;
}

bool Reader::is_zero(int g, int b) const {
  const Group& group = layout.groups[at(g)];
  for (const int output : outputs_of(layout.blocks[at(b)])) {
    for (int row = group.first_row; row < group.first_row + group.rows; ++row) {
      if (layer.weights.at(at(output * layout.rows + row)) != 0) return false;
    }
  }
  return true;
}

bool Reader::gates_digits() const { return layer.dec3.gate == GateKind::digits; }

bool Reader::gates_inputs() const { return layer.dec3.gate == GateKind::inputs; }

bool Reader::digit_belongs(Path path, int d) const {
  if (!gates_digits()) return true;
  const bool is_low = shift_of(layout.digits, d) < layer.input_bits - layer.dec3.high_digit_bits;
  return is_low == (path == Path::lsb);
}

bool Reader::pruning() const { return gated() && layer.dec3.lb == 0 && !gates_digits(); }

bool Reader::static_mask() const {
  return skips_zeros() || (pruning() && !gates_inputs() && hardware.gate.mask_known == MaskKnown::static_);
}

bool Reader::digit_is_read(int vector, int g, int d) const {
  return hardware.schedule.row_policy == RowPolicy::all || active_rows(vector, g, d) > 0;
}

bool Reader::adds(const LayerReading& reading, int vector, int g, int block, int output) const {
  if (!gated()) return true;
  if (layer.dec3.granularity == GateGranularity::output && !static_mask()) {
    return reading.output_open[at(vector)][at(output)] != 0;
  }
  return reading.open[at(vector)][at(g)][at(block)] != 0;
}

LayerReading read_layer(const Layer& layer, const Hardware& hardware, const std::vector<int>& activations,
                        const ReadOptions& options) {
  const Reader reader(layer, hardware, activations, options);
  const std::size_t outputs = at(layer.out.channels);
  const std::size_t groups = reader.layout.groups.size();
  LayerReading reading;
  reading.acc.assign(reader.vectors.size(), LayerReading::Row(outputs));
  reading.high.assign(reader.vectors.size(), std::vector<LayerReading::Row>(groups, LayerReading::Row(outputs)));
  reading.low = reading.high;
  if (reader.gated()) {
    reading.open.resize(reader.vectors.size());
    if (layer.dec3.granularity == GateGranularity::output && !reader.static_mask()) {
      reading.output_open.assign(reader.vectors.size(), LayerReading::Flags(outputs));
    }
  }
  for (int v = 0; v < static_cast<int>(reader.vectors.size()); ++v) {
    for (int g = 0; g < static_cast<int>(groups); ++g) {
      for (int o = 0; o < layer.out.channels; ++o) {
        reading.high[at(v)][at(g)][at(o)] = reader.partial_sum(v, g, Path::msb, o);
        reading.low[at(v)][at(g)][at(o)] = reader.partial_sum(v, g, Path::lsb, o);
      }
    }
    if (reader.gated()) decide(reader, v, reading);
    accumulate(reader, v, reading);
  }
  if (reader.adc.transfer == cimcycle::AdcTransfer::ideal) check_against_weights(reader, reading);
  count(reader, reading);
  return reading;
}

}  // namespace cimcycle_reference
