// SPDX-License-Identifier: Apache-2.0
// Folders of pictures: order, formats, damage.
#include <catch2/catch.hpp>

#include <png.h>

#include <filesystem>
#include <random>
#include <vector>

#include "base/error.h"
#include "data/dataset.h"
#include "data/picture.h"
#include "error_text.h"
#include "temporary_folder.h"

using namespace cimcycle;
using test::input_error;
using test::ScratchFolder;

namespace {

std::string png_of(unsigned format, unsigned width, unsigned height, const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  png_alloc_size_t size = 0;
  REQUIRE(png_image_write_get_memory_size(image, size, 0, pixels.data(), 0, nullptr) != 0);
  std::string bytes(size, '\0');
  REQUIRE(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr) != 0);
  bytes.resize(size);
  return bytes;
}

void write(const ScratchFolder& folder, const std::string& file, const std::string& bytes) {
  std::filesystem::create_directories((folder.path() / file).parent_path());
  folder.write(file, bytes);
}

}  // namespace

TEST_CASE("PNG, PPM and PGM give the same bytes, channel by channel") {
  const ScratchFolder folder;
  const std::vector<std::uint8_t> colour = {1, 2, 3, 4, 5, 6};
  folder.write("a.png", png_of(PNG_FORMAT_RGB, 2, 1, colour));
  folder.write("b.ppm", "P6\n# two pixels\n2 1\n255\n" + std::string(colour.begin(), colour.end()));
  folder.write("c.png", png_of(PNG_FORMAT_GRAY, 2, 1, {7, 9}));
  folder.write("d.pgm", "P5 2 1 255\n\7\11");
  folder.write("e.png", png_of(PNG_FORMAT_RGBA, 2, 1, {1, 2, 3, 0, 4, 5, 6, 128}));
  std::vector<std::uint8_t> pixels(6);
  for (const char* name : {"a.png", "b.ppm", "e.png"}) {
    CHECK(picture_shape(folder.path() / name) == Shape{3, 1, 2});
    read_picture(folder.path() / name, {3, 1, 2}, pixels);
    if (std::string(name) != "e.png") CHECK(pixels == std::vector<std::uint8_t>{1, 4, 2, 5, 3, 6});
  }
  CHECK(pixels[1] == 4);  // transparency changes nothing
  pixels.resize(2);
  for (const char* name : {"c.png", "d.pgm"}) {
    CHECK(picture_shape(folder.path() / name) == Shape{1, 1, 2});
    read_picture(folder.path() / name, {1, 1, 2}, pixels);
    CHECK(pixels == std::vector<std::uint8_t>{7, 9});
  }
}

TEST_CASE("16-bit samples are scaled, not taken for linear light") {
  // One grey pixel of 0x8040, made with Python's zlib: 127.75 of 255.
  const std::vector<std::uint8_t> bytes = {
      137, 80, 78, 71, 13, 10,  26,  10,  0,   0,  0, 13, 73, 72, 68, 82, 0,  0,  0,   1,   0,  0,   0,
      1,   16, 0,  0,  0,  0,   106, 238, 71,  22, 0, 0,  0,  11, 73, 68, 65, 84, 120, 156, 99, 104, 112,
      0,   0,  1,  67, 0,  193, 95,  212, 149, 13, 0, 0,  0,  0,  73, 69, 78, 68, 174, 66,  96, 130};
  const ScratchFolder folder;
  folder.write("x.png", std::string(bytes.begin(), bytes.end()));
  std::vector<std::uint8_t> pixel(1);
  read_picture(folder.path() / "x.png", {1, 1, 1}, pixel);
  CHECK(pixel[0] == 128);
}

TEST_CASE("classes take turns, in the order of their names") {
  const ScratchFolder folder;
  const auto picture = [](char value) { return std::string("P5 1 1 255\n") + value; };
  write(folder, "cats/1.pgm", picture(1));
  write(folder, "cats/2.pgm", picture(2));
  write(folder, "dogs/1.pgm", picture(3));
  write(folder, "dogs/notes.txt", "no picture");
  const Dataset all = open_dataset("images:" + folder.path().string(), DataSplit::train);
  CHECK(all.classes == 2);
  REQUIRE(all.size == 3);
  std::vector<std::uint8_t> pixel(1);
  std::vector<int> labels;
  std::vector<int> values;
  for (int i = 0; i < 3; ++i) {
    labels.push_back(all.read(i, pixel));
    values.push_back(pixel[0]);
  }
  CHECK(labels == std::vector<int>{0, 1, 0});
  CHECK(values == std::vector<int>{1, 3, 2});

  write(folder, "train/cats/1.pgm", picture(4));
  write(folder, "test/cats/1.pgm", picture(5));
  CHECK(open_dataset("images:" + folder.path().string(), DataSplit::test).read(0, pixel) == 0);
  CHECK(pixel[0] == 5);
}

TEST_CASE("pictures that are none, or of another size") {
  const ScratchFolder folder;
  const std::string name = "images:" + folder.path().string();
  CHECK(input_error([&] { open_dataset(name, DataSplit::test); }).find("no pictures") != std::string::npos);
  write(folder, "a/1.pgm", "P5 1 1 255\nx");
  write(folder, "a/2.pgm", "P5 2 1 255\nxy");
  const Dataset two = open_dataset(name, DataSplit::test);
  std::vector<std::uint8_t> pixel(1);
  CHECK(input_error([&] {
          two.read(1, pixel);
        }).find("2 x 1 pixels in 1 channels, but the first picture has 1 x 1 in 1") != std::string::npos);
  for (const char* bytes : {"", "P", "P5", "P5 0 1 255\n", "P6 1 1 65535\nabcdef", "P5 99999999 1 255\n",
                            "P6 2 2 255\nab", "\x89PNG\r\n\x1a\n"}) {
    folder.write("x.png", bytes);
    INFO(bytes);
    CHECK(input_error([&] { read_picture(folder.path() / "x.png", {1, 1, 1}, pixel); }) != "no error");
  }
}

TEST_CASE("damaged PNG files are refused or read") {
  const ScratchFolder folder;
  std::vector<std::uint8_t> pixels(300);
  const std::string good = png_of(PNG_FORMAT_RGB, 10, 10, pixels);
  std::mt19937_64 random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    for (int hits = 0; hits < 3; ++hits) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (i % 7 == 0) bytes.resize(random() % bytes.size());
    folder.write("x.png", bytes);
    try {
      read_picture(folder.path() / "x.png", {3, 10, 10}, pixels);
    } catch (const InputError&) {
    }
  }
}
