// SPDX-License-Identifier: Apache-2.0
// Mutated npz files: each is read or refused with an InputError of one line; nothing else may happen.
#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/dataset.h"
#include "temporary_folder.h"
#include "zip_maker.h"

using namespace cimcycle;
using test::ScratchFolder;

namespace {

// A linear congruential generator of its own (Knuth's MMIX constants).
struct Dice {
  std::uint64_t state;
  std::size_t below(std::size_t count) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state >> 33) % count;
  }
};

void mutate(std::string& bytes, Dice& dice) {
  constexpr unsigned char telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '(', ')', ',', '\'', '9'};
  const std::size_t changes = 1 + dice.below(4);
  for (std::size_t c = 0; c < changes && !bytes.empty(); ++c) {
    const std::size_t at = dice.below(bytes.size());
    switch (dice.below(6)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice.below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(telling[dice.below(sizeof telling)]);
        break;
      case 2:
        bytes.erase(at, 1 + dice.below(40));
        break;
      case 3:
        bytes.insert(at, bytes.substr(dice.below(bytes.size()), 1 + dice.below(40)));
        break;
      case 4:
        bytes.resize(at);
        break;
      default:  // four bytes of a size or an offset
        for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
          bytes[at + i] = static_cast<char>(telling[dice.below(5)]);
        }
    }
  }
}

}  // namespace

TEST_CASE("a mutated npz file is read or refused") {
  const ScratchFolder folder;
  std::vector<std::string> seeds;
  for (const bool deflate : {false, true}) {
    const std::string images = make_npy(header_text("|u1", "(4, 3, 2, 2)"), std::string(48, 'p'));
    const std::string labels = make_npy(header_text("<i8", "(4,)"), std::string(32, '\0'), 2);
    seeds.push_back(make_zip({{.name = "images.npy", .content = images, .deflate = deflate},
                              {.name = "labels.npy", .content = labels, .deflate = deflate}}));
  }
  Dice dice{20};
  int read = 0, refused = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string bytes = seeds[dice.below(seeds.size())];
    mutate(bytes, dice);
    const std::string file = folder.write("set.npz", bytes);
    try {
      const Dataset dataset = open_dataset("npz:" + file, DataSplit::test);
      std::vector<std::uint8_t> pixels(static_cast<std::size_t>(dataset.shape.size()));
      for (std::int64_t i = 0; i < dataset.size; ++i) CHECK(dataset.read(i, pixels) < dataset.classes);
      ++read;
    } catch (const InputError& error) {
      const std::string text = error.what();
      CHECK(text.find('\n') == std::string::npos);
      CHECK(text.rfind(file, 0) == 0);
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 1000);
}

// A wrong checksum hides what lies behind it, so here the archive is made after the change.
TEST_CASE("a mutated .npy header inside a sound archive is read or refused") {
  const ScratchFolder folder;
  Dice dice{21};
  int read = 0, refused = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string images = make_npy(header_text("|u1", "(4, 3, 2, 2)"), std::string(48, 'p'));
    std::string labels = make_npy(header_text("<u2", "(4,)"), std::string(8, '\0'));
    mutate(dice.below(2) == 0 ? images : labels, dice);
    const std::string file = folder.write(
        "set.npz", make_zip({{.name = "images.npy", .content = images}, {.name = "labels.npy", .content = labels}}));
    try {
      const Dataset dataset = open_dataset("npz:" + file, DataSplit::test);
      std::vector<std::uint8_t> pixels(static_cast<std::size_t>(dataset.shape.size()));
      for (std::int64_t i = 0; i < dataset.size; ++i) CHECK(dataset.read(i, pixels) < dataset.classes);
      ++read;
    } catch (const InputError& error) {
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 1000);
}
