// SPDX-License-Identifier: Apache-2.0
#include "crossbar/kernel_plans.h"

namespace cimcycle {
namespace {

/// The bit of an activation that counts negative; -1 if none does.
int negative_bit_of(const PackedLayer& layer) { return layer.signed_inputs ? layer.digit_planes.back() - 1 : -1; }

}  // namespace

PathPlan plan_of(const PackedLayer& layer, const PackedPath& path) {
  PathPlan plan;
  plan.groups = static_cast<int>(layer.mapping->groups.size());
  plan.chunks = layer.chunks;
  plan.slices = path.slices;
  plan.digits = layer.mapping->digits;
  plan.words = layer.words;
  plan.halves = layer.cells == CellMapping::differential ? 2 : 1;
  plan.analog_subtract = layer.analog_subtract;
  plan.slice_bits = path.slice_bits.data();
  plan.slice_planes = path.slice_planes.data();
  plan.slice_weight = path.slice_weight.data();
  plan.digit_bits = layer.mapping->digit_bits.data();
  plan.digit_planes = layer.digit_planes.data();
  plan.digit_weight = path.digit_weight.data();
  plan.transfer = path.transfer.data();
  plan.flipped = path.flipped.empty() ? nullptr : path.flipped.data();
  plan.minimum = path.minimum;
  plan.stepped = path.stepped;
  plan.may_clip = path.may_clip;
  plan.loop = path.loop;
  plan.top = path.top;
  plan.chunk_words = path.chunk_words;
  plan.quads = layer.quads;
  plan.negative_bit = negative_bit_of(layer);
  plan.first_row = layer.group_first_row.data();
  return plan;
}

InputPlan input_plan_of(const PackedLayer& layer) {
  InputPlan plan;
  plan.groups = static_cast<int>(layer.mapping->groups.size());
  plan.first_row = layer.group_first_row.data();
  plan.rows = layer.group_rows.data();
  plan.digits = layer.mapping->digits;
  plan.words = layer.words;
  plan.digit_planes = layer.digit_planes.data();
  plan.digit_place = layer.digit_place.data();
  plan.unit = layer.unit_column ? layer.unit_transfer.data() : nullptr;
  plan.one_bit = layer.one_bit_digits && !layer.unit_column;
  plan.negative_bit = negative_bit_of(layer);
  const bool multiplies = layer.msb.loop == PathLoop::dot && (layer.lsb.slices == 0 || layer.lsb.loop == PathLoop::dot);
  plan.packs = !(plan.one_bit && multiplies);
  return plan;
}

GatePlan gate_plan_of(const PackedLayer& layer) {
  GatePlan plan;
  plan.groups = static_cast<int>(layer.mapping->groups.size());
  plan.blocks = static_cast<int>(layer.mapping->blocks.size());
  plan.lanes = layer.chunks * kernel_lanes;
  plan.mask_words = (plan.blocks + 63) / 64;
  plan.first_output = layer.block_first_output.data();
  plan.outputs = layer.block_outputs.data();
  plan.threshold = layer.magnitude_threshold.data();
  return plan;
}

}  // namespace cimcycle
