// SPDX-License-Identifier: Apache-2.0
// CIFAR-10 and CIFAR-100 in their binary formats: records of one label byte (CIFAR-100: two, the coarse and the fine
// one) and 3 x 32 x 32 pixel bytes, channel-major.
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

/// What sets the two apart. The last label byte of a record is the class.
struct Format {
  std::string_view kind, shown;
  std::uint64_t label_bytes;
  int classes;
  std::vector<std::string> train, test;  ///< files

  std::uint64_t record_bytes() const { return label_bytes + pixel_bytes; }
};

Format cifar10() {
  Format format{"cifar10", "CIFAR-10", 1, 10, {}, {"test_batch.bin"}};
  for (int i = 1; i <= 5; ++i) format.train.push_back(fmt::format("data_batch_{}.bin", i));
  return format;
}

Format cifar100() { return {"cifar100", "CIFAR-100", 2, 100, {"train.bin"}, {"test.bin"}}; }

struct Batch {
  InputFile file;
  std::int64_t records = 0;

  explicit Batch(const std::filesystem::path& path) : file(path) {}
};
using Batches = std::vector<std::unique_ptr<Batch>>;

void check_label(const Format& format, const InputFile& file, std::int64_t record, std::uint8_t label) {
  if (label >= format.classes) {
    fail_input("{}: record {} has label {}; allowed: 0 to {}", file.name(), record, label, format.classes - 1);
  }
}

void check_labels(const Format& format, const Batch& batch) {
  constexpr std::int64_t at_once = 256;
  const std::uint64_t record_bytes = format.record_bytes();
  std::vector<std::uint8_t> bytes(at_once * record_bytes);
  for (std::int64_t first = 0; first < batch.records; first += at_once) {
    const std::int64_t count = std::min(at_once, batch.records - first);
    batch.file.read(first * record_bytes, std::span(bytes).first(count * record_bytes));
    for (std::int64_t i = 0; i < count; ++i) {
      check_label(format, batch.file, first + i, bytes[i * record_bytes + format.label_bytes - 1]);
    }
  }
}

std::unique_ptr<Batch> open_batch(const Format& format, const std::filesystem::path& path) {
  auto batch = std::make_unique<Batch>(path);
  const std::uint64_t size = batch->file.size(), record_bytes = format.record_bytes();
  if (size == 0 || size % record_bytes != 0) {
    fail_input("{}: {} bytes; a {} batch has a multiple of {} (10000 records: {})", batch->file.name(), size,
               format.shown, record_bytes, 10000 * record_bytes);
  }
  batch->records = static_cast<std::int64_t>(size / record_bytes);
  check_labels(format, *batch);
  return batch;
}

int read_record(const Format& format, const Batches& batches, std::int64_t index, std::span<std::uint8_t> pixels) {
  std::size_t b = 0;
  while (index >= batches[b]->records) index -= batches[b++]->records;
  const InputFile& file = batches[b]->file;
  const std::uint64_t end_of_labels = static_cast<std::uint64_t>(index) * format.record_bytes() + format.label_bytes;
  std::uint8_t label = 0;
  file.read(end_of_labels - 1, std::span(&label, 1));
  check_label(format, file, index, label);  // again: the file may have changed since it was opened
  file.read(end_of_labels, pixels);
  return label;
}

std::string folder_of(const Format& format, std::string_view place, bool has_place) {
  if (has_place) {
    if (place.empty()) fail_input("dataset \"{0}:\": no folder after the colon; write {0}:DIR", format.kind);
    return std::string(place);
  }
  const char* folder = std::getenv("CIMCYCLE_DATA");
  if (folder == nullptr || *folder == '\0') {
    fail_input(
        "dataset \"{0}\": no folder; write {0}:DIR or set the environment variable CIMCYCLE_DATA to the "
        "folder of {1}",
        format.kind, format.train.front());
  }
  return folder;
}

Dataset open_cifar(Format format, std::string_view place, bool has_place, DataSplit split) {
  const std::string folder = folder_of(format, place, has_place);
  const auto batches = std::make_shared<Batches>();
  std::int64_t images = 0;
  for (const std::string& file : split == DataSplit::train ? format.train : format.test) {
    batches->push_back(open_batch(format, std::filesystem::path(folder) / file));
    images += batches->back()->records;
  }
  return {.name = fmt::format("{}:{}", format.kind, folder),
          .split = split,
          .shape = cifar_shape,
          .size = images,
          .classes = format.classes,
          .read = [batches, format](std::int64_t index, std::span<std::uint8_t> pixels) {
            return read_record(format, *batches, index, pixels);
          }};
}

Dataset open_cifar10(std::string_view place, bool has_place, DataSplit split) {
  return open_cifar(cifar10(), place, has_place, split);
}

Dataset open_cifar100(std::string_view place, bool has_place, DataSplit split) {
  return open_cifar(cifar100(), place, has_place, split);
}

}  // namespace

const DatasetKind cifar10_kind{"cifar10", "cifar10:DIR", open_cifar10};
const DatasetKind cifar100_kind{"cifar100", "cifar100:DIR", open_cifar100};

}  // namespace cimcycle
