// SPDX-License-Identifier: Apache-2.0
// The built-in set never changes: networks have been trained on it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "data/dataset.h"
#include "data/draws.h"

using namespace cimcycle;

namespace {

constexpr std::size_t image_bytes = 3072;

// 64-bit FNV-1a.
struct Hash {
  std::uint64_t value = 0xcbf29ce484222325u;
  void add(std::uint8_t byte) { value = (value ^ byte) * 0x100000001b3u; }
};

std::vector<std::uint8_t> image(std::uint64_t seed, DataSplit split, std::int64_t index) {
  std::vector<std::uint8_t> bytes(image_bytes);
  bytes.push_back(static_cast<std::uint8_t>(synthetic_image(seed, split, index, std::span(bytes).first(image_bytes))));
  return bytes;
}

// Of `count` images from `first` on: pixels, then label, image by image.
std::uint64_t hash_of(std::uint64_t seed, DataSplit split, std::int64_t first, int count) {
  Hash hash;
  for (int i = 0; i < count; ++i) {
    for (const std::uint8_t byte : image(seed, split, first + i)) hash.add(byte);
  }
  return hash.value;
}

}  // namespace

TEST_CASE("the draws are SplitMix64") {
  // First outputs for seed 1234567, as published with the algorithm's reference program.
  Draws draws(1234567);
  CHECK(draws.bits() == 6457827717110365317u);
  CHECK(draws.bits() == 3203168211198807973u);
  CHECK(draws.bits() == 9817491932198370423u);
  CHECK(draws.bits() == 4593380528125082431u);
  CHECK(draws.bits() == 16408922859458223821u);
}

TEST_CASE("golden hashes: these images must never change") {
  CHECK(hash_of(0, DataSplit::train, 0, 100) == 0x167b3fb8a33ecd4eu);
  CHECK(hash_of(0, DataSplit::test, 0, 100) == 0xc4abbcbe84237484u);
  CHECK(hash_of(0, DataSplit::train, 19900, 100) == 0x11a0aee35def4385u);
  CHECK(hash_of(0, DataSplit::test, 9900, 100) == 0x4c5795f1898e1815u);
  CHECK(hash_of(12345, DataSplit::test, 0, 100) == 0x8f4b8bfc45732fabu);
}

TEST_CASE("an image depends on seed, split and index alone, in any order and on any thread") {
  std::vector<std::vector<std::uint8_t>> forwards;
  for (int i = 0; i < 60; ++i) forwards.push_back(image(3, DataSplit::test, i));
  std::vector<std::vector<std::uint8_t>> found(60);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&found, t] {
      for (int i = 59 - t; i >= 0; i -= 3) found[static_cast<std::size_t>(i)] = image(3, DataSplit::test, i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(found == forwards);
  CHECK(image(3, DataSplit::test, 17) == forwards[17]);
}

TEST_CASE("every ten images hold every digit once, in an order that changes") {
  for (const DataSplit split : {DataSplit::train, DataSplit::test}) {
    const Dataset dataset = open_dataset("synthetic", split);
    std::set<std::string> orders;
    std::vector<std::uint8_t> pixels(image_bytes);
    for (std::int64_t block = 0; block < dataset.size / 10; block += 7) {
      std::string order;
      for (int i = 0; i < 10; ++i) order.push_back(static_cast<char>('0' + dataset.read(10 * block + i, pixels)));
      orders.insert(order);
      std::sort(order.begin(), order.end());
      REQUIRE(order == "0123456789");
    }
    CHECK(orders.size() > static_cast<std::size_t>(dataset.size / 70) - 5);
  }
}

TEST_CASE("seeds, splits and indices give different images, none of them blank") {
  std::set<std::uint64_t> seen;
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
    for (const DataSplit split : {DataSplit::train, DataSplit::test}) {
      for (int i = 0; i < 200; ++i) {
        const std::vector<std::uint8_t> bytes = image(seed, split, i);
        CHECK(std::set<std::uint8_t>(bytes.begin(), bytes.end()).size() > 12);
        seen.insert(hash_of(seed, split, i, 1));
      }
    }
  }
  CHECK(seen.size() == 3 * 2 * 200);
}
