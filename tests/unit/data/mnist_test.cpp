// SPDX-License-Identifier: Apache-2.0
// MNIST's files and CIFAR-100's: images in order, and every way in which a file can be wrong.
#include <catch2/catch.hpp>

#include <vector>

#include "data/dataset.h"
#include "error_text.h"
#include "temporary_folder.h"

using namespace cimcycle;
using test::input_error;
using test::ScratchFolder;

namespace {

std::string big_endian(std::initializer_list<unsigned> numbers) {
  std::string bytes;
  for (const unsigned number : numbers) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift & 255));
  }
  return bytes;
}

std::string images(unsigned count) {
  std::string bytes = big_endian({0x803, count, 2, 3});
  for (unsigned i = 0; i < count * 6; ++i) bytes.push_back(static_cast<char>(i * 5));
  return bytes;
}

std::string labels(unsigned count) {
  std::string bytes = big_endian({0x801, count});
  for (unsigned i = 0; i < count; ++i) bytes.push_back(static_cast<char>(i * 3 % 10));
  return bytes;
}

std::string error_of(const ScratchFolder& folder, const std::string& kind) {
  const std::string text = input_error([&] { open_dataset(kind + ":" + folder.path().string(), DataSplit::test); });
  const std::size_t slash = text.find(folder.path().string());
  return slash == std::string::npos ? text : text.substr(slash + folder.path().string().size() + 1);
}

}  // namespace

TEST_CASE("MNIST images and labels") {
  const ScratchFolder folder;
  folder.write("t10k-images-idx3-ubyte", images(4));
  folder.write("t10k-labels-idx1-ubyte", labels(4));
  const Dataset test = open_dataset("mnist:" + folder.path().string(), DataSplit::test);
  CHECK(test.shape == Shape{1, 2, 3});
  CHECK(test.classes == 10);
  REQUIRE(test.size == 4);
  std::vector<std::uint8_t> pixels(6);
  CHECK(test.read(2, pixels) == 6);
  CHECK(pixels == std::vector<std::uint8_t>{60, 65, 70, 75, 80, 85});
}

TEST_CASE("MNIST files that are not what they should be") {
  const ScratchFolder folder;
  CHECK(error_of(folder, "mnist").starts_with("t10k-images-idx3-ubyte: cannot be opened"));
  folder.write("t10k-images-idx3-ubyte", "\x1f\x8b and so on");
  folder.write("t10k-labels-idx1-ubyte", labels(4));
  CHECK(error_of(folder, "mnist") ==
        "t10k-images-idx3-ubyte: begins with 0x1f8b2061, expected 0x803; a compressed file must be unpacked first");
  folder.write("t10k-images-idx3-ubyte", images(4) + "x");
  CHECK(error_of(folder, "mnist") == "t10k-images-idx3-ubyte: 41 bytes, expected 40");
  folder.write("t10k-images-idx3-ubyte", images(3));
  CHECK(error_of(folder, "mnist") == "t10k-labels-idx1-ubyte: 4 labels for 3 images");
  folder.write("t10k-images-idx3-ubyte", big_endian({0x803, 1, 70000, 3}));
  CHECK(error_of(folder, "mnist") ==
        "t10k-images-idx3-ubyte: 1 images of 70000 x 3; allowed: 1 to 16777216 of 1 to 4096 pixels a side");
  folder.write("t10k-images-idx3-ubyte", images(1));
  folder.write("t10k-labels-idx1-ubyte", big_endian({0x801, 1}) + "\x0b");
  CHECK(error_of(folder, "mnist") == "t10k-labels-idx1-ubyte: label 0 is 11; allowed: 0 to 9");
}

TEST_CASE("CIFAR-100 records have two labels, of which the second counts") {
  const ScratchFolder folder;
  std::string record = {3, 77};
  record += std::string(3072, '\5');
  folder.write("test.bin", record);
  const Dataset test = open_dataset("cifar100:" + folder.path().string(), DataSplit::test);
  CHECK(test.classes == 100);
  REQUIRE(test.size == 1);
  std::vector<std::uint8_t> pixels(3072);
  CHECK(test.read(0, pixels) == 77);
  CHECK(pixels == std::vector<std::uint8_t>(3072, 5));
  folder.write("test.bin", record + "x");
  CHECK(error_of(folder, "cifar100") ==
        "test.bin: 3075 bytes; a CIFAR-100 batch has a multiple of 3074 (10000 records: 30740000)");
  record[1] = 100;
  folder.write("test.bin", record);
  CHECK(error_of(folder, "cifar100") == "test.bin: record 0 has label 100; allowed: 0 to 99");
}
