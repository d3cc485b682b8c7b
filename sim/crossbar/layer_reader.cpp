// SPDX-License-Identifier: Apache-2.0
#include "crossbar/layer_reader.h"

#include <algorithm>
#include <bit>

#include "crossbar/gate_decisions.h"
#include "crossbar/input_window.h"
#include "crossbar/kernel_plans.h"
#include "crossbar/read_counts.h"

namespace cimcycle {

namespace {

/// One pass over a layer's vectors. The steps of `vector` are the story: take the input, read the MSB path, decide the
/// gates, read the LSB path, accumulate. Where the mask asks no sums, it comes first, and closed groups cost nothing.
class Pass {
 public:
  Pass(const PackedLayer& layer, LayerReading& reading, const ImportanceObserver& observer)
      : layer_(layer),
        mapping_(*layer.mapping),
        reading_(reading),
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
               (has_low_ || layer.options.gates != GateMode::all_closed)),
        gates_(layer, reading, observer) {
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
    take_input(window);
    const bool open_groups_alone = layer_.mask_known_before_msb(gated_);
    const bool decides_first = open_groups_alone && !gates_.needs_sums();
    if (!decides_first) read_msb();
    if (gated_) gates_.decide(index);
    if (gated_) count_open();
    if (decides_first) {
      read_open_msb();
    } else if (open_groups_alone) {
      recount_msb_clips();
    }
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
    // The packer loads eight rows at a time, a dot product whole row groups.
    part.x.assign(rows + gather_surplus + 4 * static_cast<std::size_t>(layer_.quads), 0);
    part.digit_sums.resize(rows);
    part.row_digits.assign(rows, 0);
    const std::size_t words = static_cast<std::size_t>(groups_) * static_cast<std::size_t>(planes_ * layer_.words);
    part.digit_words.assign((words * static_cast<std::size_t>(layer_.word_bits) + 63) / 64, 0);
    part.facts.resize(static_cast<std::size_t>(layer_.layer->vectors()) * static_cast<std::size_t>(groups_));
  }

  std::size_t all_outputs() const { return static_cast<std::size_t>(layer_.layer->out.channels); }

  void take_input(const std::uint8_t* window) {
    std::uint8_t* x = reading_.input.x.data();
    gather(layer_, window, x);
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

  /// chunk_read: [groups][chunks], the sums to add to; null: all.
  void add_x(const PackedPath& path, const GroupFacts* facts, std::vector<std::int32_t>& sums,
             const std::uint8_t* chunk_read) const {
    if (!path.needs_x) return;
    const bool per_lane = path.x_weight.size() > 1;
    for (int g = 0; g < groups_; ++g) {
      const std::int32_t x = static_cast<std::int32_t>(facts[g].x_sum);
      if (x == 0) continue;
      for (int chunk = 0; chunk < layer_.chunks; ++chunk) {
        const std::size_t at = static_cast<std::size_t>(g * layer_.chunks + chunk);
        if (chunk_read != nullptr && chunk_read[at] == 0) continue;
        std::int32_t* sum = &sums[at * kernel_lanes];
        if (!per_lane) {
          target_.add_constant(sum, x * path.x_weight.front(), kernel_lanes);
          continue;
        }
        const std::int32_t* weight = &path.x_weight[at * kernel_lanes];
        for (int l = 0; l < kernel_lanes; ++l) sum[l] += x * weight[l];
      }
    }
  }

  void read_msb() {
    std::int64_t clipped = 0;
    layer_.sums(msb_plan_, input_of(layer_.msb, reading_.input), reading_.msb_sums.data(), &clipped);
    if (!layer_.mask_known_before_msb(gated_)) reading_.content.clipped_msb += clipped;
    add_x(layer_.msb, facts_, reading_.msb_sums, nullptr);
  }

  /// The OU groups that the mask opens.
  void read_open_msb() {
    const PathInput input = open_input(layer_.msb, msb_plan_, reading_.input);
    layer_.sums(msb_plan_, input, reading_.msb_sums.data(), &reading_.content.clipped_msb);
    add_x(layer_.msb, facts_, reading_.msb_sums, input.chunk_read);
  }

  /// Clipped conversions of the OU groups that a mask opens which is known beforehand, but not to the simulator.
  void recount_msb_clips() {
    if (!layer_.msb.may_clip) return;
    const PathInput input = open_input(layer_.msb, msb_plan_, reading_.input);
    layer_.sums(msb_plan_, input, reading_.lsb_sums.data(), &reading_.content.clipped_msb);
  }

  /// Input of a path of which open groups alone are read.
  PathInput open_input(const PackedPath& path, const PathPlan& plan, const InputPart& part) {
    gates_.mark_read(plan.may_clip);
    PathInput input = input_of(path, part);
    input.chunk_read = reading_.chunk_read.data();
    if (plan.may_clip) input.lane_read = reading_.lane_read.data();
    return input;
  }

  void count_open() {
    const PackedPath& path = has_low_ ? layer_.low() : layer_.msb;
    OpenStats& open = reading_.content.open;
    const std::size_t rows = static_cast<std::size_t>(layer_.layer->rows());
    for (int g = 0; g < groups_; ++g) {
      const RowGroup& group = mapping_.groups[static_cast<std::size_t>(g)];
      const std::uint8_t* digits = &low_input_.digit_sums[static_cast<std::size_t>(group.first_row)];
      if (gates_.is_all_open(g)) {
        open.triples += blocks_;
        open.output_sums += std::int64_t{layer_.outputs} * low_facts_[g].digit_sum;
        open.levels +=
            target_.weighted_sum(digits, &path.whole_row_levels[static_cast<std::size_t>(group.first_row)], group.rows);
        continue;
      }
      for (int word = 0; word < reading_.trace.mask_words; ++word) {
        std::uint64_t mask = gates_.mask(g)[word];
        for (; mask != 0; mask &= mask - 1) {
          const std::size_t b = static_cast<std::size_t>(64 * word + std::countr_zero(mask));
          open.triples += 1;
          open.output_sums += mapping_.blocks[b].outputs * low_facts_[g].digit_sum;
          const std::int32_t* levels = &path.row_levels[b * rows + static_cast<std::size_t>(group.first_row)];
          open.levels += target_.weighted_sum(digits, levels, group.rows);
        }
      }
    }
  }

  void read_lsb() {
    const PathInput input =
        gated_ ? open_input(layer_.low(), lsb_plan_, low_input_) : input_of(layer_.low(), low_input_);
    layer_.sums(lsb_plan_, input, reading_.lsb_sums.data(), &reading_.content.clipped_lsb);
    add_x(layer_.low(), low_facts_, reading_.lsb_sums, input.chunk_read);
  }

  void accumulate(std::int32_t* all) const {
    const int shift = high_shift(layer_.layer->dec3);
    const bool per_output = layer_.granularity == GateGranularity::output && !mapping_.has_static_mask();
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
      if (!gated_ || (!per_output && gates_.is_all_open(g))) {
        target_.add_shifted(acc, behind_gate, layer_.outputs, 0);
        continue;
      }
      for (int b = 0; b < blocks_; ++b) {
        if (!gates_.is_open(g, b)) continue;
        const OutputBlock& block = mapping_.blocks[static_cast<std::size_t>(b)];
        if (!per_output) {
          target_.add_shifted(acc + block.first_output, behind_gate + block.first_output, block.outputs, 0);
          continue;
        }
        for (int o = block.first_output; o < block.first_output + block.outputs; ++o) {
          if (gates_.output_is_open(o)) acc[o] += behind_gate[o];
        }
      }
    }
  }

  std::int64_t all_levels(const PackedPath& path, const InputPart& part) const {
    const std::size_t rows = static_cast<std::size_t>(layer_.layer->rows());
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < rows; ++i) sum += part.row_digits[i] * path.whole_row_levels[i];
    return sum;
  }

  const PackedLayer& layer_;
  const LayerMapping& mapping_;
  LayerReading& reading_;
  const KernelTarget& target_;
  const InputPlan input_plan_;
  const PathPlan msb_plan_, lsb_plan_;
  const int groups_, blocks_, lanes_, planes_;
  const bool has_low_;
  InputPart& low_input_;  // of what lies behind the gate
  const bool gated_;
  GateDecisions gates_;
  GroupFacts *facts_ = nullptr, *low_facts_ = nullptr;  // of the vector at hand
};

}  // namespace

void read_layer(const PackedLayer& layer, std::span<const std::int16_t> input, std::span<const int> pad,
                LayerReading& reading, const ImportanceObserver& observer) {
  pad_input(layer, input, pad, reading.padded);
  Pass pass(layer, reading, observer);
  for (int v = 0; v < layer.layer->vectors(); ++v) pass.vector(v, window_of(layer, reading.padded, v));
  pass.finish();
  count_issued(layer, *layer.mapping, layer.row_policy, reading);
}

}  // namespace cimcycle
