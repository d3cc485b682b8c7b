// SPDX-License-Identifier: Apache-2.0
// CIFAR-10 in its binary format: records of one label byte and 3 x 32 x 32 pixel bytes, channel-major.
// Format: A. Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "data/input_file.h"
#include "data/sources.h"

namespace cimcycle {
namespace {

constexpr Shape cifar_shape{3, 32, 32};
constexpr std::uint64_t pixel_bytes = 3 * 32 * 32;
constexpr std::uint64_t record_bytes = 1 + pixel_bytes;
constexpr int cifar_classes = 10;

struct Batch {
  InputFile file;
  std::int64_t records = 0;

  explicit Batch(const std::filesystem::path& path) : file(path) {}
};
using Batches = std::vector<std::unique_ptr<Batch>>;

void check_label(const InputFile& file, std::int64_t record, std::uint8_t label) {
  if (label >= cifar_classes) fail_input("{}: record {} has label {}; allowed: 0 to 9", file.name(), record, label);
}

void check_labels(const Batch& batch) {
  constexpr std::int64_t at_once = 256;
  std::vector<std::uint8_t> bytes(at_once * record_bytes);
  for (std::int64_t first = 0; first < batch.records; first += at_once) {
    const std::int64_t count = std::min(at_once, batch.records - first);
    batch.file.read(first * record_bytes, std::span(bytes).first(count * record_bytes));
    for (std::int64_t i = 0; i < count; ++i) check_label(batch.file, first + i, bytes[i * record_bytes]);
  }
}

std::unique_ptr<Batch> open_batch(const std::filesystem::path& path) {
  auto batch = std::make_unique<Batch>(path);
  const std::uint64_t size = batch->file.size();
  if (size == 0 || size % record_bytes != 0) {
    fail_input("{}: {} bytes; a CIFAR-10 batch has a multiple of {} (10000 records: 30730000)", batch->file.name(),
               size, record_bytes);
  }
  batch->records = static_cast<std::int64_t>(size / record_bytes);
  check_labels(*batch);
  return batch;
}

int read_record(const Batches& batches, std::int64_t index, std::span<std::uint8_t> pixels) {
  std::size_t b = 0;
  while (index >= batches[b]->records) index -= batches[b++]->records;
  const InputFile& file = batches[b]->file;
  const std::uint64_t offset = static_cast<std::uint64_t>(index) * record_bytes;
  std::uint8_t label = 0;
  file.read(offset, std::span(&label, 1));
  check_label(file, index, label);  // again: the file may have changed since it was opened
  file.read(offset + 1, pixels);
  return label;
}

std::string folder_of(std::string_view place, bool has_place) {
  if (has_place) {
    if (place.empty()) fail_input("dataset \"cifar10:\": no folder after the colon; write cifar10:DIR");
    return std::string(place);
  }
  const char* folder = std::getenv("CIMCYCLE_DATA");
  if (folder == nullptr || *folder == '\0') {
    fail_input(
        "dataset \"cifar10\": no folder; write cifar10:DIR or set the environment variable CIMCYCLE_DATA to the "
        "folder of data_batch_1.bin");
  }
  return folder;
}

Dataset open_cifar10(std::string_view place, bool has_place, DataSplit split) {
  const std::string folder = folder_of(place, has_place);
  const auto batches = std::make_shared<Batches>();
  std::int64_t images = 0;
  const int files = split == DataSplit::train ? 5 : 1;
  for (int i = 1; i <= files; ++i) {
    const std::string file = split == DataSplit::train ? fmt::format("data_batch_{}.bin", i) : "test_batch.bin";
    batches->push_back(open_batch(std::filesystem::path(folder) / file));
    images += batches->back()->records;
  }
  return {.name = "cifar10:" + folder,
          .split = split,
          .shape = cifar_shape,
          .size = images,
          .classes = cifar_classes,
          .read = [batches](std::int64_t index, std::span<std::uint8_t> pixels) {
            return read_record(*batches, index, pixels);
          }};
}

}  // namespace

const DatasetKind cifar10_kind{"cifar10", "cifar10:DIR", open_cifar10};

}  // namespace cimcycle
