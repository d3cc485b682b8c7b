// SPDX-License-Identifier: Apache-2.0
// The built-in dataset under its name: "synthetic" or "synthetic:SEED".
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "data/sources.h"

namespace cimcycle {
namespace {

constexpr std::int64_t train_images = 20000;
constexpr std::int64_t test_images = 10000;

std::uint64_t parse_seed(std::string_view text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size()) {
    fail_input("dataset \"synthetic:{}\": the seed is not an integer from 0 to {}", printable(text), UINT64_MAX);
  }
  return seed;
}

Dataset open_synthetic(std::string_view place, bool has_place, DataSplit split) {
  const std::uint64_t seed = has_place ? parse_seed(place) : 0;
  return {.name = seed == 0 ? "synthetic" : fmt::format("synthetic:{}", seed),
          .split = split,
          .shape = {3, 32, 32},
          .size = split == DataSplit::train ? train_images : test_images,
          .classes = 10,
          .read = [seed, split](std::int64_t index, std::span<std::uint8_t> pixels) {
            return synthetic_image(seed, split, index, pixels);
          }};
}

}  // namespace

const DatasetKind synthetic_kind{"synthetic", "synthetic[:SEED]", open_synthetic};

}  // namespace cimcycle
