// SPDX-License-Identifier: Apache-2.0
// A layer's columns: adder trees and vector units.
#include <algorithm>

#include "chip/layer_run.h"

namespace cimcycle {

void LayerRun::advance_column(int column) {
  while (leave_tree(column) || enter_tree(column) || offer_next(column)) {
  }
}

// The tree takes the next vector when all sums of it are there and its first stage is free. A stage holds one vector,
// and vectors move on together, so the stages are free again when the one that fills the last stage has left.
bool LayerRun::enter_tree(int index) {
  const ColumnPlan& plan = plan_.columns[static_cast<std::size_t>(index)];
  Column& column = columns_[static_cast<std::size_t>(index)];
  const int vector = column.entered;
  if (vector == vectors_) return false;
  Passage& passage = this->passage(index, vector);
  if (passage.sums < static_cast<int>(plan.crossbars.size())) return false;
  const int stages = static_cast<int>(plan.tree_cycles);
  Cycle free = column.last_entered + 1;
  if (stages == 0) {
    if (column.taken < vector) return false;
    free = std::max(free, column.last_taken);
  } else if (vector >= stages) {
    if (column.left <= vector - stages) return false;
    free = std::max(free, this->passage(index, vector - stages).left);
  }
  passage.entered = std::max(passage.complete, free);
  column.last_entered = passage.entered;
  ++column.entered;
  for (const int crossbar : plan.crossbars) try_start(crossbar);
  return true;
}

// Into the output register, as soon as the vector unit has taken the vector before.
bool LayerRun::leave_tree(int index) {
  Column& column = columns_[static_cast<std::size_t>(index)];
  if (column.left == column.entered || column.taken < column.left) return false;
  Passage& passage = this->passage(index, column.left);
  passage.left =
      std::max(passage.entered + plan_.columns[static_cast<std::size_t>(index)].tree_cycles, column.last_taken);
  ++column.left;
  return true;
}

// To the vector unit, when the operand of the residual is on its way, too.
bool LayerRun::offer_next(int index) {
  Column& column = columns_[static_cast<std::size_t>(index)];
  if (column.offered == column.left) return false;
  const Passage& passage = this->passage(index, column.offered);
  const bool needs_operand = plan_.columns[static_cast<std::size_t>(index)].operand_bits > 0;
  if (needs_operand && !passage.operand_known) return false;
  ++column.offered;
  const Cycle at = std::max(passage.left, passage.operand_at);
  if (at <= now()) {
    offer_result(static_cast<std::uint64_t>(index));
  } else {
    clock_.at<&LayerRun::offer_result>(at, *this, static_cast<std::uint64_t>(index));
  }
  return true;
}

void LayerRun::offer_result(std::uint64_t index) {
  const int tile = plan_.columns[index].tile;
  const int column = static_cast<int>(index);
  vector_units_[static_cast<std::size_t>(tile)].requests.add({now(), columns_[index].taken, column, column});
  ask_vector_unit(tile);
}

void LayerRun::wake_vector_unit(std::uint64_t tile) {
  vector_units_[tile].wake_scheduled = false;
  ask_vector_unit(static_cast<int>(tile));
}

void LayerRun::ask_vector_unit(int tile) {
  vector_units_asking_.push_back(tile);
  ask_for_grant();
}

// Tile by tile, so that write slots of one cycle have an order.
void LayerRun::grant_vector_units() {
  granted_tiles_.clear();
  granted_tiles_.swap(vector_units_asking_);
  std::sort(granted_tiles_.begin(), granted_tiles_.end());
  for (const int tile : granted_tiles_) {
    VectorUnit& unit = vector_units_[static_cast<std::size_t>(tile)];
    if (!unit.requests.empty() && unit.station.free_at() <= now()) take_result(unit.requests.take_first().index);
    if (unit.requests.empty() || unit.wake_scheduled) continue;
    unit.wake_scheduled = true;
    clock_.at<&LayerRun::wake_vector_unit>(unit.station.free_at(), *this, static_cast<std::uint64_t>(tile));
  }
}

// When the oldest of the results that wait on a tile got into its register.
Cycle LayerRun::first_result_on(int tile) {
  Cycle first = now();
  for (int c = 0; c < static_cast<int>(columns_.size()); ++c) {
    const Column& column = columns_[static_cast<std::size_t>(c)];
    if (plan_.columns[static_cast<std::size_t>(c)].tile != tile || column.left == column.taken) continue;
    first = std::min(first, passage(c, column.taken).left);
  }
  return first;
}

void LayerRun::take_result(int index) {
  const ColumnPlan& plan = plan_.columns[static_cast<std::size_t>(index)];
  Column& column = columns_[static_cast<std::size_t>(index)];
  Passage& passage = this->passage(index, column.taken);
  Station& unit = vector_units_[static_cast<std::size_t>(plan.tile)].station;
  unit.idle_until(plan.operand_bits > 0 ? first_result_on(plan.tile) : now());
  unit.stall_until(now(), Stall::input);  // a result was there, its operand was not
  unit.busy_until(now() + plan.vector_unit_cycles);
  const Cycle sent = write_path_.send(plan.tile, unit.free_at() + vector_unit_depth_, plan.result_bits);
  unit.stall_until(sent - vector_unit_depth_,
                   Stall::link);  // the pipeline stands still until the link takes the results

  // Before it entered, MSB sums went through the tree for decisions: its own, and those of vectors whose MSB crossbars
  // have run ahead, at most two.
  const int decided = std::min(column.decided, column.taken + 3);
  for (int vector = column.taken; vector < decided; ++vector) {
    const Cycle sums = this->passage(index, vector).msb_complete;
    column.tree.idle_until(std::min(sums, passage.entered));
    column.tree.busy_until(std::min(sums + plan.decision_cycles, passage.entered));
  }
  column.tree.idle_until(passage.entered);
  column.tree.busy_until(passage.left);
  column.tree.stall_until(now(), Stall::buffer);

  // Its times of entry and leaving are still asked for, by the banks and by the tree.
  Passage next;
  next.entered = passage.entered;
  next.left = passage.left;
  passage = next;
  column.last_taken = now();
  ++column.taken;
  advance_column(index);
}

}  // namespace cimcycle
