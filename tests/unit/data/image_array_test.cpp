// SPDX-License-Identifier: Apache-2.0
// Datasets in the caller's memory.
#include <catch2/catch.hpp>

#include <numeric>
#include <vector>

#include "data/image_array.h"
#include "error_text.h"

using namespace cimcycle;
using test::input_error;

namespace {

std::vector<std::uint8_t> read(const Dataset& dataset, std::int64_t index) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(dataset.shape.size()));
  dataset.read(index, pixels);
  return pixels;
}

}  // namespace

TEST_CASE("images of an array come channel by channel, whichever way they lie") {
  std::vector<std::uint8_t> bytes(2 * 2 * 1 * 3);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  const std::vector<std::int64_t> labels = {1, 4};
  const Dataset first =
      array_dataset({bytes, {2, 1, 3}, ImageLayout::channels_first, labels}, "array", DataSplit::test);
  CHECK(read(first, 1) == std::vector<std::uint8_t>{6, 7, 8, 9, 10, 11});
  CHECK(first.size == 2);
  CHECK(first.classes == 5);
  CHECK(first.labelled);
  const Dataset last = array_dataset({bytes, {2, 1, 3}, ImageLayout::channels_last, {}}, "array", DataSplit::test);
  CHECK(read(last, 1) == std::vector<std::uint8_t>{6, 8, 10, 7, 9, 11});
  CHECK(last.classes == 0);
  CHECK_FALSE(last.labelled);
  std::vector<std::uint8_t> pixels(6);
  CHECK(last.read(0, pixels) == no_label);
  CHECK(first.read(1, pixels) == 4);
}

TEST_CASE("arrays that are no dataset") {
  const std::vector<std::uint8_t> bytes(12);
  const auto error = [&](std::size_t count, std::vector<std::int64_t> labels) {
    return input_error([&] {
      array_dataset({std::span(bytes).first(count), {2, 1, 3}, ImageLayout::channels_first, labels}, "array",
                    DataSplit::test);
    });
  };
  CHECK(error(0, {}) == "array: holds no images");
  CHECK(error(12, {1}) == "array: 1 labels for 2 images");
  CHECK(error(12, {1, -1}) == "array: label 1 is -1; allowed: 0 to 65535");
  CHECK(error(12, {65536, 0}) == "array: label 0 is 65536; allowed: 0 to 65535");
}
