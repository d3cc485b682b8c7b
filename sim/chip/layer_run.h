// SPDX-License-Identifier: Apache-2.0
// The moving part of a layer's timing: components that meet through events.
//
//   input positions -> tile buffers -> input registers -> crossbar jobs -> adder trees -> vector units -> write path
//
// What is known beforehand is worked out when it becomes known (a job's whole course at its start, a port's queue on
// entry); events stand where components must wait for each other. Model: docs/models/time.md
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "chip/layer_plan.h"
#include "chip/memory_path.h"
#include "crossbar/layer_trace.h"
#include "events/clock.h"

namespace cimcycle {

class LayerRun {
 public:
  /// The references must outlive this.
  LayerRun(const LayerPlan& plan, const LayerTrace& trace, const MemoryWidths& widths, Cycle vector_unit_depth);

  /// Runs all vectors of the layer. Call once.
  LayerTime run();

 private:
  static constexpr Cycle no_cycle = std::numeric_limits<Cycle>::max();

  // A request for a shared component. First come first served; ties by (vector, place).
  struct Request {
    Cycle at = 0;
    int vector = 0;
    int place = 0;  // crossbar row or column
    int index = 0;  // load group or column
  };
  class Requests {
   public:
    bool empty() const { return waiting_.empty(); }
    void add(const Request& request) { waiting_.push_back(request); }
    Request take_first();

   private:
    std::vector<Request> waiting_;
  };

  struct Load {
    int loaded = 0;           // vectors whose load has been granted
    Cycle loaded_at = 0;      // first cycle in which the newest one is in the registers
    int started = 0;          // crossbars of the group that have started the newest one
    Cycle register_free = 0;  // when the last of them starts it
    int done = 0;             // vectors whose load has ended
  };
  struct TileBuffer {
    Station port;
    Requests requests;
  };
  struct Crossbar {
    Station station;   // free_at(): first cycle in which the next vector may issue
    int started = 0;   // vectors whose start is known
    int finished = 0;  // vectors whose job is worked out to its end
    Cycle start = 0;   // of the newest started one
    bool awaits_decision = false;
    std::array<std::vector<Cycle>, 2> decided;  // by vector parity, per row group: for followers
  };
  // A vector on its way through a column.
  struct Passage {
    int sums = 0;        // crossbars that have completed it
    Cycle complete = 0;  // when the last of them does
    int msb_sums = 0;    // collected gates: MSB crossbars whose sums are there
    Cycle msb_complete = 0;
    Cycle decision = 0;             // first cycle in which a partner on the column's tile may issue
    Cycle operand_at = 0;           // residual: when its operand is there
    Cycle operand_from = no_cycle;  // the first of its jobs starts, so the operand is asked for
    bool operand_asked = false;
    bool operand_known = false;
    Cycle entered = 0;  // the adder tree takes it
    Cycle left = 0;     // it is in the tree's output register
  };
  struct Column {
    Station tree;
    int decided = 0, entered = 0, left = 0, offered = 0, taken = 0;  // vectors that have come so far
    Cycle last_entered = -1;
    Cycle last_taken = 0;
    std::vector<Passage> passages;  // ring
  };
  struct VectorUnit {
    Station station;
    Requests requests;
    bool wake_scheduled = false;
  };

  Cycle now() const { return clock_.now(); }
  Passage& passage(int column, int vector);
  JobInput input_of(int crossbar, int vector) const;
  Cycle link_between(int tile, int other_tile) const { return tile == other_tile ? 0 : link_cycles_; }
  void count(int crossbar, const JobMilestones& job);

  // Grants of shared components. In a cycle vector units go first, then tile buffers, then the read port, each after
  // everything that those before have set off in the cycle.
  void ask_for_grant();
  void grant(std::uint64_t);

  // Input stream.
  void ask_stream();
  void wake_stream(std::uint64_t);
  void grant_read();
  bool position_fits() const;
  void send_position();
  void ask_operand(int column, int vector, Cycle at);
  void operand_due(std::uint64_t key);
  void grant_operand(const Request& request);

  // Tile buffers.
  void want_load(int load);
  void request_load(std::uint64_t load);
  void ask_tile_buffer(int tile);
  void grant_loads();
  void grant_load(int tile);
  void end_load(std::uint64_t load);

  // Crossbars.
  void try_start(int crossbar);
  void start_job(int crossbar);
  void try_follow(int crossbar);
  void finish_job(int crossbar, const JobMilestones& job, Cycle origin);
  void msb_sums_ready(int column, int vector, Cycle at);
  void decide(int column, int vector);

  // Columns: adder tree and vector unit.
  void advance_column(int column);
  bool enter_tree(int column);
  bool leave_tree(int column);
  bool offer_next(int column);
  void offer_result(std::uint64_t column);
  void wake_vector_unit(std::uint64_t tile);
  void ask_vector_unit(int tile);
  void grant_vector_units();
  Cycle first_result_on(int tile);
  void take_result(int column);

  LayerTime collect();

  const LayerPlan& plan_;
  const LayerTrace& trace_;
  const int vectors_;
  const Cycle vector_unit_depth_;
  const Cycle link_cycles_;
  Clock clock_;

  ReadPath read_path_;
  WritePath write_path_;
  int sent_ = 0;                    // positions
  int held_ = 0;                    // positions in the tile buffers
  std::vector<int> loads_done_;     // per vector
  std::vector<Cycle> arrivals_;     // per position sent
  std::vector<int> loads_waiting_;  // load groups that wait for a position not yet sent
  Requests operands_;               // of residuals

  std::vector<Load> loads_;
  std::vector<TileBuffer> tile_buffers_;
  std::vector<Crossbar> crossbars_;
  std::vector<Column> columns_;
  std::vector<VectorUnit> vector_units_;

  // Who has something to grant in this cycle.
  bool grant_scheduled_ = false;
  bool read_port_asks_ = false;
  bool read_port_wakes_ = false;  // later: when it is free
  std::vector<int> tile_buffers_asking_, vector_units_asking_, granted_tiles_;
  int passage_mask_ = 0;
  std::vector<Cycle> follower_decided_;  // scratch
  LayerTime time_;
};

}  // namespace cimcycle
