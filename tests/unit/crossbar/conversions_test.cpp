// SPDX-License-Identifier: Apache-2.0
// Single conversions add up to what the packed numerics compute: accumulators and clipped conversions of random layers.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "crossbar/conversions.h"
#include "error_text.h"
#include "random_case.h"

using namespace cimcycle;
using cimcycle_reference::RandomCase;

namespace {

struct Read {
  PackedLayer packed;
  LayerReading reading;
  LayerConversions conversions;
};

Read read(const RandomCase& one, const LayerMapping& mapping, const NumericsOptions& options,
          std::optional<VectorRange> vectors = std::nullopt) {
  Read result{pack_layer(one.layer, mapping, one.hardware, one.signed_inputs, options), {}, {}};
  const std::vector<std::int16_t> input(one.activations.begin(), one.activations.end());
  std::vector<int> pad = one.pad_value;
  if (pad.empty()) pad.assign(static_cast<std::size_t>(one.layer.in.channels), 0);
  read_layer(result.packed, input, pad, result.reading);
  result.conversions =
      conversions_of(result.packed, one.hardware, input, pad, vectors.value_or(VectorRange{0, one.layer.vectors()}));
  return result;
}

std::int64_t clipped(const LayerConversions& layer, const PathConversions& path) {
  std::int64_t count = 0;
  const std::size_t columns = static_cast<std::size_t>(path.columns_per_output);
  for (std::size_t i = 0; i < path.clipped.size(); ++i)
    count += path.clipped[i] & path.read[i / columns % path.read.size()];
  REQUIRE(path.read.size() * columns * static_cast<std::size_t>(layer.digits * path.slices) == path.clipped.size());
  return count;
}

/// What [row group][vector][output] sums add up to in the accumulators, if everything read counts.
std::vector<std::int32_t> accumulated(const Read& one, const Layer& layer) {
  const LayerConversions& all = one.conversions;
  std::vector<std::int32_t> acc(all.acc.size(), 0);
  std::size_t at = 0;
  for (int g = 0; g < all.row_groups; ++g) {
    for (int v = 0; v < all.vectors.count; ++v) {
      for (int o = 0; o < all.outputs; ++o, ++at) {
        std::int32_t& sum = acc[static_cast<std::size_t>(
            v * layer.out.channels + one.packed.group_first_output[static_cast<std::size_t>(g)] + o)];
        sum += all.msb.partial_sum[at] << high_shift(layer.dec3);
        if (layer.dec3.has_low_part() && all.lsb.read[at] != 0) sum += all.lsb.partial_sum[at];
      }
    }
  }
  return acc;
}

}  // namespace

TEST_CASE("conversions add up to accumulators and clipped conversions") {
  int lossy = 0, gated = 0, clipping = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const RandomCase one = cimcycle_reference::random_case(seed);
    INFO("seed " << seed << ": " << one.text);
    const LayerMapping mapping = map_layer(one.layer, 0, one.hardware);
    const Read found = read(one, mapping, {});
    REQUIRE(clipped(found.conversions, found.conversions.msb) == found.reading.stats.clipped_msb);
    if (one.layer.dec3.has_low_part()) {
      REQUIRE(clipped(found.conversions, found.conversions.lsb) == found.reading.stats.clipped_lsb);
    }
    REQUIRE(found.conversions.acc == found.reading.acc);
    // Masks on single outputs or on the high part are the accumulators' own business.
    const bool masks_later = has_mask(one.layer, mapping) &&
                             (one.layer.dec3.lb == 0 || one.layer.dec3.granularity == GateGranularity::output);
    if (!masks_later) {
      REQUIRE(accumulated(found, one.layer) == found.reading.acc);
      gated += has_mask(one.layer, mapping) ? 1 : 0;
    }
    const Read open = read(one, mapping, {false, GateMode::all_open});
    REQUIRE(accumulated(open, one.layer) == open.reading.acc);
    lossy += found.packed.lossless() ? 0 : 1;
    clipping += found.reading.stats.clipped_msb > 0 ? 1 : 0;
    const Read ideal = read(one, mapping, {true, GateMode::all_open});
    REQUIRE(ideal.conversions.msb.partial_sum == ideal.conversions.msb.ideal_partial_sum);
    REQUIRE(ideal.conversions.lsb.partial_sum == ideal.conversions.lsb.ideal_partial_sum);
    REQUIRE(ideal.conversions.msb.ideal_partial_sum == found.conversions.msb.ideal_partial_sum);
  }
  CHECK(lossy > 100);
  CHECK(gated > 50);
  CHECK(clipping > 50);
}

TEST_CASE("vectors that a layer does not have are refused") {
  const RandomCase one = cimcycle_reference::random_case(1);
  const LayerMapping mapping = map_layer(one.layer, 0, one.hardware);
  const int vectors = one.layer.vectors();
  for (const VectorRange wrong : {VectorRange{-1, 1}, VectorRange{0, 0}, VectorRange{0, vectors + 1},
                                  VectorRange{vectors, 1}, VectorRange{2147483647, 2147483647}}) {
    CHECK(test::input_error([&] { read(one, mapping, {}, wrong); }).find("vectors") != std::string::npos);
  }
}
