// SPDX-License-Identifier: Apache-2.0
#include "crossbar/gate_decisions.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "crossbar/kernel_plans.h"

namespace cimcycle {

GateDecisions::GateDecisions(const PackedLayer& layer, LayerReading& reading, const ImportanceObserver& observer)
    : layer_(layer),
      mapping_(*layer.mapping),
      reading_(reading),
      observer_(observer),
      plan_(gate_plan_of(layer)),
      groups_(static_cast<int>(mapping_.groups.size())),
      blocks_(static_cast<int>(mapping_.blocks.size())),
      lanes_(layer.chunks * kernel_lanes) {}

const std::int32_t* GateDecisions::sums_of(int group) const {
  return &reading_.msb_sums[static_cast<std::size_t>(group) * static_cast<std::size_t>(lanes_)];
}

/// Whether a block opens, from the magnitudes of its outputs' sums.
bool GateDecisions::opens(const OutputBlock& block, const std::int32_t* sums) const {
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

bool GateDecisions::is_all_open(int group) const {
  const std::uint64_t* words = mask(group);
  const int last = reading_.trace.mask_words - 1;
  for (int w = 0; w < last; ++w) {
    if (~words[w] != 0) return false;
  }
  return words[last] == ~std::uint64_t{0} >> (63 - (blocks_ - 1) % 64);
}

bool GateDecisions::needs_sums() const {
  return layer_.options.gates == GateMode::as_described && !mapping_.has_static_mask() &&
         layer_.gate != GateKind::inputs;
}

void GateDecisions::decide(int vector) {
  const std::size_t words = static_cast<std::size_t>(groups_) * static_cast<std::size_t>(reading_.trace.mask_words);
  open_ = &reading_.trace.open[static_cast<std::size_t>(vector) * words];
  asked_ = &reading_.asked[static_cast<std::size_t>(vector)];
  if (layer_.options.gates == GateMode::all_closed) return close_all();
  if (mapping_.has_static_mask()) return open_kept_groups();
  if (layer_.gate == GateKind::inputs) return decide_by_inputs();
  if (layer_.granularity == GateGranularity::ou) return decide_groups();
  decide_collected();
}

void GateDecisions::close_all() {
  reading_.content.gate_decisions += decisions_per_vector();
  reading_.content.gates_closed += decisions_per_vector();
  std::fill(reading_.output_open.begin(), reading_.output_open.end(), std::uint8_t{0});
}

std::int64_t GateDecisions::decisions_per_vector() const {
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

void GateDecisions::open_kept_groups() {
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

void GateDecisions::decide_groups() {
  reading_.content.gate_decisions += std::int64_t{groups_} * blocks_;
  if (layer_.gate == GateKind::max && !observer_) {
    reading_.content.gates_closed += layer_.target->open_blocks(plan_, reading_.msb_sums.data(), open_);
    return;
  }
  for (int g = 0; g < groups_; ++g) {
    for (int b = 0; b < blocks_; ++b) {
      if (opens(mapping_.blocks[static_cast<std::size_t>(b)], sums_of(g))) {
        open_block(g, b);
      } else {
        ++reading_.content.gates_closed;
      }
    }
  }
}

void GateDecisions::decide_by_inputs() {
  reading_.content.gate_decisions += std::int64_t{groups_} * blocks_;
  const std::int64_t threshold = layer_.threshold.front();
  for (int g = 0; g < groups_; ++g) {
    const RowGroup& group = mapping_.groups[static_cast<std::size_t>(g)];
    const auto x = reading_.input.x.begin() + group.first_row;
    const std::int64_t sum = std::accumulate(x, x + group.rows, std::int64_t{0});
    const bool open = threshold != never_opens && sum >= threshold;
    if (!open) reading_.content.gates_closed += blocks_;
    for (int b = 0; b < blocks_; ++b) {
      if (observer_) observer_(sum);
      if (open) open_block(g, b);
    }
  }
}

/// Granularity output_block and output: one decision from the sums over all row groups.
void GateDecisions::decide_collected() {
  reading_.block_sums.assign(static_cast<std::size_t>(lanes_), 0);
  for (int g = 0; g < groups_; ++g) {
    const std::int32_t* sums = sums_of(g);
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

bool GateDecisions::output_opens(int output) const {
  if (layer_.gate != GateKind::digits) return opens({output, 1, 0}, reading_.block_sums.data());
  const auto o = static_cast<std::size_t>(output);
  return reading_.block_sums[o] > layer_.layer->dec3.digit_threshold[o];
}

void GateDecisions::mark_output(int output, bool open) {
  reading_.output_open[static_cast<std::size_t>(output)] = open ? 1 : 0;
  *asked_ += open ? 1 : 0;
}

void GateDecisions::mark_read(bool lanes) {
  std::fill(reading_.chunk_read.begin(), reading_.chunk_read.end(), std::uint8_t{0});
  if (lanes) std::fill(reading_.lane_read.begin(), reading_.lane_read.end(), std::uint8_t{0});
  for (int g = 0; g < groups_; ++g) {
    if (is_all_open(g)) {
      std::fill_n(&reading_.chunk_read[static_cast<std::size_t>(g * layer_.chunks)], layer_.chunks, std::uint8_t{1});
      if (lanes)
        std::fill_n(&reading_.lane_read[static_cast<std::size_t>(g * lanes_)], layer_.outputs, std::uint8_t{1});
      continue;
    }
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

}  // namespace cimcycle
