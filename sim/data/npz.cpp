// SPDX-License-Identifier: Apache-2.0
// The npz dataset. Sizes are compared with each other before memory of that size is asked for; stored images stay in
// the file and are read one by one, deflated ones are unpacked into memory.
#include "data/npz.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "data/input_file.h"
#include "data/npy.h"
#include "data/sources.h"
#include "data/zip.h"

namespace cimcycle {
namespace {

constexpr std::int64_t most_images = std::int64_t{1} << 24;
constexpr std::int64_t most_side = 4096;
constexpr std::int64_t most_image_bytes = std::int64_t{1} << 24;
constexpr std::int64_t most_label = 9999;
// Bounds what a small hostile archive can make us allocate; 350,000 images of CIFAR-10's size.
constexpr std::uint64_t most_unpacked_bytes = std::uint64_t{1} << 30;

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

// An array of the archive whose header has been read and whose data comes next.
struct OpenArray {
  std::string where;  // "FILE: images"
  NpyHeader header;
  ZipReader reader;
  std::uint64_t data_bytes;

  OpenArray(const InputFile& file, const ZipMember& member, const std::string& name)
      : where(fmt::format("{}: {}", file.name(), name)), reader(file, member) {
    std::array<std::uint8_t, npy_prefix_bytes> prefix;
    reader.read(prefix);
    const std::size_t data_at = npy_data_offset(prefix, where);
    if (data_at < npy_prefix_bytes) fail_input("{}: .npy header of {} bytes is too short", where, data_at);
    std::vector<std::uint8_t> bytes(prefix.begin(), prefix.end());
    bytes.resize(data_at);
    reader.read(std::span(bytes).subspan(npy_prefix_bytes));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    header = parse_npy_header(text.substr(npy_text_offset(prefix)), where);
    if (header.fortran_order) fail_input("{}: Fortran order; expected C order (numpy.ascontiguousarray)", where);
    data_bytes = member.size - data_at;
  }

  void check_data_bytes(std::uint64_t elements, std::uint64_t element_bytes) const {
    if (data_bytes != elements * element_bytes) {
      fail_input("{}: {} bytes of data, but shape {} of '{}' needs {}", where, data_bytes, shape_text(header.shape),
                 printable(header.descr), elements * element_bytes);
    }
  }
};

struct Images {
  InputFile file;
  Shape shape;
  std::int64_t count = 0;
  std::uint64_t data_at = 0;         // of stored images in the file
  std::vector<std::uint8_t> pixels;  // of deflated images; else empty
  std::vector<std::uint16_t> labels;
  int classes = 0;

  explicit Images(const std::filesystem::path& path) : file(path) {}
};

const ZipMember& find_array(const InputFile& file, const std::vector<ZipMember>& members, const std::string& name) {
  std::vector<std::string_view> names;
  for (const ZipMember& member : members) {
    if (member.name == name + ".npy") return member;
    names.push_back(member.name);
  }
  fail_input("{}: no array {}; found: {}", file.name(), name, names.empty() ? "none" : printable(join(names)));
}

void read_images(const ZipMember& member, Images& images) {
  OpenArray array(images.file, member, "images");
  const std::vector<std::int64_t>& sizes = array.header.shape;
  const NpyInteger type = npy_integer(array.header.descr, array.where);
  if (type.bytes != 1 || type.is_signed)
    fail_input("{}: dtype '{}'; expected '|u1' (uint8)", array.where, array.header.descr);
  if (sizes.size() != 4) fail_input("{}: shape {}; expected (N, C, H, W)", array.where, shape_text(sizes));
  if (sizes[0] < 1 || sizes[0] > most_images) {
    fail_input("{}: shape {}; allowed: 1 to {} images", array.where, shape_text(sizes), most_images);
  }
  for (std::size_t i = 1; i < 4; ++i) {
    if (sizes[i] < 1 || sizes[i] > most_side) {
      fail_input("{}: shape {}; allowed: C, H and W from 1 to {}", array.where, shape_text(sizes), most_side);
    }
  }
  images.count = sizes[0];
  images.shape = {static_cast<int>(sizes[1]), static_cast<int>(sizes[2]), static_cast<int>(sizes[3])};
  if (images.shape.size() > most_image_bytes) {
    fail_input("{}: {} bytes an image; allowed: up to {}", array.where, images.shape.size(), most_image_bytes);
  }
  array.check_data_bytes(static_cast<std::uint64_t>(images.count), static_cast<std::uint64_t>(images.shape.size()));
  if (member.deflated) {
    if (array.data_bytes > most_unpacked_bytes) {
      fail_input("{}: {} bytes; allowed: up to {} compressed with deflate, more with numpy.savez", array.where,
                 array.data_bytes, most_unpacked_bytes);
    }
    images.pixels.resize(array.data_bytes);
    array.reader.read(images.pixels);
  } else {
    // Once through the file for the checksum.
    images.data_at = array.reader.file_offset();
    std::vector<std::uint8_t> some(std::min<std::uint64_t>(array.data_bytes, 1 << 20));
    for (std::uint64_t left = array.data_bytes; left > 0;) {
      const std::uint64_t count = std::min<std::uint64_t>(left, some.size());
      array.reader.read(std::span(some).first(count));
      left -= count;
    }
  }
  array.reader.finish();
}

void read_labels(const ZipMember& member, Images& images) {
  OpenArray array(images.file, member, "labels");
  const std::vector<std::int64_t>& sizes = array.header.shape;
  const NpyInteger type = npy_integer(array.header.descr, array.where);
  if (sizes.size() != 1) fail_input("{}: shape {}; expected (N,)", array.where, shape_text(sizes));
  if (sizes[0] != images.count) fail_input("{}: {} labels for {} images", array.where, sizes[0], images.count);
  array.check_data_bytes(static_cast<std::uint64_t>(images.count), static_cast<std::uint64_t>(type.bytes));
  const std::size_t bytes = static_cast<std::size_t>(type.bytes);
  const std::size_t count = static_cast<std::size_t>(images.count);
  images.labels.reserve(count);
  // Piecewise, so that a compressed array of eight-byte zeros cannot take much memory.
  constexpr std::size_t at_once = 65536;
  std::vector<std::uint8_t> some(std::min(at_once, count) * bytes);
  for (std::size_t first = 0; first < count; first += at_once) {
    const std::size_t now = std::min(at_once, count - first);
    array.reader.read(std::span(some).first(now * bytes));
    for (std::size_t i = 0; i < now; ++i) {
      const std::int64_t label = npy_element(some, type, i);
      if (label < 0 || label > most_label) {
        fail_input("{}: label {} is {}; allowed: 0 to {}", array.where, first + i,
                   label == -1 && !type.is_signed ? "above 2^63" : std::to_string(label), most_label);
      }
      images.labels.push_back(static_cast<std::uint16_t>(label));
      images.classes = std::max(images.classes, static_cast<int>(label) + 1);
    }
  }
  array.reader.finish();
}

int read_image(const Images& images, std::int64_t index, std::span<std::uint8_t> pixels) {
  const std::uint64_t offset = static_cast<std::uint64_t>(index) * pixels.size();
  if (images.pixels.empty()) {
    images.file.read(images.data_at + offset, pixels);
  } else {
    std::copy_n(images.pixels.begin() + static_cast<std::ptrdiff_t>(offset), pixels.size(), pixels.begin());
  }
  return images.labels[static_cast<std::size_t>(index)];
}

Dataset open_npz(std::string_view place, bool, DataSplit split) {
  if (place.empty()) fail_input("dataset \"npz\": no file; write npz:FILE");
  std::filesystem::path path(place);
  // A folder holds one file per split, as training scripts expect it.
  if (std::filesystem::is_directory(path)) path /= fmt::format("{}.npz", split_name(split));
  const auto images = std::make_shared<Images>(path);
  const std::vector<ZipMember> members = zip_members(images->file);
  const ZipMember& image_member = find_array(images->file, members, "images");
  const ZipMember& label_member = find_array(images->file, members, "labels");
  read_images(image_member, *images);
  read_labels(label_member, *images);
  return {.name = fmt::format("npz:{}", place),
          .split = split,
          .shape = images->shape,
          .size = images->count,
          .classes = images->classes,
          .read = [images](std::int64_t index, std::span<std::uint8_t> pixels) {
            return read_image(*images, index, pixels);
          }};
}

}  // namespace

const DatasetKind npz_kind{"npz", "npz:FILE", open_npz};

std::string npz_file(Shape shape, std::span<const std::uint8_t> images, std::span<const int> labels) {
  const std::int64_t count = static_cast<std::int64_t>(labels.size());
  const std::array<std::int64_t, 4> image_sizes{count, shape.channels, shape.height, shape.width};
  const std::array<std::int64_t, 1> label_sizes{count};
  const bool narrow = std::all_of(labels.begin(), labels.end(), [](int label) { return label < 256; });
  std::array<ZipContent, 2> members;
  members[0] = {"images.npy", npy_header("|u1", image_sizes)};
  members[0].bytes.append(reinterpret_cast<const char*>(images.data()), images.size());
  members[1] = {"labels.npy", npy_header(narrow ? "|u1" : "<u2", label_sizes)};
  for (const int label : labels) {
    members[1].bytes += static_cast<char>(label & 0xff);
    if (!narrow) members[1].bytes += static_cast<char>(label >> 8);
  }
  return zip_archive(members);
}

}  // namespace cimcycle
