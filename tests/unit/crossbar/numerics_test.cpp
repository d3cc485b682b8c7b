// SPDX-License-Identifier: Apache-2.0
// The packed numerics against the slow twin: accumulators, masks and traces equal on thousands of random layers.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

#include "base/error.h"
#include "crossbar/layer_reader.h"
#include "crossbar/read_counts.h"
#include "random_case.h"

namespace {

using cimcycle_reference::Gates;
using cimcycle_reference::RandomCase;

/// The target that the environment asks for, or none if this machine lacks it (then the test has nothing to say).
bool target_runs_here() {
  try {
    const auto& target = cimcycle::kernel_target();
    const char* forced = std::getenv("CIMCYCLE_TARGET");
    REQUIRE((forced == nullptr || std::string(forced) == target.name));
    return true;
  } catch (const cimcycle::InputError& error) {
    if (std::getenv("CIMCYCLE_SKIP_MISSING_TARGET") == nullptr) throw;
    WARN(error.what());
    return false;
  }
}

cimcycle::GateMode mode_of(Gates gates) {
  return gates == Gates::as_described ? cimcycle::GateMode::as_described
         : gates == Gates::all_open   ? cimcycle::GateMode::all_open
                                      : cimcycle::GateMode::all_closed;
}

/// Reads the case with the product.
cimcycle::LayerReading read_with_product(const RandomCase& one, const cimcycle::LayerMapping& mapping, bool ideal,
                                         Gates gates) {
  const auto packed =
      cimcycle::pack_layer(one.layer, mapping, one.hardware, one.signed_inputs, {ideal, mode_of(gates)});
  const std::vector<std::int16_t> input(one.activations.begin(), one.activations.end());
  std::vector<int> pad = one.pad_value;
  if (pad.empty()) pad.assign(static_cast<std::size_t>(one.layer.in.channels), 0);
  cimcycle::LayerReading reading;
  cimcycle::read_layer(packed, input, pad, reading);
  return reading;
}

void compare(const RandomCase& one, bool ideal, Gates gates) {
  const auto expected =
      cimcycle_reference::read_layer(one.layer, one.hardware, one.activations, one.options(ideal, gates));
  const auto mapping = cimcycle::map_layer(one.layer, 0, one.hardware);
  const auto found = read_with_product(one, mapping, ideal, gates);
  const std::size_t vectors = expected.acc.size(), groups = mapping.groups.size(), blocks = mapping.blocks.size();
  REQUIRE(found.acc.size() == vectors * expected.acc.front().size());
  for (std::size_t v = 0; v < vectors; ++v) {
    const std::size_t outputs = expected.acc[v].size();
    for (std::size_t o = 0; o < outputs; ++o) {
      if (found.acc[v * outputs + o] != expected.acc[v][o]) {
        FAIL("vector " << v << " output " << o << ": " << found.acc[v * outputs + o] << ", expected "
                       << expected.acc[v][o]);
      }
    }
    for (std::size_t g = 0; g < groups; ++g) {
      REQUIRE(found.trace.digits[v * groups + g] == expected.digits[v][g]);
      REQUIRE(found.trace.low_digits.empty() == expected.low_digits.empty());
      if (!expected.low_digits.empty()) REQUIRE(found.trace.low_digits[v * groups + g] == expected.low_digits[v][g]);
      if (expected.open.empty() || found.trace.open.empty()) continue;
      const std::size_t words = static_cast<std::size_t>(found.trace.mask_words);
      for (std::size_t b = 0; b < blocks; ++b) {
        const bool open = (found.trace.open[(v * groups + g) * words + b / 64] >> (b % 64) & 1u) != 0;
        REQUIRE(open == (expected.open[v][g][b] != 0));
      }
    }
  }
}

}  // namespace

TEST_CASE("packed numerics equal the slow twin on random layers", "[numerics]") {
  if (!target_runs_here()) return;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const RandomCase one = cimcycle_reference::random_case(seed);
    INFO("seed " << seed << ": " << one.text);
    compare(one, false, Gates::as_described);
    if (seed % 3 == 0) compare(one, true, Gates::as_described);
    if (seed % 3 == 1) compare(one, false, Gates::all_open);
    if (seed % 3 == 2) compare(one, false, Gates::all_closed);
  }
}

TEST_CASE("masks of more than 64 output blocks equal the slow twin's", "[numerics]") {
  if (!target_runs_here()) return;
  int long_masks = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    // As many blocks as a word has bits, one more, and two words' worth, where a block holds one output.
    const int outputs = std::array{64, 65, 128, 129, 200}[seed % 5];
    const RandomCase one = cimcycle_reference::random_case(seed, outputs);
    INFO("seed " << seed << ": " << one.text);
    compare(one, false, Gates::as_described);
    const auto found =
        read_with_product(one, cimcycle::map_layer(one.layer, 0, one.hardware), false, Gates::as_described);
    const bool mixed = found.stats.gates_closed > 0 && found.stats.gates_closed < found.stats.gate_decisions;
    long_masks += found.trace.mask_words > 1 && mixed ? 1 : 0;
  }
  CHECK(long_masks > 30);
}

TEST_CASE("one reading gives what every row policy and placement issues", "[numerics]") {
  if (!target_runs_here()) return;
  int gated = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const RandomCase one = cimcycle_reference::random_case(seed);
    INFO("seed " << seed << ": " << one.text);
    const auto mapping = cimcycle::map_layer(one.layer, 0, one.hardware);
    RandomCase other = one;
    other.hardware.schedule.row_policy = one.hardware.schedule.row_policy == cimcycle::RowPolicy::all
                                             ? cimcycle::RowPolicy::skip_zero_groups
                                             : cimcycle::RowPolicy::all;
    if (seed % 2 == 0) other.hardware.mapping.lsb = static_cast<cimcycle::LsbPlacement>(seed % 4 / 2);
    if (seed % 3 == 0) other.hardware.crossbar.cols *= 2;
    const auto other_mapping = cimcycle::map_layer(other.layer, 0, other.hardware);
    const auto packed = cimcycle::pack_layer(one.layer, mapping, one.hardware, one.signed_inputs, {});
    const std::vector<std::int16_t> input(one.activations.begin(), one.activations.end());
    std::vector<int> pad = one.pad_value;
    if (pad.empty()) pad.assign(static_cast<std::size_t>(one.layer.in.channels), 0);
    cimcycle::LayerReading reading;
    cimcycle::read_layer(packed, input, pad, reading);
    cimcycle::count_issued(packed, other_mapping, other.hardware.schedule.row_policy, reading);
    const auto expected = read_with_product(other, other_mapping, false, Gates::as_described);
    REQUIRE(reading.stats == expected.stats);
    REQUIRE(reading.trace.digits == expected.trace.digits);
    REQUIRE(reading.trace.low_digits == expected.trace.low_digits);
    REQUIRE(reading.trace.open == expected.trace.open);
    gated += reading.trace.open.empty() ? 0 : 1;
  }
  CHECK(gated > 100);
}

namespace {

/// `count` copies of a case's layer as channel groups of one; each has the weights and inputs of the first, turned.
RandomCase grouped(const RandomCase& one, int count) {
  RandomCase all = one;
  cimcycle::Layer& layer = all.layer;
  layer.groups = count;
  layer.in.channels *= count;
  layer.out.channels *= count;
  const auto turned = [](auto values, int by) {
    std::rotate(values.begin(), values.begin() + by % static_cast<std::ptrdiff_t>(values.size()), values.end());
    return values;
  };
  for (int group = 1; group < count; ++group) {
    const auto weights = turned(one.layer.weights, 5 * group);
    layer.weights.insert(layer.weights.end(), weights.begin(), weights.end());
    const auto activations = turned(one.activations, 3 * group);
    all.activations.insert(all.activations.end(), activations.begin(), activations.end());
    all.pad_value.insert(all.pad_value.end(), one.pad_value.begin(), one.pad_value.end());
  }
  return all;
}

/// One channel group of a case as a layer of its own.
RandomCase part_of(const RandomCase& all, const RandomCase& one, int group) {
  RandomCase part = one;
  const auto slice = [&](const auto& values, auto& to) {
    const auto size = static_cast<std::ptrdiff_t>(to.size());
    std::copy_n(values.begin() + group * size, size, to.begin());
  };
  slice(all.layer.weights, part.layer.weights);
  slice(all.activations, part.activations);
  return part;
}

}  // namespace

TEST_CASE("a grouped convolution reads as the convolutions of its groups", "[numerics]") {
  if (!target_runs_here()) return;
  int checked = 0, gated = 0;
  for (std::uint64_t seed = 0; seed < 900; ++seed) {
    const RandomCase one = cimcycle_reference::random_case(seed);
    const cimcycle::Dec3& dec3 = one.layer.dec3;
    if (one.layer.kind != cimcycle::LayerKind::conv || !dec3.removed_groups.empty() ||
        dec3.granularity != cimcycle::GateGranularity::ou ||
        dec3.threshold_per != cimcycle::Dec3::ThresholdPer::layer) {
      continue;
    }
    INFO("seed " << seed << ": " << one.text);
    const int count = 2 + static_cast<int>(seed % 3);
    const RandomCase all = grouped(one, count);
    const auto mapping = cimcycle::map_layer(all.layer, 0, all.hardware);
    const auto found = read_with_product(all, mapping, false, Gates::as_described);
    cimcycle::ReadStats stats;
    const auto outputs = static_cast<std::size_t>(one.layer.out.channels);
    for (int group = 0; group < count; ++group) {
      const RandomCase part = part_of(all, one, group);
      const auto expected = cimcycle_reference::read_layer(part.layer, part.hardware, part.activations, part.options());
      for (std::size_t v = 0; v < expected.acc.size(); ++v) {
        for (std::size_t o = 0; o < outputs; ++o) {
          const std::size_t at = (v * static_cast<std::size_t>(count) + static_cast<std::size_t>(group)) * outputs + o;
          REQUIRE(found.acc[at] == expected.acc[v][o]);
        }
      }
      const auto own = cimcycle::map_layer(part.layer, 0, part.hardware);
      stats += read_with_product(part, own, false, Gates::as_described).stats;
    }
    stats.vectors = found.stats.vectors;
    REQUIRE(found.stats == stats);
    ++checked;
    gated += dec3.gate == cimcycle::GateKind::none ? 0 : 1;
  }
  CHECK(checked > 100);
  CHECK(gated > 20);
}
