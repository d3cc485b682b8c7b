// SPDX-License-Identifier: Apache-2.0
// The slow twin on random cases: against the weights themselves, and its counts against each other.
#include <catch2/catch.hpp>

#include <map>
#include <string>

#include "random_case.h"
#include "reference_layer.h"
#include "reference_network.h"

using namespace cimcycle;
using namespace cimcycle_reference;

namespace {

using Numbers = std::vector<std::int64_t>;

std::int64_t count_of(const LayerReading& reading, Action action) {
  return reading.actions[static_cast<std::size_t>(action)];
}

}  // namespace

TEST_CASE("an ideal converter gives the weights' own sums, whatever the cells") {
  std::map<CellMapping, int> mappings;
  std::int64_t open = 0;
  std::int64_t closed = 0;
  std::int64_t clipped = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    RandomCase c = random_case(seed);
    INFO(c.text);
    const LayerReading reading = read_layer(c.layer, c.hardware, c.activations, c.options(true, Gates::all_open));
    const Numbers direct = direct_sums(c.layer, c.activations, c.pad_value);
    const std::size_t vectors = reading.acc.size();
    for (std::size_t v = 0; v < vectors; ++v) {
      for (std::size_t o = 0; o < reading.acc[v].size(); ++o) REQUIRE(reading.acc[v][o] == direct[o * vectors + v]);
    }
    // The gated reading with an ideal converter is checked against the weights inside; its masks must mix.
    const LayerReading gated = read_layer(c.layer, c.hardware, c.activations, c.options(true));
    ++mappings[c.hardware.mapping.cells];
    closed += gated.gates_closed;
    open += gated.gate_decisions - gated.gates_closed;

    const LayerReading lossy = read_layer(c.layer, c.hardware, c.activations, c.options());
    clipped += lossy.clipped_conversions;
    const bool never_clips =
        c.hardware.adc.transfer == AdcTransfer::ideal || c.hardware.adc.transfer == AdcTransfer::full_scale;
    REQUIRE((!never_clips || lossy.clipped_conversions == 0));
    REQUIRE(lossy.lsb_reads <= lossy.lsb_reads_possible);
    REQUIRE(lossy.conversions <= count_of(lossy, Action::bitline_column));
    REQUIRE(count_of(lossy, Action::array_level) <= count_of(lossy, Action::array_row) * 15);

    // What a column of ones converts takes the place of the popcount tree, read by read.
    if (c.hardware.mapping.offset_sum == OffsetSum::unit_column) {
      RandomCase digital = c;
      digital.hardware.mapping.offset_sum = OffsetSum::digital;
      const LayerReading sums = read_layer(digital.layer, digital.hardware, c.activations, c.options(true));
      REQUIRE(gated.conversions - count_of(gated, Action::shift_add) == count_of(sums, Action::offset_digit));
      REQUIRE(count_of(gated, Action::offset_digit) == 0);
    } else {
      REQUIRE(gated.conversions == count_of(gated, Action::shift_add));
    }

    // Skipping digits without an active row changes no result.
    RandomCase skipping = c;
    skipping.hardware.schedule.row_policy = RowPolicy::skip_zero_groups;
    const LayerReading skipped =
        read_layer(skipping.layer, skipping.hardware, skipping.activations, skipping.options());
    skipping.hardware.schedule.row_policy = RowPolicy::all;
    const LayerReading all = read_layer(skipping.layer, skipping.hardware, skipping.activations, skipping.options());
    REQUIRE(skipped.acc == all.acc);
    REQUIRE(skipped.open == all.open);
    REQUIRE(skipped.msb_reads + skipped.lsb_reads + skipped.zero_skipped == all.msb_reads + all.lsb_reads);
    REQUIRE(all.zero_skipped == 0);
    REQUIRE(count_of(skipped, Action::array_level) == count_of(all, Action::array_level));
    REQUIRE(count_of(skipped, Action::wordline_row) == count_of(all, Action::wordline_row));
  }
  CHECK(mappings.size() == 3);
  CHECK(open > 1000);
  CHECK(closed > 1000);
  CHECK(clipped > 1000);
}

TEST_CASE("random cases reach every kind") {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const RandomCase c = random_case(seed);
    const Dec3& dec3 = c.layer.dec3;
    const auto see = [&](const char* what, auto kind) { ++seen[what + std::to_string(static_cast<int>(kind))]; };
    see("cells ", c.hardware.mapping.cells);
    see("flip ", c.hardware.mapping.flip);
    see("subtract ", c.hardware.mapping.subtract);
    see("offset sum ", c.hardware.mapping.offset_sum);
    see("placement ", c.hardware.mapping.lsb);
    see("rows ", c.hardware.mapping.rows);
    see("policy ", c.hardware.schedule.row_policy);
    see("transfer ", c.hardware.adc.transfer);
    see("signed ", c.signed_inputs);
    see("hb 1, lb > 0 ", dec3.hb == 1 && dec3.lb > 0);
    see("floor ", dec3.split == Split::floor && dec3.lb > 0);
    see("short slice ", dec3.hb % c.hardware.cell.bits != 0);
    see("short digit ", c.layer.input_bits % c.hardware.input.digit_bits != 0);
    if (c.hardware.schedule.zero_weights == ZeroWeights::skip && dec3.gate == GateKind::none && dec3.lb == 0) {
      const LayerReading reading = read_layer(c.layer, c.hardware, c.activations, c.options());
      if (reading.gates_closed > 0 && reading.gates_closed < reading.gate_decisions) ++seen["zero OU groups"];
    }
    if (dec3.gate == GateKind::none) continue;
    if (dec3.gate == GateKind::digits) {
      const LayerReading reading = read_layer(c.layer, c.hardware, c.activations, c.options());
      if (reading.gates_closed > 0 && reading.gates_closed < reading.gate_decisions) ++seen["digit gates"];
      continue;
    }
    if (dec3.gate == GateKind::inputs) {
      const LayerReading reading = read_layer(c.layer, c.hardware, c.activations, c.options());
      const bool mixed = reading.gates_closed > 0 && reading.gates_closed < reading.gate_decisions;
      if (mixed) see("gate on inputs, lb > 0 ", dec3.lb > 0);
      continue;
    }
    see(dec3.lb > 0 ? "gate " : "pruning gate ", dec3.gate);
    see(dec3.lb > 0 ? "granularity " : "pruning granularity ", dec3.granularity);
    see(dec3.lb > 0 ? "threshold " : "pruning threshold ", dec3.threshold_per);
    if (dec3.lb == 0) see("mask known ", c.hardware.gate.mask_known);
    const LayerReading reading = read_layer(c.layer, c.hardware, c.activations, c.options());
    const bool mixed = reading.gates_closed > 0 && reading.gates_closed < reading.gate_decisions;
    if (mixed) see("mixed masks ", dec3.granularity);
  }
  CHECK(seen.size() == 3 + 6 * 2 + 5 + 5 * 2 + 2 * (2 + 3 + 3) + 3 + 3 + 1 + 1 + 2);
  for (const auto& [what, times] : seen) {
    INFO(what);
    CHECK(times >= 20);
  }
}
