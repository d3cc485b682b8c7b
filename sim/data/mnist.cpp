// SPDX-License-Identifier: Apache-2.0
// MNIST and the sets that have its format (Fashion-MNIST, KMNIST): a file of images and one of labels, each with a
// header of big-endian 32-bit numbers. Format: Y. LeCun, C. Cortes, C. Burges, "THE IDX FILE FORMAT", mnist page.
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "data/input_file.h"
#include "data/sources.h"

namespace cimcycle {
namespace {

constexpr std::uint32_t images_magic = 0x803, labels_magic = 0x801;  // bytes, three and one dimensions
constexpr std::uint64_t images_header = 16, labels_header = 8;
constexpr std::uint32_t most_side = 4096, most_images = 1 << 24;
constexpr int classes = 10;

std::uint32_t number(const InputFile& file, std::uint64_t offset) {
  std::uint8_t bytes[4];
  file.read(offset, bytes);
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

struct Files {
  InputFile images, labels;
  std::uint32_t count = 0, height = 0, width = 0;

  Files(const std::filesystem::path& image_file, const std::filesystem::path& label_file)
      : images(image_file), labels(label_file) {
    check_magic(images, images_magic);
    check_magic(labels, labels_magic);
    count = number(images, 4);
    height = number(images, 8);
    width = number(images, 12);
    if (count < 1 || count > most_images || height < 1 || height > most_side || width < 1 || width > most_side) {
      fail_input("{}: {} images of {} x {}; allowed: 1 to {} of 1 to {} pixels a side", images.name(), count, height,
                 width, most_images, most_side);
    }
    check_size(images, images_header + std::uint64_t{count} * height * width);
    if (number(labels, 4) != count) {
      fail_input("{}: {} labels for {} images", labels.name(), number(labels, 4), count);
    }
    check_size(labels, labels_header + count);
    std::vector<std::uint8_t> all(count);
    labels.read(labels_header, all);
    for (std::uint32_t i = 0; i < count; ++i) check_label(i, all[i]);
  }

  int read(std::int64_t index, std::span<std::uint8_t> pixels) const {
    const auto i = static_cast<std::uint64_t>(index);
    std::uint8_t label = 0;
    labels.read(labels_header + i, std::span(&label, 1));
    check_label(i, label);  // again: the file may have changed since it was opened
    images.read(images_header + i * height * width, pixels);
    return label;
  }

 private:
  static void check_magic(const InputFile& file, std::uint32_t magic) {
    const std::uint32_t found = number(file, 0);
    if (found != magic) {
      fail_input("{}: begins with {:#x}, expected {:#x}; a compressed file must be unpacked first", file.name(), found,
                 magic);
    }
  }
  static void check_size(const InputFile& file, std::uint64_t size) {
    if (file.size() != size) fail_input("{}: {} bytes, expected {}", file.name(), file.size(), size);
  }
  void check_label(std::uint64_t index, std::uint8_t label) const {
    if (label >= classes) fail_input("{}: label {} is {}; allowed: 0 to {}", labels.name(), index, label, classes - 1);
  }
};

Dataset open_mnist(std::string_view place, bool has_place, DataSplit split) {
  if (!has_place || place.empty()) fail_input("dataset \"mnist\": no folder; write mnist:DIR");
  const std::filesystem::path folder(place);
  const std::string name = split == DataSplit::train ? "train" : "t10k";
  const auto files =
      std::make_shared<const Files>(folder / (name + "-images-idx3-ubyte"), folder / (name + "-labels-idx1-ubyte"));
  return {.name = fmt::format("mnist:{}", place),
          .split = split,
          .shape = {1, static_cast<int>(files->height), static_cast<int>(files->width)},
          .size = files->count,
          .classes = classes,
          .read = [files](std::int64_t index, std::span<std::uint8_t> pixels) { return files->read(index, pixels); }};
}

}  // namespace

const DatasetKind mnist_kind{"mnist", "mnist:DIR", open_mnist};

}  // namespace cimcycle
