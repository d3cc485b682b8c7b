// SPDX-License-Identifier: Apache-2.0
// npz files that are right: made by hand, by NumPy's conventions, and by the product's own writer.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/npz.h"
#include "error_text.h"
#include "temporary_folder.h"
#include "zip_maker.h"

using namespace cimcycle;
using test::input_error;
using test::ScratchFolder;

namespace {

constexpr int image_bytes = 2 * 3 * 4;

std::string pixel_data(int images) {
  std::string data;
  for (int i = 0; i < images * image_bytes; ++i) data.push_back(static_cast<char>(i * 31 + i / 7));
  return data;
}

MadeMember images_member(int images, bool deflate = false) {
  return {.name = "images.npy",
          .content = make_npy(header_text("|u1", fmt::format("({}, 2, 3, 4)", images)), pixel_data(images)),
          .deflate = deflate};
}

// Reads every image and compares it with pixel_data; returns the labels.
std::vector<int> read_all(const Dataset& dataset) {
  const std::string expected = pixel_data(static_cast<int>(dataset.size));
  std::vector<int> labels;
  for (std::int64_t i = dataset.size; i-- > 0;) {
    std::vector<std::uint8_t> pixels(image_bytes);
    labels.insert(labels.begin(), dataset.read(i, pixels));
    const std::string found(pixels.begin(), pixels.end());
    CHECK(found == expected.substr(static_cast<std::size_t>(i) * image_bytes, image_bytes));
  }
  return labels;
}

}  // namespace

TEST_CASE("stored and deflated members, version 1 and 2 headers, extra fields and comments are read alike") {
  const ScratchFolder folder;
  for (const bool deflate : {false, true}) {
    for (const int major : {1, 2}) {
      MadeMember images = images_member(5, deflate);
      images.local_extra = std::string("\x01\x00\x10\x00", 4) + std::string(16, '\xff');
      const std::string labels = make_npy(header_text("|u1", "(5,)"), std::string("\x03\x00\x01\x02\x06", 5), major);
      const std::string file =
          folder.write("set.npz", make_zip({{.name = "other.npy", .content = "not an array"},
                                            images,
                                            {.name = "labels.npy", .content = labels, .deflate = deflate}},
                                           {.comment = "a comment"}));
      const Dataset dataset = open_dataset("npz:" + file, DataSplit::train);
      CHECK(dataset.name == "npz:" + file);
      CHECK(dataset.size == 5);
      CHECK(dataset.shape == Shape{2, 3, 4});
      CHECK(dataset.classes == 7);
      CHECK(read_all(dataset) == std::vector<int>{3, 0, 1, 2, 6});
    }
  }
}

TEST_CASE("labels of every integer type are read") {
  const ScratchFolder folder;
  const auto labels_of = [&](const std::string& descr, const std::string& data) {
    const std::string labels = make_npy(header_text(descr, "(2,)"), data);
    const std::string file =
        folder.write("set.npz", make_zip({images_member(2), {.name = "labels.npy", .content = labels}}));
    return read_all(open_dataset("npz:" + file, DataSplit::test));
  };
  const auto padded = [](int zeros, const char* digits, int count, bool front) {
    const std::string fill(static_cast<std::size_t>(zeros), '\0');
    const std::string value(digits, static_cast<std::size_t>(count));
    return front ? fill + value : value + fill;
  };
  const std::vector<int> expected{9, 258};
  for (const std::string sign : {"u", "i"}) {
    for (const int bytes : {2, 4, 8}) {
      CHECK(labels_of(fmt::format("<{}{}", sign, bytes),
                      padded(bytes - 2, "\x09\x00", 2, false) + padded(bytes - 2, "\x02\x01", 2, false)) == expected);
      CHECK(labels_of(fmt::format(">{}{}", sign, bytes),
                      padded(bytes - 2, "\x00\x09", 2, true) + padded(bytes - 2, "\x01\x02", 2, true)) == expected);
    }
    CHECK(labels_of(fmt::format("|{}1", sign), "\x09\x7f") == std::vector<int>{9, 127});
    CHECK(labels_of(fmt::format("<{}1", sign), "\x09\x7f") == std::vector<int>{9, 127});
  }
}

TEST_CASE("headers may order their keys and space as Python allows") {
  const ScratchFolder folder;
  const std::string header = "{ 'shape':(2,) ,'fortran_order' : False,'descr':'|u1'}";
  const std::string labels = make_npy(header, std::string("\x01\x02", 2));
  const std::string file =
      folder.write("set.npz", make_zip({images_member(2), {.name = "labels.npy", .content = labels}}));
  CHECK(read_all(open_dataset("npz:" + file, DataSplit::test)) == std::vector<int>{1, 2});
}

TEST_CASE("a folder holds one file per split") {
  const ScratchFolder folder;
  const auto write_set = [&](const std::string& name, int images) {
    const std::string fours(static_cast<std::size_t>(images), '\x04');
    const std::string labels = make_npy(header_text("|u1", fmt::format("({},)", images)), fours);
    folder.write(name, make_zip({images_member(images), {.name = "labels.npy", .content = labels}}));
  };
  write_set("train.npz", 3);
  write_set("test.npz", 2);
  CHECK(open_dataset("npz:" + folder.path().string(), DataSplit::train).size == 3);
  CHECK(open_dataset("npz:" + folder.path().string(), DataSplit::test).size == 2);
  std::filesystem::remove(folder.path() / "train.npz");
  CHECK(input_error([&] { open_dataset("npz:" + folder.path().string(), DataSplit::train); }) ==
        (folder.path() / "train.npz").string() + ": cannot be opened: No such file or directory");
}

TEST_CASE("what the writer writes, byte for byte and read again") {
  const ScratchFolder folder;
  const std::string data = pixel_data(3);
  const std::vector<std::uint8_t> pixels(data.begin(), data.end());
  const std::string written = npz_file({2, 3, 4}, pixels, std::vector<int>{0, 255, 7});

  // NumPy's own header text for these arrays; the zip around it differs from make_zip's in the date alone.
  const std::string expected = make_zip(
      {images_member(3),
       {.name = "labels.npy", .content = make_npy(header_text("|u1", "(3,)"), std::string("\x00\xff\x07", 3))}});
  REQUIRE(written.size() == expected.size());
  int differences = 0;
  for (std::size_t i = 0; i < written.size(); ++i) differences += written[i] != expected[i];
  CHECK(differences == 4);  // the day of two members, each in two places

  CHECK(read_all(open_dataset("npz:" + folder.write("set.npz", written).string(), DataSplit::test)) ==
        std::vector<int>{0, 255, 7});
  const std::string wide = npz_file({2, 3, 4}, pixels, std::vector<int>{0, 256, 9999});
  CHECK(read_all(open_dataset("npz:" + folder.write("wide.npz", wide).string(), DataSplit::test)) ==
        std::vector<int>{0, 256, 9999});
}

TEST_CASE("compressed images larger than one buffer are read whole") {
  const ScratchFolder folder;
  std::string pixels;
  std::uint32_t state = 1;
  for (int i = 0; i < 3 * 100000; ++i)
    pixels.push_back(static_cast<char>((state = state * 1664525u + 1013904223u) >> 24));
  const std::string images = make_npy(header_text("|u1", "(3, 1, 250, 400)"), pixels);
  const std::string labels = make_npy(header_text("|u1", "(3,)"), "\x01\x02\x03");
  for (const bool deflate : {false, true}) {
    const std::string file =
        folder.write("set.npz", make_zip({{.name = "images.npy", .content = images, .deflate = deflate},
                                          {.name = "labels.npy", .content = labels}}));
    const Dataset dataset = open_dataset("npz:" + file, DataSplit::test);
    for (int i = 0; i < 3; ++i) {
      std::vector<std::uint8_t> found(100000);
      CHECK(dataset.read(i, found) == i + 1);
      CHECK(std::string(found.begin(), found.end()) == pixels.substr(static_cast<std::size_t>(i) * 100000, 100000));
    }
  }
}

TEST_CASE("deflated runs of every length are read whole") {
  // Runs make matches of up to 258 bytes, so that all input is used up before all output is there.
  const ScratchFolder folder;
  for (int images = 1; images < 600; images += 7) {
    const std::string pixels(static_cast<std::size_t>(images), 'p');
    const std::string fives(static_cast<std::size_t>(images), '\x05');
    const std::string file = folder.write(
        "set.npz", make_zip({{.name = "images.npy",
                              .content = make_npy(header_text("|u1", fmt::format("({}, 1, 1, 1)", images)), pixels),
                              .deflate = true},
                             {.name = "labels.npy",
                              .content = make_npy(header_text("|u1", fmt::format("({},)", images)), fives),
                              .deflate = true}}));
    const Dataset dataset = open_dataset("npz:" + file, DataSplit::test);
    REQUIRE(dataset.size == images);
    std::vector<std::uint8_t> pixel(1);
    CHECK(dataset.read(images - 1, pixel) == 5);
    CHECK(pixel[0] == 'p');
  }
}
