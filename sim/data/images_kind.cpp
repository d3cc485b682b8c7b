// SPDX-License-Identifier: Apache-2.0
// A folder of pictures by class: DIR/train/CLASS/*.png and DIR/test/CLASS/*.png, or DIR/CLASS/*.png for both splits.
// Classes and files count in the order of their names.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "data/picture.h"
#include "data/sources.h"

namespace cimcycle {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_classes = 10000, most_files = 1 << 24;

struct File {
  fs::path path;
  int label = 0;
};

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
    if (entries.size() > most_files) fail_input("{}: more than {} files", printable(folder.string()), most_files);
  }
  if (error) fail_input("{}: cannot be read: {}", printable(folder.string()), error.message());
  std::ranges::sort(entries);
  return entries;
}

bool is_picture(const fs::path& file) {
  const std::string ending = file.extension().string();
  return ending == ".png" || ending == ".PNG" || ending == ".ppm" || ending == ".pgm";
}

Dataset open_images_kind(std::string_view place, bool has_place, DataSplit split) {
  if (!has_place || place.empty()) fail_input("dataset \"images\": no folder; write images:DIR");
  const std::string name = printable(place);
  fs::path folder(place);
  std::error_code error;
  if (fs::is_directory(folder / "train", error) && fs::is_directory(folder / "test", error))
    folder /= split_name(split);
  const auto files = std::make_shared<std::vector<File>>();
  int classes = 0;
  for (const fs::path& entry : sorted_entries(folder)) {
    if (!fs::is_directory(entry, error)) continue;
    if (static_cast<std::size_t>(classes) == most_classes) fail_input("{}: more than {} classes", name, most_classes);
    for (const fs::path& file : sorted_entries(entry)) {
      if (is_picture(file)) files->push_back({file, classes});
    }
    ++classes;
  }
  if (files->empty()) {
    fail_input("images:{}: no pictures; expected folders of .png, .ppm or .pgm files, one folder per class", name);
  }
  // Classes follow each other, so that the first images of a sorted list would all be of one: spread them evenly.
  std::vector<std::size_t> position(static_cast<std::size_t>(classes), 0);
  std::vector<std::size_t> order(files->size());
  for (std::size_t i = 0; i < files->size(); ++i) order[i] = position[static_cast<std::size_t>((*files)[i].label)]++;
  std::vector<std::size_t> by_turn(files->size());
  for (std::size_t i = 0; i < by_turn.size(); ++i) by_turn[i] = i;
  std::ranges::stable_sort(by_turn, {}, [&](std::size_t i) { return order[i]; });
  auto turned = std::make_shared<std::vector<File>>();
  for (const std::size_t i : by_turn) turned->push_back((*files)[i]);
  const Shape shape = picture_shape(turned->front().path);
  return {.name = fmt::format("images:{}", place),
          .split = split,
          .shape = shape,
          .size = static_cast<std::int64_t>(turned->size()),
          .classes = classes,
          .read = [turned, shape](std::int64_t index, std::span<std::uint8_t> pixels) {
            const File& file = (*turned)[static_cast<std::size_t>(index)];
            read_picture(file.path, shape, pixels);
            return file.label;
          }};
}

}  // namespace

const DatasetKind images_kind{"images", "images:DIR", open_images_kind};

}  // namespace cimcycle
