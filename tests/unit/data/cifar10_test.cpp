// SPDX-License-Identifier: Apache-2.0
// CIFAR-10 files: records in order over the batches, and every way in which a file can be wrong.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "data/dataset.h"
#include "error_text.h"
#include "temporary_folder.h"

using namespace cimcycle;
using test::input_error;
using test::ScratchFolder;

namespace {

// A pixel that depends on everything: batch, record and place.
unsigned char pixel(int batch, int record, int place) {
  return static_cast<unsigned char>(batch * 71 + record * 13 + place * 7 + place / 256);
}

std::string batch_bytes(int batch, int records) {
  std::string bytes;
  for (int r = 0; r < records; ++r) {
    bytes.push_back(static_cast<char>((batch + 3 * r) % 10));
    for (int p = 0; p < 3072; ++p) bytes.push_back(static_cast<char>(pixel(batch, r, p)));
  }
  return bytes;
}

// Batches of different length: batch b has b records, the test batch 4.
void write_batches(const ScratchFolder& folder) {
  for (int b = 1; b <= 5; ++b) folder.write(fmt::format("data_batch_{}.bin", b), batch_bytes(b, b));
  folder.write("test_batch.bin", batch_bytes(9, 4));
}

std::string error_of(const ScratchFolder& folder, DataSplit split) {
  return input_error([&] { open_dataset("cifar10:" + folder.path().string(), split); });
}

}  // namespace

TEST_CASE("CIFAR-10 records come in the order of the batches, from any thread") {
  const ScratchFolder folder;
  write_batches(folder);
  const Dataset train = open_dataset("cifar10:" + folder.path().string(), DataSplit::train);
  CHECK(train.name == "cifar10:" + folder.path().string());
  CHECK(train.split == DataSplit::train);
  CHECK(train.shape == Shape{3, 32, 32});
  CHECK(train.classes == 10);
  REQUIRE(train.size == 1 + 2 + 3 + 4 + 5);
  std::vector<int> wrong(2);
  const auto check_all = [&](int& errors, bool backwards) {
    std::vector<std::uint8_t> pixels(3072);
    for (int i = 0; i < 15; ++i) {
      const int index = backwards ? 14 - i : i;
      int batch = 1, record = index;
      while (record >= batch) record -= batch++;
      errors += train.read(index, pixels) != (batch + 3 * record) % 10;
      for (int p = 0; p < 3072; ++p) errors += pixels[static_cast<std::size_t>(p)] != pixel(batch, record, p);
    }
  };
  std::thread other([&] { check_all(wrong[0], true); });
  check_all(wrong[1], false);
  other.join();
  CHECK(wrong == std::vector<int>{0, 0});

  const Dataset test = open_dataset("cifar10:" + folder.path().string(), DataSplit::test);
  REQUIRE(test.size == 4);
  std::vector<std::uint8_t> pixels(3072);
  CHECK(test.read(3, pixels) == (9 + 9) % 10);
  CHECK(pixels[100] == pixel(9, 3, 100));
}

TEST_CASE("cifar10 without a folder takes it from CIMCYCLE_DATA") {
  const ScratchFolder folder;
  write_batches(folder);
  ::setenv("CIMCYCLE_DATA", folder.path().c_str(), 1);
  CHECK(open_dataset("cifar10", DataSplit::test).name == "cifar10:" + folder.path().string());
  ::unsetenv("CIMCYCLE_DATA");
  CHECK(input_error([] { open_dataset("cifar10", DataSplit::test); }) ==
        "dataset \"cifar10\": no folder; write cifar10:DIR or set the environment variable CIMCYCLE_DATA to the folder "
        "of "
        "data_batch_1.bin");
  CHECK(input_error([] { open_dataset("cifar10:", DataSplit::test); }) ==
        "dataset \"cifar10:\": no folder after the colon; write cifar10:DIR");
}

TEST_CASE("CIFAR-10 errors name the file, what was found and what is allowed") {
  const ScratchFolder folder;
  write_batches(folder);
  const std::string file = (folder.path() / "data_batch_3.bin").string();
  SECTION("missing") {
    std::filesystem::remove(file);
    CHECK(error_of(folder, DataSplit::train) == file + ": cannot be opened: No such file or directory");
    CHECK(error_of(folder, DataSplit::test) == "no error");
  }
  SECTION("empty") {
    folder.write("data_batch_3.bin", "");
    CHECK(error_of(folder, DataSplit::train) ==
          file + ": 0 bytes; a CIFAR-10 batch has a multiple of 3073 (10000 records: 30730000)");
  }
  SECTION("one byte short, one byte long") {
    std::string bytes = batch_bytes(3, 3);
    folder.write("data_batch_3.bin", bytes + "x");
    CHECK(error_of(folder, DataSplit::train) ==
          file + ": 9220 bytes; a CIFAR-10 batch has a multiple of 3073 (10000 records: 30730000)");
    bytes.pop_back();
    folder.write("data_batch_3.bin", bytes);
    CHECK(error_of(folder, DataSplit::train) ==
          file + ": 9218 bytes; a CIFAR-10 batch has a multiple of 3073 (10000 records: 30730000)");
  }
  SECTION("a label above 9, beyond the first block of records") {
    std::string bytes = batch_bytes(3, 300);
    bytes[299 * 3073] = 10;
    folder.write("data_batch_3.bin", bytes);
    CHECK(error_of(folder, DataSplit::train) == file + ": record 299 has label 10; allowed: 0 to 9");
  }
  SECTION("a folder in the file's place") {
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    CHECK(error_of(folder, DataSplit::train) == file + ": not a regular file");
  }
  SECTION("the file shrinks, or a label changes, after it was opened") {
    const Dataset train = open_dataset("cifar10:" + folder.path().string(), DataSplit::train);
    std::vector<std::uint8_t> pixels(3072);
    std::string bytes = batch_bytes(3, 3);
    bytes[3073] = 77;
    folder.write("data_batch_3.bin", bytes);
    CHECK(input_error([&] { train.read(4, pixels); }) == file + ": record 1 has label 77; allowed: 0 to 9");
    std::filesystem::resize_file(file, 3073 * 2 + 100);
    CHECK(input_error([&] { train.read(5, pixels); }) == file + ": ends at byte 6246, expected 9219 bytes or more");
  }
}

TEST_CASE("the reference copy of CIFAR-10 opens and has 5,000 and 1,000 images of each class") {
  const char* const named = std::getenv("CIMCYCLE_DATA");
  const std::filesystem::path folder = named == nullptr ? "" : named;
  if (!std::filesystem::exists(folder / "test_batch.bin")) {
    WARN("skipped: CIMCYCLE_DATA names no folder with the CIFAR-10 files");
    return;
  }
  for (const DataSplit split : {DataSplit::train, DataSplit::test}) {
    const Dataset dataset = open_dataset("cifar10:" + folder.string(), split);
    REQUIRE(dataset.size == (split == DataSplit::train ? 50000 : 10000));
    std::vector<int> counts(10);
    std::vector<std::uint8_t> pixels(3072);
    for (std::int64_t i = 0; i < dataset.size; ++i) ++counts[static_cast<std::size_t>(dataset.read(i, pixels))];
    CHECK(counts == std::vector<int>(10, static_cast<int>(dataset.size / 10)));
  }
}
