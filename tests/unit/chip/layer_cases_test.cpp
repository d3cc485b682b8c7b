// SPDX-License-Identifier: Apache-2.0
// Layers of three vectors whose every cycle was worked out by hand.
//
// Common to all: a position is read in one cycle, on the link in the next, there after one more; so positions 0, 1, 2
// are there from cycles 3, 4, 5 on. Loading 32 rows of 2 bits takes 1 cycle: the first job starts in cycle 4.
#include <catch2/catch.hpp>

#include <stdexcept>

#include "base/error.h"
#include "small_chip.h"

using namespace cimcycle;
using small_chip::counts;

namespace {

struct Case {
  Layer layer = small_chip::gated(small_chip::layer(32, 16, 3));
  Hardware hardware = small_chip::hardware();
  TimingSpec spec;
  GateTreatment treatment = GateTreatment::as_described;

  LayerMapping mapping() const { return map_layer(layer, 0, hardware); }
  LayerTrace trace(bool open = true) const { return small_chip::trace(layer, mapping(), open); }
  LayerTime run(const LayerTrace& trace) const {
    const LayerTime time = time_layer(layer, mapping(), hardware, spec, trace, treatment);
    small_chip::require_conservation(time, mapping());
    return time;
  }
};

}  // namespace

TEST_CASE("one crossbar, all gates open") {
  // Jobs issue in 4-19, 20-35, 36-51; the last is complete in 53 (shift-add in 52). Vector unit in 53, pipeline in 54,
  // link in 55, latency in 56, written in 57.
  const Case c;
  const LayerTime time = c.run(c.trace());
  CHECK(time.cycles == 58);
  CHECK(time.crossbars == counts(48, 6, {{Stall::input, 4}}));
  // Loads in 3, 4 and 20: the register of the third vector is free when the second one starts.
  CHECK(time.tile_buffers == counts(3, 52, {{Stall::input, 3}}));
  CHECK(time.adder_trees == counts(0, 58));
  CHECK(time.vector_units == counts(3, 55));
  CHECK(time.links == counts(6, 110));
  CHECK(time.global_buffer == counts(6, 110));
  CHECK(time.jobs == 3);
  CHECK(time.msb_reads == 24);
  CHECK(time.lsb_reads == 24);
  CHECK(time.adc_busy == 48 * 16);
}

TEST_CASE("one crossbar, gates that differ from vector to vector") {
  // Only r1 open (period 14), none (10), only r0 (12): starts in 4, 18, 28; next 40, complete 41.
  const Case c;
  LayerTrace trace = c.trace(false);
  trace.open = {0, 1, 0, 0, 1, 0};
  const LayerTime time = c.run(trace);
  CHECK(time.cycles == 46);
  CHECK(time.crossbars == counts(12 + 8 + 12, 6, {{Stall::input, 4}, {Stall::gate, 2 + 2}}));
  CHECK(time.lsb_reads == 8);
}

TEST_CASE("two crossbar rows, one of them without anything to read") {
  // Row 0 as in the first case. Row 1 is loaded in cycle 4 (row 0 goes first), its vectors take a cycle each: 5, then
  // 7, because its second vector is loaded in 6, after row 0's. Its third one waits for a bank until the tree has taken
  // the first vector, whose sums are complete in 21.
  Case c;
  c.layer = small_chip::gated(small_chip::layer(64, 16, 3));
  c.hardware.crossbar.rows = 32;
  REQUIRE(c.mapping().row_crossbars == 2);
  LayerTrace trace = c.trace();
  for (std::size_t v = 0; v < 3; ++v) trace.digits[v * 4 + 2] = trace.digits[v * 4 + 3] = 0;
  const LayerTime time = c.run(trace);
  CHECK(time.cycles == 59);  // one level of additions more than the first case
  CHECK(time.crossbars == counts(48, 7 + 3 + 37, {{Stall::input, 4 + 6}, {Stall::accumulator, 13}}));
  CHECK(time.tile_buffers == counts(6, 50, {{Stall::input, 3}}));
  CHECK(time.adder_trees == counts(3, 56));
}

TEST_CASE("two crossbar rows with different gates") {
  // Row 0: all open, as before. Row 1 starts in 5; all closed: period 10, complete 10: 5, 15, 25.
  Case c;
  c.layer = small_chip::gated(small_chip::layer(64, 16, 3));
  c.hardware.crossbar.rows = 32;
  LayerTrace trace = c.trace();
  for (std::size_t v = 0; v < 3; ++v) trace.open[v * 4 + 2] = trace.open[v * 4 + 3] = 0;
  const LayerTime time = c.run(trace);
  CHECK(time.cycles == 59);
  CHECK(time.crossbars == counts(48 + 24, 7 + (59 - 35), {{Stall::input, 4 + 5}, {Stall::gate, 6}}));
}

TEST_CASE("two crossbar columns share the register load and the vector unit") {
  // Both columns are complete in the same cycle; the second one waits a cycle for the vector unit, in its tree's
  // output register.
  Case c;
  c.layer = small_chip::gated(small_chip::layer(32, 32, 3));
  c.hardware.crossbar.cols = 64;
  REQUIRE(c.mapping().column_crossbars == 2);
  const LayerTime time = c.run(c.trace());
  CHECK(time.cycles == 59);
  CHECK(time.tile_buffers.busy == 3);
  CHECK(time.crossbars == counts(96, 2 * 7, {{Stall::input, 8}}));
  CHECK(time.adder_trees == counts(0, 2 * 59 - 3, {{Stall::buffer, 3}}));
  CHECK(time.vector_units == counts(6, 53));
}

TEST_CASE("two columns on two tiles: each has its own load, vector unit and link up") {
  Case c;
  c.layer = small_chip::gated(small_chip::layer(32, 32, 3));
  c.hardware.crossbar.cols = 64;
  c.hardware.chip.crossbars_per_tile = 1;
  const LayerTime time = c.run(c.trace());
  CHECK(time.cycles == 59);  // the write port is shared: the second result is written a cycle later
  CHECK(time.tile_buffers == counts(6, 2 * 53, {{Stall::input, 6}}));
  CHECK(time.adder_trees.stall(Stall::buffer) == 0);
  CHECK(time.links.stall(Stall::buffer) == 3);
}

TEST_CASE("a column over two tiles: its sums travel") {
  Case c;
  c.layer = small_chip::gated(small_chip::layer(64, 16, 3));
  c.hardware.crossbar.rows = 32;
  c.hardware.chip.crossbars_per_tile = 1;
  c.spec.link_cycles = 5;
  // Positions are there from 7 on, jobs of both rows start in 8, 24, 40; complete in 57. Tree 1 + 5, vector unit and
  // pipeline 2, link 1 + 5, write 1.
  CHECK(c.run(c.trace()).cycles == 57 + 6 + 2 + 6 + 1);
}

TEST_CASE("a tile buffer of one position holds the stream back") {
  // Position 1 is read in 4, when vector 0 is loaded, and is there in 7; position 2 is read in 8.
  Case c;
  c.hardware.chip.tile_buffer_bits = 64;
  const LayerTime time = c.run(c.trace());
  CHECK(time.cycles == 58);
  CHECK(time.tile_buffers == counts(3, 49, {{Stall::input, 6}}));
  CHECK(time.global_buffer == counts(6, 2 * 58 - 12, {{Stall::buffer, 6}}));

  c.hardware.chip.tile_buffer_bits = 63;
  CHECK_THROWS_WITH(
      c.run(c.trace()),
      "layer small: a tile must hold 64 bits of input (1 positions of 64 bits), chip.tile_buffer_bits = 63; "
      "use at least 64");
}

TEST_CASE("narrow ports: crossbars wait for input, results wait for the link") {
  // 64-bit positions through a 4-bit link: 16 cycles each, on the link in 1-16, 17-32, 33-48, there from 18, 34, 50 on.
  // Jobs start in 19, 35, 51. Results of 32 bits: 8 cycles on the link, of which the last begins in 51+17+2 = 70.
  Case c;
  c.hardware.chip.link_bits = 4;
  const LayerTime time = c.run(c.trace());
  CHECK(time.cycles == 70 + 8 + 1 + 1);
  CHECK(time.crossbars == counts(48, 13, {{Stall::input, 19}}));
  CHECK(time.global_buffer.stall(Stall::link) == 2 * 15);

  // 32-bit results through a 1-bit write port: 32 cycles each. The first is taken by the vector unit in 21, is on the
  // link in 23 and written in 25-56; the second, on the link in 39, waits there from 40 to 55; the third, out of the
  // pipeline in 55, goes on the link in 56, and waits until 88.
  Case w;
  w.hardware.chip.global_port_bits = 64;
  w.hardware.chip.link_bits = 64;
  const LayerTime fast = w.run(w.trace());
  CHECK(fast.cycles == 58);
  w.layer.output_bits = 2 * 64;  // 2,048-bit results: 32 cycles at each port
  const LayerTime time2 = w.run(w.trace());
  // Links: 23-54, 55-86, 87-118; writes 56-87, 88-119, 120-151.
  CHECK(time2.cycles == 152);
  // Second result: out of the pipeline in 39, taken by the link in 55; the third one taken by the unit in 54, out in
  // 56, taken in 87.
  CHECK(time2.vector_units == counts(3, 152 - 3 - 16 - 31, {{Stall::link, 16 + 31}}));
  CHECK(time2.adder_trees.stall(Stall::buffer) == 1);  // the third vector, complete in 53
}

TEST_CASE("residual operands are asked for when the vector's first job starts") {
  // 16 operands of 2 bits: read in 4, there in 7, long before the sums.
  Case c;
  c.layer.residual = Residual{};
  CHECK_THROWS_AS(c.run(c.trace()), std::logic_error);
  c.spec.residual_bits = 2;
  CHECK(c.run(c.trace()).cycles == 58);
  CHECK(c.run(c.trace()).global_buffer.busy == 9);
  // 16 x 128 bits over a 128-bit link: 16 cycles of port and 16 of link. Asked for in 4: read in 4-19 (the last
  // position was read in 2), link 20-35, there from 37 on. The second is asked for in 20, read in 20-35, link 36-51,
  // there in 53; the third: 36-51, 52-67, 69. Vector unit in 69, results 71, 73, written by 74. Sums are there in 21,
  // 37 and 53, the unit is free again in 38 and 54.
  c.spec.residual_bits = 128;
  const LayerTime late = c.run(c.trace());
  CHECK(late.cycles == 74);
  CHECK(late.vector_units.stall(Stall::input) == (37 - 21) + (53 - 38) + (69 - 54));
}

TEST_CASE("no gate, no_skip and oracle") {
  Case c;
  // Without a gate: 16 reads a vector; complete after the last shift-add.
  const LayerTime no_skip = Case{c.layer, c.hardware, c.spec, GateTreatment::no_skip}.run(c.trace(false));
  CHECK(no_skip.cycles == 58);
  CHECK(no_skip.lsb_reads == 24);
  const LayerTime msb_only = Case{c.layer, c.hardware, c.spec, GateTreatment::msb_only}.run(c.trace());
  CHECK(msb_only.cycles == 4 + 3 * 8 + 1 + 5);
  CHECK(msb_only.lsb_reads == 0);
  const LayerTime oracle = Case{c.layer, c.hardware, c.spec, GateTreatment::oracle}.run(c.trace(false));
  CHECK(oracle == msb_only);
  CHECK(c.run(c.trace(false)).cycles == 4 + 3 * 10 + 5);
}

TEST_CASE("pruning mode: mask known after the read, or before") {
  Case c;
  c.layer.dec3.lb = 0;
  const LayerTime after = c.run(c.trace(false));
  CHECK(after.cycles == 4 + 3 * 8 + 2 + 5);  // the last compare
  CHECK(after.msb_reads == 24);
  c.hardware.gate.mask_known = MaskKnown::oracle;
  LayerTrace trace = c.trace(true);
  trace.open = {1, 0, 0, 0, 1, 1};
  const LayerTime known = c.run(trace);
  CHECK(known.msb_reads == 12);
  // 4 reads in 4-7; nothing: cycle 8; 8 reads in 9-16, shift-add in 17.
  CHECK(known.cycles == 18 + 5);
  CHECK(known.crossbars == counts(12, 1 + 23 - 17, {{Stall::input, 4}}));
}

TEST_CASE("a gate on inputs decides when its sums are there") {
  // Loads in 3, 6 and 18 (when the vector before starts). The two row groups are summed in 3 and 4, the last one is
  // compared in 5. One step over both paths: 8 + 4 reads in 6-17, MSB alone where closed: 18-25, all 16 in 26-41.
  Case c;
  c.hardware.gate.input_sums = true;
  c.layer.dec3.gate = GateKind::inputs;
  LayerTrace trace = c.trace(true);
  trace.open = {1, 0, 0, 0, 1, 1};
  const LayerTime split = c.run(trace);
  CHECK(split.msb_reads == 24);
  CHECK(split.lsb_reads == 12);
  CHECK(split.cycles == 42 + 1 + 5);  // shift-add in 42
  CHECK(split.crossbars == counts(36, 48 - 36 - 6, {{Stall::input, 6}}));
  CHECK(split.tile_buffers.busy == 3);

  // 4 reads in 6-9; nothing: cycle 10; the third load, in 10, is summed and compared in 12: 8 reads in 13-20.
  c.layer.dec3.lb = 0;
  const LayerTime pruned = c.run(trace);
  CHECK(pruned.msb_reads == 12);
  CHECK(pruned.cycles == 21 + 1 + 5);
  CHECK(pruned.crossbars == counts(12, 27 - 12 - 8, {{Stall::input, 8}}));
}

TEST_CASE("thresholds that never open are not waited for") {
  Case c;
  c.layer.dec3.threshold = {never_opens};
  const LayerTime time = c.run(c.trace(false));
  CHECK(time.cycles == 4 + 3 * 8 + 2 + 5);
  CHECK(time.crossbars.stall(Stall::gate) == 0);
}

TEST_CASE("granularity output_block: one decision for all row groups") {
  // MSB 4-11, shift-add 12, compare 13, LSB from 14 on: 14-21, period 18: starts in 4, 22, 40; complete in 59.
  Case c;
  c.layer.dec3.granularity = GateGranularity::output_block;
  const LayerTime open = c.run(c.trace(true));
  CHECK(open.cycles == 59 + 5);
  CHECK(open.crossbars == counts(48, 64 - 58, {{Stall::input, 4}, {Stall::gate, 6}}));
  // All closed: the next vector starts in the cycle in which the first partner could have issued: 4, 14, 24; 34.
  const LayerTime closed = c.run(c.trace(false));
  CHECK(closed.cycles == 34 + 5);
  // Two crossbar rows: the tree needs a level. Row 1 starts in 5 and ends its MSB reads in 12; shift-add 13, addition
  // 14, compare 15, LSB 16-23. Row 0 waits from 12 to 15, row 1 from 13 to 15. Both start the next vector in 24, then
  // the decision is a cycle earlier: MSB -31, shift-add 32, addition 33, compare 34, LSB 35-42; 43; LSB 54-61.
  c.layer = small_chip::gated(small_chip::layer(64, 16, 3));
  c.layer.dec3.granularity = GateGranularity::output_block;
  c.hardware.crossbar.rows = 32;
  const LayerTime rows = c.run(c.trace(true));
  CHECK(rows.cycles == 63 + 1 + 5);
  CHECK(rows.crossbars.stall(Stall::gate) == (4 + 3) + 2 * 3 + 2 * 3);
  // Pruning mode: the sums are masked in the cycle after the last addition.
  Case pruned;
  pruned.layer.dec3.lb = 0;
  pruned.layer.dec3.granularity = GateGranularity::output;
  CHECK(pruned.run(pruned.trace(false)).cycles == 4 + 3 * 8 + 1 + 1 + 5);
}

TEST_CASE("separate crossbars: the MSB crossbar runs ahead, the LSB crossbar follows the gates") {
  // MSB in 4-11, 12-19, 20-27. LSB crossbar: r0 decided in 10, r1 in 14: 10-13, 14-17; then 18-25 and 26-33.
  Case c;
  c.hardware.mapping.lsb = LsbPlacement::separate_crossbars;
  const LayerTime time = c.run(c.trace());
  CHECK(time.cycles == 35 + 1 + 5);  // both crossbars' sums are added
  CHECK(time.crossbars == counts(48, 13 + 7, {{Stall::input, 8}, {Stall::gate, 6}}));
  CHECK(time.tile_buffers.busy == 3);

  // On two tiles the mask, the sums and each load go their own way: gates 2 cycles later, LSB in 12-15, 16-19, 20-.
  c.hardware.chip.crossbars_per_tile = 1;
  c.spec.link_cycles = 2;  // positions are there from 4 on, jobs start in 5
  const LayerTime apart = c.run(c.trace());
  // MSB r0 in 5-8, decided in 11, there in 13: LSB 13-20, then 21-28. The third vector finds a bank of the MSB crossbar
  // in 22, when the LSB sums of the first are complete: MSB 22-29, LSB 30-37; sums there in 39; tree 1 + 2, unit 2,
  // link 1 + 2, write 1.
  CHECK(apart.cycles == 39 + 3 + 2 + 3 + 1);
  CHECK(apart.crossbars.stall(Stall::accumulator) == 1);
  CHECK(apart.crossbars.stall(Stall::gate) == 8 + 0 + 1);
  CHECK(apart.tile_buffers.busy == 6);

  // Without LSB reads the LSB crossbar is idle all the time.
  c.treatment = GateTreatment::msb_only;
  const LayerTime msb_only = c.run(c.trace());
  CHECK(msb_only.crossbars == counts(24, 2 * msb_only.cycles - 24 - 5, {{Stall::input, 5}}));
}

TEST_CASE("separate crossbars with gates over all rows") {
  // MSB 4-11, compare 13, LSB 14-21 on the other crossbar. MSB 12-19, LSB 22-29. The third vector is
  // loaded in 22, when both crossbars have started the second one: MSB 23-30, compare 32, LSB 33-40; complete in 42.
  Case c;
  c.layer.dec3.granularity = GateGranularity::output_block;
  c.hardware.mapping.lsb = LsbPlacement::separate_crossbars;
  const LayerTime time = c.run(c.trace());
  CHECK(time.cycles == 42 + 1 + 5);
  CHECK(time.crossbars.stall(Stall::gate) == 10 + 0 + 3);
  CHECK(time.crossbars.stall(Stall::input) == 8 + 3);
}

TEST_CASE("a trace of another layer is refused") {
  const Case c;
  LayerTrace trace = c.trace();
  trace.digits.pop_back();
  CHECK_THROWS_AS(c.run(trace), std::logic_error);
  trace = c.trace();
  trace.open.clear();
  CHECK_THROWS_AS(c.run(trace), std::logic_error);
}
