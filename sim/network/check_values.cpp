// SPDX-License-Identifier: Apache-2.0
// What must hold for weights and digital constants: ranges, and sums that fit their registers.
#include <algorithm>
#include <cstdlib>
#include <limits>

#include "base/error.h"
#include "network/check.h"
#include "network/limits.h"

namespace cimcycle {

namespace {

constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t int64_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

struct Place {
  const Network& network;
  const Layer& layer;
  const std::string& file;

  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) const {
    fail_input("{}: layer {}: {}", file, layer.name, fmt::format(text, std::forward<Args>(args)...));
  }
};

/// |value|, also for the smallest one.
std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

void check_ranges(const Place& at) {
  const Layer& layer = at.layer;
  const Dec3& dec3 = layer.dec3;
  const WeightRange range = weight_range(dec3);
  const bool only_ends = dec3.hb == 1 && dec3.lb == 0;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const int weight = layer.weights[i];
    if (only_ends && weight != -1 && weight != 1) {
      at.fail("weight[{}] is {}, but hb 1 with lb 0 allows -1 and 1 only", i, weight);
    }
    if (weight < range.min || weight > range.max) {
      at.fail("weight[{}] is {}, but hb {}, lb {} and split {} allow {} to {}", i, weight, dec3.hb, dec3.lb,
              word_of(split_words, dec3.split), range.min, range.max);
    }
  }
}

void check_weights(const Place& at) {
  const Layer& layer = at.layer;
  const std::size_t expected = layer.has_weights() ? static_cast<std::size_t>(layer.rows_per_output()) *
                                                         static_cast<std::size_t>(layer.out.channels)
                                                   : 0;
  if (layer.weights.size() != expected) at.fail("{} weights, expected {}", layer.weights.size(), expected);

  if (layer.has_weights()) check_ranges(at);
  const std::int64_t bound = accumulator_bound(layer);
  if (bound > int32_max) at.fail("the accumulator may reach {}, beyond its 32 bits ({})", bound, int32_max);
}

/// Largest magnitude of the residual before it is multiplied.
std::int64_t residual_bound(const Place& at) {
  const Residual& residual = *at.layer.residual;
  if (residual.kind == Residual::Kind::projection) return int32_max;
  const int bits = residual.source == image_input
                       ? limits::image_bits
                       : at.network.layers[static_cast<std::size_t>(residual.source)].output_bits;
  return (std::int64_t{1} << bits) - 1;
}

void check_digital(const Place& at) {
  const Layer& layer = at.layer;
  const Digital& digital = layer.digital;
  const std::size_t expected = layer.has_digital() ? static_cast<std::size_t>(layer.out.channels) : 0;
  if (digital.m.size() != expected || digital.c.size() != expected) {
    at.fail("digital: {} values m and {} values c, expected {} each", digital.m.size(), digital.c.size(), expected);
  }
  if (digital.n < 0 || digital.n > 62) at.fail("digital: n is {}, expected 0 to 62", digital.n);
  if (!layer.has_digital() && digital.n != 0) {
    at.fail("digital: n is {}, but the layer has no digital constants; expected 0", digital.n);
  }
  const std::size_t multipliers = layer.residual ? layer.residual->multiplier.size() : 0;
  if (layer.residual && multipliers != 1 && multipliers != expected) {
    at.fail("residual: {} multipliers, expected 1 or {}", multipliers, expected);
  }

  // A lossy ADC may give more than the weights' own bound, so that any int32 must pass.
  const std::int64_t acc = layer.has_weights() ? int32_max : accumulator_bound(layer);
  const std::int64_t res = layer.residual ? residual_bound(at) : 0;
  // Rounding the multiplier of a position may add half of its elements, each times an input.
  const std::int64_t mean_rounding = layer.counts_padding ? 0 : acc;
  const bool is_shifted = layer.output != OutputKind::logits && digital.n > 0;
  const std::uint64_t rounding = is_shifted ? std::uint64_t{1} << (digital.n - 1) : 0;
  for (std::size_t o = 0; o < expected; ++o) {
    const std::int64_t r = multipliers == 0 ? 0 : layer.residual->multiplier[multipliers == 1 ? 0 : o];
    // acc and res stay below 2^31, m and r reach 2^31: the two products together stay below 2^63.
    const std::uint64_t products = magnitude(acc) * magnitude(digital.m[o]) + magnitude(res) * magnitude(r);
    const std::uint64_t rest = magnitude(digital.c[o]) + rounding + magnitude(mean_rounding);
    if (products > int64_max || rest > int64_max - products) {
      at.fail("output {}: z may leave 64 bits with m {}, r {}, c {} and n {}", o, digital.m[o], r, digital.c[o],
              digital.n);
    }
  }
}

void check_removed_groups(const Place& at) {
  const Dec3& dec3 = at.layer.dec3;
  if (dec3.removed_groups.empty()) return;
  if (!dec3.looks_at_sums() || dec3.lb > 0) at.fail("removed_groups need a gate max or mean and lb 0");
  // How many OU groups there are is known with the hardware only; each holds a weight at least.
  if (dec3.removed_groups.size() > at.layer.weights.size()) {
    at.fail("removed_groups has {} entries, more than the {} weights", dec3.removed_groups.size(),
            at.layer.weights.size());
  }
  for (std::size_t i = 0; i < dec3.removed_groups.size(); ++i) {
    if (dec3.removed_groups[i] > 1) at.fail("removed_groups[{}] is {}, expected 0 or 1", i, dec3.removed_groups[i]);
  }
}

}  // namespace

void check_values(const Network& network, const std::string& file) {
  const std::size_t codes = 256 * static_cast<std::size_t>(network.image.channels);
  if (!network.image_codes.empty() && network.image_codes.size() != codes) {
    fail_input("{}: image.codes: {} codes, expected 256 for each of the {} channels", file, network.image_codes.size(),
               network.image.channels);
  }
  for (const Layer& layer : network.layers) {
    const Place at{network, layer, file};
    check_weights(at);
    check_digital(at);
    check_removed_groups(at);
  }
}

}  // namespace cimcycle
