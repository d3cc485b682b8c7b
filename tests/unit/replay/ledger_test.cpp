// SPDX-License-Identifier: Apache-2.0
// Action counts and statistics of a layer against the slow twin, which counts OU read by OU read.
#include <catch2/catch.hpp>

#include "crossbar/layer_reader.h"
#include "random_case.h"
#include "replay/ledger.h"

namespace {

using namespace cimcycle;
using cimcycle_reference::Gates;

LayerCounts counts_of(const cimcycle_reference::RandomCase& one, GateTreatment treatment) {
  const LayerMapping mapping = map_layer(one.layer, 0, one.hardware);
  const PackedLayer packed = pack_layer(one.layer, mapping, one.hardware, one.signed_inputs, {});
  const std::vector<std::int16_t> input(one.activations.begin(), one.activations.end());
  std::vector<int> pad = one.pad_value;
  if (pad.empty()) pad.assign(static_cast<std::size_t>(one.layer.in.channels), 0);
  LayerReading reading;
  read_layer(packed, input, pad, reading);
  return count_reads(one.layer, mapping, one.hardware, reading.stats, treatment);
}

void compare(const LayerCounts& found, const cimcycle_reference::LayerReading& expected) {
  CHECK(found.msb_reads == expected.msb_reads);
  CHECK(found.lsb_reads == expected.lsb_reads);
  CHECK(found.lsb_reads_possible == expected.lsb_reads_possible);
  CHECK(found.zero_skipped == expected.zero_skipped);
  CHECK(found.conversions == expected.conversions);
  for (std::size_t a = 0; a < action_kinds; ++a) {
    if (a > static_cast<std::size_t>(Action::gate_decision) && a != static_cast<std::size_t>(Action::input_sum))
      continue;
    INFO(action_rows[a].name);
    CHECK(found.actions[a] == expected.actions[a]);
  }
}

}  // namespace

TEST_CASE("counts equal the slow twin's on random layers") {
  for (std::uint64_t seed = 0; seed < 2500; ++seed) {
    const auto one = cimcycle_reference::random_case(seed);
    INFO("seed " << seed << ": " << one.text);
    const LayerCounts found = counts_of(one, GateTreatment::as_described);
    const auto expected = cimcycle_reference::read_layer(one.layer, one.hardware, one.activations, one.options());
    compare(found, expected);
    CHECK(found.clipped_conversions == expected.clipped_conversions);
    CHECK(found.gate_decisions == expected.gate_decisions);
    CHECK(found.gates_closed == expected.gates_closed);
    // What the gates and the row policy left out, and what was issued, is everything.
    const auto everything = counts_of(one, GateTreatment::no_skip);
    CHECK(everything.lsb_reads == everything.lsb_reads_possible);
    CHECK(found.lsb_reads <= found.lsb_reads_possible);
    const bool failed = Catch::getResultCapture().lastAssertionPassed() == false;
    if (failed) break;
  }
}

TEST_CASE("the no-skip and MSB-only baselines count what forced gates would") {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const auto one = cimcycle_reference::random_case(seed);
    if (one.layer.dec3.gate == GateKind::none) continue;
    INFO("seed " << seed << ": " << one.text);
    compare(
        counts_of(one, GateTreatment::no_skip),
        cimcycle_reference::read_layer(one.layer, one.hardware, one.activations, one.options(false, Gates::all_open)));
    compare(counts_of(one, GateTreatment::msb_only),
            cimcycle_reference::read_layer(one.layer, one.hardware, one.activations,
                                           one.options(false, Gates::all_closed)));
  }
}
