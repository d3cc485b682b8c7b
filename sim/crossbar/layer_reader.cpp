// SPDX-License-Identifier: Apache-2.0
#include "crossbar/layer_reader.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "crossbar/read_counts.h"

namespace cimcycle {

OpenStats& OpenStats::operator+=(const OpenStats& other) {
  triples += other.triples;
  read_triples += other.read_triples;
  digits += other.digits;
  output_digits += other.output_digits;
  outputs += other.outputs;
  output_sums += other.output_sums;
  levels += other.levels;
  activations += other.activations;
  rows_on += other.rows_on;
  crossbar_sums += other.crossbar_sums;
  unit_clips += other.unit_clips;
  return *this;
}

DriveStats& DriveStats::operator+=(const DriveStats& other) {
  digits += other.digits;
  rows_on += other.rows_on;
  digit_sums += other.digit_sums;
  groups_read += other.groups_read;
  return *this;
}

ReadStats& ReadStats::operator+=(const ReadStats& other) {
  vectors += other.vectors;
  high += other.high;
  low += other.low;
  groups_read += other.groups_read;
  msb_levels += other.msb_levels;
  lsb_levels += other.lsb_levels;
  open += other.open;
  asked_outputs += other.asked_outputs;
  gate_decisions += other.gate_decisions;
  gates_closed += other.gates_closed;
  clipped_msb += other.clipped_msb;
  clipped_lsb += other.clipped_lsb;
  clipped_unit += other.clipped_unit;
  return *this;
}

namespace {

/// Bytes of one copy of up to so many neighbouring activations.
constexpr std::size_t copy_bytes = 8;

/// One pass over a layer's vectors. The steps of `vector` are the story: take the input, read the MSB path, decide the
/// gates, read the LSB path, accumulate.
class Pass {
 public:
  Pass(const PackedLayer& layer, LayerReading& reading, const ImportanceObserver& observer)
      : layer_(layer),
        mapping_(*layer.mapping),
        reading_(reading),
        observer_(observer),
        target_(*layer.target),
        input_plan_(input_plan_of(layer)),
        msb_plan_(plan_of(layer, layer.msb)),
        lsb_plan_(plan_of(layer, layer.low())),
        groups_(static_cast<int>(mapping_.groups.size())),
        blocks_(static_cast<int>(mapping_.blocks.size())),
        lanes_(layer.chunks * kernel_lanes),
        planes_(layer.digit_planes.back()),
        has_low_(layer.has_low()),
        low_input_(layer.low_mask != 0 ? reading.low_input : reading.input),
        gated_(has_mask(*layer.layer, mapping_) && layer.options.gates != GateMode::all_open &&
               (has_low_ || layer.options.gates != GateMode::all_closed)) {
    const std::size_t groups = static_cast<std::size_t>(groups_);
    const std::size_t lanes = static_cast<std::size_t>(lanes_);
    reading_.content = {};
    prepare(reading_.input);
    if (layer.low_mask != 0) prepare(reading_.low_input);
    reading_.msb_sums.resize(groups * lanes);
    reading_.lsb_sums.resize(groups * lanes);
    reading_.chunk_read.resize(groups * static_cast<std::size_t>(layer.chunks));
    reading_.lane_read.resize(groups * lanes);
    reading_.output_open.resize(lanes);
    const int vectors = layer.layer->vectors();
    reading_.asked.assign(static_cast<std::size_t>(vectors), 0);
    reading_.acc.resize(static_cast<std::size_t>(vectors) * all_outputs());
    LayerTrace& trace = reading_.trace;
    trace.vectors = vectors;
    trace.groups = groups_;
    trace.mask_words = (blocks_ + 63) / 64;
    trace.digits.resize(static_cast<std::size_t>(vectors) * groups);
    trace.low_digits.resize(layer.low_mask != 0 ? trace.digits.size() : 0);
    trace.open.assign(gated_ ? trace.digits.size() * static_cast<std::size_t>(trace.mask_words) : 0, 0);
  }

  void vector(int index, const std::uint8_t* window) {
    const std::size_t first_group = static_cast<std::size_t>(index) * static_cast<std::size_t>(groups_);
    facts_ = &reading_.input.facts[first_group];
    low_facts_ = &low_input_.facts[first_group];
    asked_ = &reading_.asked[static_cast<std::size_t>(index)];
    open_ = gated_ ? &reading_.trace.open[static_cast<std::size_t>(index) * static_cast<std::size_t>(groups_) *
                                          static_cast<std::size_t>(reading_.trace.mask_words)]
                   : nullptr;
    take_input(window);
    read_msb();
    if (gated_) decide();
    if (gated_) count_open();
    if (layer_.mask_known_before_msb(gated_)) recount_msb_clips();
    if (has_low_) read_lsb();
    accumulate(&reading_.acc[static_cast<std::size_t>(index) * all_outputs()]);
  }

  void finish() {
    ReadStats& stats = reading_.content;
    stats.vectors = reading_.trace.vectors;
    stats.msb_levels = all_levels(layer_.msb, reading_.input);
    stats.lsb_levels = has_low_ ? all_levels(layer_.low(), low_input_) : 0;
    if (layer_.low_mask == 0) stats.low = stats.high;
  }

 private:
  void prepare(InputPart& part) const {
    const std::size_t rows = static_cast<std::size_t>(layer_.layer->rows());
    // The packer loads eight rows at a time, a dot product whole row groups, and a copy ends behind its run.
    part.x.assign(rows + copy_bytes + 4 * static_cast<std::size_t>(layer_.quads), 0);
    part.digit_sums.resize(rows);
    part.row_digits.assign(rows, 0);
    const std::size_t words = static_cast<std::size_t>(groups_) * static_cast<std::size_t>(planes_ * layer_.words);
    part.digit_words.assign((words * static_cast<std::size_t>(layer_.word_bits) + 63) / 64, 0);
    part.facts.resize(static_cast<std::size_t>(layer_.layer->vectors()) * static_cast<std::size_t>(groups_));
  }

  std::size_t all_outputs() const { return static_cast<std::size_t>(layer_.layer->out.channels); }
  bool static_mask() const { return gated_ && mapping_.has_static_mask(); }

  /// The activations of a window, in the order of the rows.
  void gather(const std::uint8_t* window, std::uint8_t* x) const {
    const std::size_t length = static_cast<std::size_t>(layer_.run_length);
    if (length <= copy_bytes) {
      // Every copy is a fixed number of bytes, so that it is one instruction; the next run overwrites the surplus.
      for (const int offset : layer_.run_offset) {
        std::memcpy(x, window + offset, copy_bytes);
        x += length;
      }
      std::memset(x, 0, copy_bytes - length);
      return;
    }
    for (const int offset : layer_.run_offset) {
      std::memcpy(x, window + offset, length);
      x += length;
    }
  }

  void take_input(const std::uint8_t* window) {
    std::uint8_t* x = reading_.input.x.data();
    gather(window, x);
    // A part has zeros where the other part's digits are, and a sum of 0 stays 0 in every converter.
    if (layer_.low_mask != 0) {
      const int rows = layer_.layer->rows();
      const std::uint8_t low = layer_.low_mask, high = static_cast<std::uint8_t>(~low);
      for (int i = 0; i < rows; ++i) {
        low_input_.x[static_cast<std::size_t>(i)] = x[i] & low;
        x[i] &= high;
      }
      take_part(low_input_, low_facts_, reading_.content.low);
    }
    take_part(reading_.input, facts_, reading_.content.high);
  }

  void take_part(InputPart& part, GroupFacts* facts, DriveStats& stats) {
    const std::uint8_t* x = part.x.data();
    const int rows = layer_.layer->rows();
    std::uint8_t* digit_sum = part.digit_sums.data();
    if (layer_.one_bit_digits) {
      target_.count_ones(x, rows, digit_sum);
    } else {
      for (int i = 0; i < rows; ++i) digit_sum[i] = layer_.digit_sum[x[i]];
    }
    for (int i = 0; i < rows; ++i) part.row_digits[static_cast<std::size_t>(i)] += digit_sum[i];
    layer_.take(input_plan_, x, part.digit_words.data(), facts);
    for (int g = 0; g < groups_; ++g) {
      stats.rows_on += facts[g].rows_on;
      stats.digit_sums += facts[g].digit_sum;
      reading_.content.clipped_unit += facts[g].unit_clips;
    }
  }

  static PathInput input_of(const PackedPath& path, const InputPart& part) {
    PathInput input;
    input.digits = part.digit_words.data();
    input.x = part.x.data();
    input.cells = path.cells.data();
    return input;
  }

  void add_x(const PackedPath& path, const GroupFacts* facts, std::vector<std::int32_t>& sums, bool only_read) const {
    if (!path.needs_x) return;
    const bool per_lane = path.x_weight.size() > 1;
    for (int g = 0; g < groups_; ++g) {
      const std::int32_t x = static_cast<std::int32_t>(facts[g].x_sum);
      if (x == 0) continue;
      std::int32_t* sum = &sums[static_cast<std::size_t>(g) * static_cast<std::size_t>(lanes_)];
      if (per_lane) {
        const std::int32_t* weight = &path.x_weight[static_cast<std::size_t>(g) * static_cast<std::size_t>(lanes_)];
        for (int l = 0; l < lanes_; ++l) sum[l] += x * weight[l];
        continue;
      }
      const std::int32_t add = x * path.x_weight.front();
      const std::uint8_t* read =
          only_read ? &reading_.chunk_read[static_cast<std::size_t>(g) * static_cast<std::size_t>(layer_.chunks)]
                    : nullptr;
      for (int chunk = 0; chunk < layer_.chunks; ++chunk) {
        if (read != nullptr && read[chunk] == 0) continue;
        target_.add_constant(sum + chunk * kernel_lanes, add, kernel_lanes);
      }
    }
  }

  void read_msb() {
    std::int64_t clipped = 0;
    layer_.sums(msb_plan_, input_of(layer_.msb, reading_.input), reading_.msb_sums.data(), &clipped);
    if (!layer_.mask_known_before_msb(gated_)) reading_.content.clipped_msb += clipped;
    add_x(layer_.msb, facts_, reading_.msb_sums, false);
  }

  /// Clipped conversions of the OU groups that are read when the mask is known beforehand.
  void recount_msb_clips() {
    if (!layer_.msb.may_clip) return;
    mark_open_lanes();
    PathInput input = input_of(layer_.msb, reading_.input);
    input.chunk_read = reading_.chunk_read.data();
    input.lane_read = reading_.lane_read.data();
    layer_.sums(msb_plan_, input, reading_.lsb_sums.data(), &reading_.content.clipped_msb);
  }

  void open_block(int group, int block) {
    open_[group * reading_.trace.mask_words + block / 64] |= std::uint64_t{1} << (block % 64);
  }
  bool is_open(int group, int block) const {
    return (open_[group * reading_.trace.mask_words + block / 64] >> (block % 64) & 1u) != 0;
  }

  /// Whether a block opens, from the magnitudes of its outputs' sums.
  bool opens(const OutputBlock& block, const std::int32_t* sums) const {
    const std::int64_t* threshold = &layer_.threshold[static_cast<std::size_t>(block.first_output)];
    const std::int32_t* sum = sums + block.first_output;
    std::int64_t importance = 0;
    if (layer_.gate == GateKind::mean) {
      for (int o = 0; o < block.outputs; ++o) importance += std::abs(std::int64_t{sum[o]});
      if (observer_) observer_(importance / block.outputs);
      return threshold[0] != never_opens && importance >= threshold[0] * block.outputs;
    }
    bool open = false;
    for (int o = 0; o < block.outputs; ++o) {
      const std::int64_t magnitude = std::abs(std::int64_t{sum[o]});
      importance = std::max(importance, magnitude);
      open |= threshold[o] != never_opens && magnitude >= threshold[o];
    }
    if (observer_) observer_(importance);
    return open;
  }

  void decide() {
    if (layer_.options.gates == GateMode::all_closed) return close_all();
    if (static_mask()) return open_kept_groups();
    if (layer_.granularity == GateGranularity::ou) return decide_groups();
    decide_collected();
  }

  void close_all() {
    reading_.content.gate_decisions += decisions_per_vector();
    reading_.content.gates_closed += decisions_per_vector();
    std::fill(reading_.output_open.begin(), reading_.output_open.end(), std::uint8_t{0});
  }

  std::int64_t decisions_per_vector() const {
    switch (layer_.granularity) {
      case GateGranularity::ou:
        return std::int64_t{groups_} * blocks_;
      case GateGranularity::output_block:
        return blocks_;
      case GateGranularity::output:
        return layer_.outputs;
    }
    return 0;
  }

  void open_kept_groups() {
    reading_.content.gate_decisions += std::int64_t{groups_} * blocks_;
    for (int g = 0; g < groups_; ++g) {
      for (int b = 0; b < blocks_; ++b) {
        const std::size_t at =
            static_cast<std::size_t>(g) * static_cast<std::size_t>(blocks_) + static_cast<std::size_t>(b);
        if (mapping_.removed[at] == 0) {
          open_block(g, b);
        } else {
          ++reading_.content.gates_closed;
        }
      }
    }
  }

  void decide_groups() {
    reading_.content.gate_decisions += std::int64_t{groups_} * blocks_;
    if (layer_.gate == GateKind::max && !observer_) {
      reading_.content.gates_closed += target_.open_blocks(gate_plan_of(layer_), reading_.msb_sums.data(), open_);
      return;
    }
    for (int g = 0; g < groups_; ++g) {
      const std::int32_t* sums = &reading_.msb_sums[static_cast<std::size_t>(g) * static_cast<std::size_t>(lanes_)];
      for (int b = 0; b < blocks_; ++b) {
        if (opens(mapping_.blocks[static_cast<std::size_t>(b)], sums)) {
          open_block(g, b);
        } else {
          ++reading_.content.gates_closed;
        }
      }
    }
  }

  /// Granularity output_block and output: one decision from the sums over all row groups.
  void decide_collected() {
    reading_.block_sums.assign(static_cast<std::size_t>(lanes_), 0);
    for (int g = 0; g < groups_; ++g) {
      const std::int32_t* sums = &reading_.msb_sums[static_cast<std::size_t>(g) * static_cast<std::size_t>(lanes_)];
      for (int l = 0; l < lanes_; ++l) reading_.block_sums[static_cast<std::size_t>(l)] += sums[l];
    }
    std::fill(reading_.output_open.begin(), reading_.output_open.end(), std::uint8_t{0});
    for (int b = 0; b < blocks_; ++b) {
      const OutputBlock& block = mapping_.blocks[static_cast<std::size_t>(b)];
      bool any = false;
      if (layer_.granularity == GateGranularity::output_block) {
        any = opens(block, reading_.block_sums.data());
        ++reading_.content.gate_decisions;
        reading_.content.gates_closed += any ? 0 : 1;
        for (int o = 0; o < block.outputs; ++o) mark_output(block.first_output + o, any);
      } else {
        for (int o = 0; o < block.outputs; ++o) {
          const bool open = output_opens(block.first_output + o);
          ++reading_.content.gate_decisions;
          reading_.content.gates_closed += open ? 0 : 1;
          mark_output(block.first_output + o, open);
          any |= open;
        }
      }
      if (!any) continue;
      for (int g = 0; g < groups_; ++g) open_block(g, b);
    }
  }

  bool output_opens(int output) const {
    if (layer_.gate != GateKind::digits) return opens({output, 1, 0}, reading_.block_sums.data());
    const auto o = static_cast<std::size_t>(output);
    return reading_.block_sums[o] > layer_.layer->dec3.digit_threshold[o];
  }

  void mark_output(int output, bool open) {
    reading_.output_open[static_cast<std::size_t>(output)] = open ? 1 : 0;
    *asked_ += open ? 1 : 0;
  }

  void count_open() {
    const PackedPath& path = has_low_ ? layer_.low() : layer_.msb;
    OpenStats& open = reading_.content.open;
    const std::size_t rows = static_cast<std::size_t>(layer_.layer->rows());
    for (int g = 0; g < groups_; ++g) {
      const RowGroup& group = mapping_.groups[static_cast<std::size_t>(g)];
      for (int word = 0; word < reading_.trace.mask_words; ++word) {
        std::uint64_t mask = open_[g * reading_.trace.mask_words + word];
        for (; mask != 0; mask &= mask - 1) {
          const std::size_t b = static_cast<std::size_t>(64 * word + std::countr_zero(mask));
          open.triples += 1;
          open.output_sums += mapping_.blocks[b].outputs * low_facts_[g].digit_sum;
          const std::int32_t* levels = &path.row_levels[b * rows + static_cast<std::size_t>(group.first_row)];
          open.levels += target_.weighted_sum(&low_input_.digit_sums[static_cast<std::size_t>(group.first_row)], levels,
                                              group.rows);
        }
      }
    }
  }

  /// Chunks that hold a lane of an open block, and those lanes.
  void mark_open_lanes() {
    std::fill(reading_.chunk_read.begin(), reading_.chunk_read.end(), std::uint8_t{0});
    const bool lanes = msb_plan_.may_clip || lsb_plan_.may_clip;
    if (lanes) std::fill(reading_.lane_read.begin(), reading_.lane_read.end(), std::uint8_t{0});
    for (int g = 0; g < groups_; ++g) {
      for (int b = 0; b < blocks_; ++b) {
        if (!is_open(g, b)) continue;
        const OutputBlock& block = mapping_.blocks[static_cast<std::size_t>(b)];
        const int end = block.first_output + block.outputs;
        for (int chunk = block.first_output / kernel_lanes; chunk <= (end - 1) / kernel_lanes; ++chunk) {
          reading_.chunk_read[static_cast<std::size_t>(g * layer_.chunks + chunk)] = 1;
        }
        if (!lanes) continue;
        std::uint8_t* read = &reading_.lane_read[static_cast<std::size_t>(g) * static_cast<std::size_t>(lanes_)];
        for (int o = block.first_output; o < end; ++o) read[o] = 1;
      }
    }
  }

  void read_lsb() {
    PathInput input = input_of(layer_.low(), low_input_);
    if (gated_) {
      mark_open_lanes();
      input.chunk_read = reading_.chunk_read.data();
      if (lsb_plan_.may_clip) input.lane_read = reading_.lane_read.data();
    }
    layer_.sums(lsb_plan_, input, reading_.lsb_sums.data(), &reading_.content.clipped_lsb);
    add_x(layer_.low(), low_facts_, reading_.lsb_sums, gated_);
  }

  void accumulate(std::int32_t* all) const {
    const int shift = high_shift(layer_.layer->dec3);
    const bool per_output = layer_.granularity == GateGranularity::output && !static_mask();
    std::fill(all, all + all_outputs(), 0);
    for (int g = 0; g < groups_; ++g) {
      std::int32_t* acc = all + layer_.group_first_output[static_cast<std::size_t>(g)];
      const std::size_t at = static_cast<std::size_t>(g) * static_cast<std::size_t>(lanes_);
      const std::int32_t* high = &reading_.msb_sums[at];
      if (has_low_ || !gated_) {
        target_.add_shifted(acc, high, layer_.outputs, shift);
      }
      if (!has_low_ && !gated_) continue;
      const std::int32_t* behind_gate = has_low_ ? &reading_.lsb_sums[at] : high;
      if (!gated_) {
        target_.add_shifted(acc, behind_gate, layer_.outputs, 0);
        continue;
      }
      for (int b = 0; b < blocks_; ++b) {
        if (!is_open(g, b)) continue;
        const OutputBlock& block = mapping_.blocks[static_cast<std::size_t>(b)];
        if (!per_output) {
          target_.add_shifted(acc + block.first_output, behind_gate + block.first_output, block.outputs, 0);
          continue;
        }
        for (int o = block.first_output; o < block.first_output + block.outputs; ++o) {
          if (reading_.output_open[static_cast<std::size_t>(o)] != 0) acc[o] += behind_gate[o];
        }
      }
    }
  }

  std::int64_t all_levels(const PackedPath& path, const InputPart& part) const {
    const std::size_t rows = static_cast<std::size_t>(layer_.layer->rows());
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      std::int64_t levels = 0;
      for (std::size_t b = 0; b < static_cast<std::size_t>(blocks_); ++b) levels += path.row_levels[b * rows + i];
      sum += part.row_digits[i] * levels;
    }
    return sum;
  }

  const PackedLayer& layer_;
  const LayerMapping& mapping_;
  LayerReading& reading_;
  const ImportanceObserver& observer_;
  const KernelTarget& target_;
  const InputPlan input_plan_;
  const PathPlan msb_plan_, lsb_plan_;
  const int groups_, blocks_, lanes_, planes_;
  const bool has_low_;
  InputPart& low_input_;  // of what lies behind the gate
  const bool gated_;
  GroupFacts *facts_ = nullptr, *low_facts_ = nullptr;  // of the vector at hand, as the next two
  int* asked_ = nullptr;
  std::uint64_t* open_ = nullptr;
};

/// The input with its border, as the low bits of each value (a signed value's two's complement digits).
void pad_input(const PackedLayer& packed, std::span<const std::int16_t> input, std::span<const int> pad,
               std::vector<std::uint8_t>& padded) {
  const Layer& layer = *packed.layer;
  const unsigned value_mask = (1u << layer.input_bits) - 1u;
  const std::size_t plane =
      static_cast<std::size_t>(packed.padded_height) * static_cast<std::size_t>(packed.padded_width);
  padded.resize(plane * static_cast<std::size_t>(layer.in.channels) + copy_bytes);
  const std::int16_t* from = input.data();
  for (int c = 0; c < layer.in.channels; ++c) {
    std::uint8_t* to = &padded[plane * static_cast<std::size_t>(c)];
    if (layer.padding != Border(0)) {
      std::fill(to, to + plane,
                static_cast<std::uint8_t>(static_cast<unsigned>(pad[static_cast<std::size_t>(c)]) & value_mask));
    }
    for (int y = 0; y < layer.in.height; ++y) {
      std::uint8_t* row = to + (y + layer.padding.top) * packed.padded_width + layer.padding.left;
      for (int x = 0; x < layer.in.width; ++x)
        row[x] = static_cast<std::uint8_t>(static_cast<unsigned>(*from++) & value_mask);
    }
  }
}

}  // namespace

void read_layer(const PackedLayer& layer, std::span<const std::int16_t> input, std::span<const int> pad,
                LayerReading& reading, const ImportanceObserver& observer) {
  pad_input(layer, input, pad, reading.padded);
  Pass pass(layer, reading, observer);
  const Shape& out = layer.layer->out;
  const Directions& stride = layer.layer->stride;
  int index = 0;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const std::int64_t offset = std::int64_t{y} * stride.height * layer.padded_width + x * stride.width;
      pass.vector(index++, reading.padded.data() + offset);
    }
  }
  pass.finish();
  count_issued(layer, *layer.mapping, layer.row_policy, reading);
}

}  // namespace cimcycle
