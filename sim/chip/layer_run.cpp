// SPDX-License-Identifier: Apache-2.0
// Setting a layer's run up, its input stream and tile buffers, and what is added up at the end.
#include "chip/layer_run.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <tuple>

namespace cimcycle {

LayerRun::LayerRun(const LayerPlan& plan, const LayerTrace& trace, const MemoryWidths& widths, Cycle vector_unit_depth)
    : plan_(plan),
      trace_(trace),
      vectors_(trace.vectors),
      vector_unit_depth_(vector_unit_depth),
      link_cycles_(widths.link_cycles),
      read_path_(widths),
      write_path_(widths, plan.tiles),
      loads_done_(static_cast<std::size_t>(trace.vectors)),
      loads_(plan.loads.size()),
      tile_buffers_(static_cast<std::size_t>(plan.tiles)),
      crossbars_(plan.crossbars.size()),
      columns_(plan.columns.size()),
      vector_units_(static_cast<std::size_t>(plan.tiles)) {
  Cycle longest_tree = 0;
  for (const ColumnPlan& column : plan.columns) longest_tree = std::max(longest_tree, column.tree_cycles);
  // Two banks, the stages of the tree, its output register, and the vector whose time of entry frees a bank.
  const unsigned in_flight = std::bit_ceil(static_cast<unsigned>(longest_tree) + 4);
  passage_mask_ = static_cast<int>(in_flight) - 1;
  for (Column& column : columns_) column.passages.resize(in_flight);
  arrivals_.reserve(static_cast<std::size_t>(plan.window.positions));
}

LayerTime LayerRun::run() {
  for (int load = 0; load < static_cast<int>(loads_.size()); ++load) want_load(load);
  ask_stream();
  clock_.run();
  return collect();
}

LayerTime LayerRun::collect() {
  for (const Column& column : columns_) {
    if (column.taken != vectors_) throw std::logic_error("time_layer: a column ended before its last vector");
  }
  const Cycle end = write_path_.written();
  time_.cycles = end;
  time_.crossbars.idle += end * plan_.unused_crossbars;
  for (Crossbar& crossbar : crossbars_) {
    crossbar.station.idle_until(end);
    time_.crossbars += crossbar.station.counts();
  }
  for (TileBuffer& buffer : tile_buffers_) {
    buffer.port.idle_until(end);
    time_.tile_buffers += buffer.port.counts();
  }
  for (Column& column : columns_) {
    column.tree.idle_until(end);
    time_.adder_trees += column.tree.counts();
  }
  for (VectorUnit& unit : vector_units_) {
    unit.station.idle_until(end);
    time_.vector_units += unit.station.counts();
  }
  read_path_.finish(end, time_.global_buffer, time_.links);
  write_path_.finish(end, time_.global_buffer, time_.links);
  time_.events = clock_.events();
  return time_;
}

LayerRun::Request LayerRun::Requests::take_first() {
  const auto first = std::min_element(waiting_.begin(), waiting_.end(), [](const Request& a, const Request& b) {
    return std::tie(a.at, a.vector, a.place) < std::tie(b.at, b.vector, b.place);
  });
  const Request request = *first;
  *first = waiting_.back();
  waiting_.pop_back();
  return request;
}

void LayerRun::ask_for_grant() {
  if (grant_scheduled_) return;
  grant_scheduled_ = true;
  clock_.finally<&LayerRun::grant>(*this);
}

void LayerRun::grant(std::uint64_t) {
  grant_scheduled_ = false;
  if (!vector_units_asking_.empty()) {
    grant_vector_units();
  } else if (!tile_buffers_asking_.empty()) {
    grant_loads();
  } else if (read_port_asks_) {
    grant_read();
  }
  if (!vector_units_asking_.empty() || !tile_buffers_asking_.empty() || read_port_asks_) ask_for_grant();
}

// --- Input stream: operands of residuals first, then the next position if the tile buffers have room for it. ---

bool LayerRun::position_fits() const {
  if (sent_ == plan_.window.positions) return false;
  return plan_.window.kept[static_cast<std::size_t>(sent_)] == 0 || held_ < plan_.window_capacity;
}

void LayerRun::ask_stream() {
  if (read_port_asks_ || read_port_wakes_ || (operands_.empty() && !position_fits())) return;
  if (read_path_.free_at() <= now()) {
    read_port_asks_ = true;
    ask_for_grant();
  } else {
    read_port_wakes_ = true;
    clock_.at<&LayerRun::wake_stream>(read_path_.free_at(), *this);
  }
}

void LayerRun::wake_stream(std::uint64_t) {
  read_port_wakes_ = false;
  ask_stream();
}

void LayerRun::grant_read() {
  read_port_asks_ = false;
  // With room the next position would have gone at once, so the port has waited for room.
  if (sent_ < plan_.window.positions) read_path_.blocked_until(now());
  if (!operands_.empty()) {
    grant_operand(operands_.take_first());
  } else {
    send_position();
  }
  ask_stream();
}

void LayerRun::send_position() {
  arrivals_.push_back(read_path_.fetch(now(), plan_.window.position_bits));
  held_ += plan_.window.kept[static_cast<std::size_t>(sent_)];
  ++sent_;
  for (std::size_t i = 0; i < loads_waiting_.size();) {
    const int load = loads_waiting_[i];
    if (plan_.window.needed[static_cast<std::size_t>(loads_[static_cast<std::size_t>(load)].loaded)] > sent_) {
      ++i;
      continue;
    }
    loads_waiting_[i] = loads_waiting_.back();  // the order does not matter: requests are granted by their own order
    loads_waiting_.pop_back();
    want_load(load);
  }
}

void LayerRun::ask_operand(int column, int vector, Cycle at) {
  Passage& passage = this->passage(column, vector);
  if (plan_.columns[static_cast<std::size_t>(column)].operand_bits == 0 || at >= passage.operand_from) return;
  passage.operand_from = at;
  const std::uint64_t key = static_cast<std::uint64_t>(column) << 32 | static_cast<std::uint64_t>(vector);
  clock_.at<&LayerRun::operand_due>(at, *this, key);
}

void LayerRun::operand_due(std::uint64_t key) {
  const int column = static_cast<int>(key >> 32);
  const int vector = static_cast<int>(key & 0xffffffffu);
  Passage& passage = this->passage(column, vector);
  // An earlier start that became known later has asked already.
  if (passage.operand_from != now() || passage.operand_asked) return;
  passage.operand_asked = true;
  operands_.add({now(), vector, column, column});
  ask_stream();
}

void LayerRun::grant_operand(const Request& request) {
  Passage& passage = this->passage(request.index, request.vector);
  passage.operand_at = read_path_.fetch(now(), plan_.columns[static_cast<std::size_t>(request.index)].operand_bits);
  passage.operand_known = true;
  advance_column(request.index);
}

// --- Tile buffers: one read port per tile, one read per load group and vector. ---

void LayerRun::want_load(int index) {
  const Load& load = loads_[static_cast<std::size_t>(index)];
  if (load.loaded == vectors_) return;
  const int needed = plan_.window.needed[static_cast<std::size_t>(load.loaded)];
  if (needed > sent_) {
    loads_waiting_.push_back(index);
    return;
  }
  const Cycle arrived = needed > 0 ? arrivals_[static_cast<std::size_t>(needed) - 1] : 0;
  const Cycle at = std::max(load.register_free, arrived);
  if (at <= now()) {
    request_load(static_cast<std::uint64_t>(index));
  } else {
    clock_.at<&LayerRun::request_load>(at, *this, static_cast<std::uint64_t>(index));
  }
}

void LayerRun::request_load(std::uint64_t index) {
  const LoadPlan& plan = plan_.loads[index];
  TileBuffer& buffer = tile_buffers_[static_cast<std::size_t>(plan.tile)];
  buffer.requests.add({now(), loads_[index].loaded, plan.row, static_cast<int>(index)});
  if (buffer.port.free_at() <= now()) ask_tile_buffer(plan.tile);
}

void LayerRun::ask_tile_buffer(int tile) {
  tile_buffers_asking_.push_back(tile);
  ask_for_grant();
}

void LayerRun::grant_loads() {
  granted_tiles_.clear();
  granted_tiles_.swap(tile_buffers_asking_);
  for (const int tile : granted_tiles_) grant_load(tile);
}

void LayerRun::grant_load(int tile) {
  TileBuffer& buffer = tile_buffers_[static_cast<std::size_t>(tile)];
  if (buffer.requests.empty() || buffer.port.free_at() > now()) return;
  const Request request = buffer.requests.take_first();
  const LoadPlan& plan = plan_.loads[static_cast<std::size_t>(request.index)];
  Load& load = loads_[static_cast<std::size_t>(request.index)];
  buffer.port.idle_until(std::min(now(), load.register_free));
  buffer.port.stall_until(now(), Stall::input);
  buffer.port.busy_until(now() + plan.cycles);
  ++load.loaded;
  load.loaded_at = buffer.port.free_at();
  load.started = 0;
  load.register_free = 0;
  clock_.at<&LayerRun::end_load>(load.loaded_at, *this, static_cast<std::uint64_t>(request.index));
  for (const int crossbar : plan.crossbars) try_start(crossbar);
}

void LayerRun::end_load(std::uint64_t index) {
  const auto vector = static_cast<std::size_t>(loads_[index].done++);
  const int tile = plan_.loads[index].tile;
  if (!tile_buffers_[static_cast<std::size_t>(tile)].requests.empty()) ask_tile_buffer(tile);
  if (++loads_done_[vector] == static_cast<int>(loads_.size())) {
    held_ -= plan_.window.freed[vector];
    ask_stream();
  }
}

}  // namespace cimcycle
