// SPDX-License-Identifier: Apache-2.0
// npz files that are wrong: the full text of each message.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "data/dataset.h"
#include "error_text.h"
#include "temporary_folder.h"
#include "zip_maker.h"

using namespace cimcycle;
using test::input_error;
using test::ScratchFolder;

namespace {

const std::string image_data(2 * 12, 'i');

MadeMember images_member(const std::string& header, const std::string& data = image_data) {
  return {.name = "images.npy", .content = make_npy(header, data)};
}
MadeMember labels_member(const std::string& header, const std::string& data) {
  return {.name = "labels.npy", .content = make_npy(header, data)};
}

const MadeMember good_images = images_member(header_text("|u1", "(2, 3, 2, 2)"));
const MadeMember good_labels = labels_member(header_text("|u1", "(2,)"), "\x01\x02");

// The message without the file's path in front.
std::string error_of_bytes(const std::string& bytes) {
  const ScratchFolder folder;
  const std::string file = folder.write("set.npz", bytes);
  const std::string text = input_error([&] { open_dataset("npz:" + file, DataSplit::test); });
  if (text.rfind(file + ": ", 0) != 0) return "without the path: " + text;
  CHECK(text.find('\n') == std::string::npos);
  return text.substr(file.size() + 2);
}

std::string images_error(const MadeMember& images) { return error_of_bytes(make_zip({images, good_labels})); }
std::string labels_error(const MadeMember& labels) { return error_of_bytes(make_zip({good_images, labels})); }
std::string header_error(const std::string& header) { return images_error(images_member(header)); }

}  // namespace

TEST_CASE("the good file of these tests opens") {
  CHECK(error_of_bytes(make_zip({good_images, good_labels})) == "without the path: no error");
}

TEST_CASE("files that are no zip archive") {
  const std::string no_end = "not a zip archive, or cut off: no end record";
  CHECK(error_of_bytes("") == no_end);
  CHECK(error_of_bytes("PK\x05\x06") == no_end);
  CHECK(error_of_bytes(std::string(100000, 'x')) == no_end);
  const std::string good = make_zip({good_images, good_labels});
  CHECK(error_of_bytes(good.substr(0, good.size() - 1)) == no_end);
  CHECK(error_of_bytes(good.substr(0, good.size() / 2)) == no_end);
}

TEST_CASE("damaged directories") {
  const std::vector<MadeMember> members{good_images, good_labels};
  CHECK(error_of_bytes(make_zip(members, {.members = 3})) == "damaged zip archive: directory entry 3 of 3");
  CHECK(error_of_bytes(make_zip(members, {.directory_at = 1})) == "damaged zip archive: directory entry 1 of 2");
  CHECK(error_of_bytes(make_zip(members, {.directory_bytes = 100})) == "damaged zip archive: directory entry 2 of 2");
  CHECK(error_of_bytes(make_zip(members, {.directory_at = 100000})) ==
        "damaged zip archive: its directory exceeds the file");
  CHECK(error_of_bytes(make_zip(members, {.directory_bytes = 1000000})) ==
        "damaged zip archive: its directory exceeds the file");
  CHECK(error_of_bytes(make_zip(members, {.members = 2000})) ==
        "2000 members in a directory of 112 bytes; allowed: 1024 members, 1048576 bytes");
  CHECK(error_of_bytes(make_zip(members, {.directory_bytes = 2000000})) ==
        "2 members in a directory of 2000000 bytes; allowed: 1024 members, 1048576 bytes");
  CHECK(error_of_bytes(make_zip(members, {.directory_at = 0xffffffff})) ==
        "a zip64 archive; allowed: archives below 4 GiB");
  CHECK(error_of_bytes(make_zip(members, {.disk = 1})) == "a split zip archive; expected one file");
  CHECK(error_of_bytes(make_zip({good_images, good_images, good_labels})) == "member images.npy twice");
}

TEST_CASE("members that cannot be read") {
  MadeMember images = good_images;
  SECTION("encrypted") {
    images.flags = 1;
    CHECK(images_error(images) == "images.npy: encrypted; expected a plain member");
  }
  SECTION("another compression") {
    images.method = 12;
    CHECK(images_error(images) == "images.npy: compression method 12; known: 0 (stored), 8 (deflated)");
  }
  SECTION("zip64") {
    images.size = 0xffffffff;
    CHECK(images_error(images) == "images.npy: a zip64 member; allowed: below 4 GiB");
  }
  SECTION("stored with two sizes") {
    images.size = 1000;
    CHECK(images_error(images) == "images.npy: stored, but 1000 bytes became 152");
  }
  SECTION("beyond the file") {
    images.header_at = 100000;
    CHECK(images_error(images) == "images.npy: reaches beyond the end of the file");
  }
  SECTION("not where the directory says") {
    images.header_at = 1;
    CHECK(images_error(images) == "images.npy: no local header where the directory says");
  }
  SECTION("wrong checksum") {
    images.crc = 0x12345678;
    const std::string text = images_error(images);
    CHECK(text.substr(0, 21) == "images.npy: checksum ");
    CHECK(text.substr(29) == ", the archive says 12345678");
  }
  SECTION("a bomb's size") {
    images.deflate = true;
    images.size = 0x7fffffff;
    images.packed = 100;
    CHECK(images_error(images) == "images.npy: 100 bytes cannot unpack to 2147483647");
  }
  SECTION("a deflate stream that is none") {
    images.content = std::string(200, '\xff');  // block type 3 is reserved
    images.method = 8;
    CHECK(images_error(images) == "images.npy: damaged deflate stream");
  }
  SECTION("a deflate stream that is cut off") {
    images.deflate = true;
    images.packed = 60;
    CHECK(images_error(images) == "images.npy: the deflate stream is cut off");
  }
  SECTION("a deflate stream that is shorter or longer than promised") {
    images.deflate = true;
    const std::uint32_t size = static_cast<std::uint32_t>(images.content.size());
    images.size = size + 12;
    images.content = make_npy(header_text("|u1", "(3, 3, 2, 2)"), image_data);
    CHECK(images_error(images) == "images.npy: the deflate stream ends too early");
    images.size = size - 12;
    images.content = make_npy(header_text("|u1", "(1, 3, 2, 2)"), image_data);
    CHECK(images_error(images) == "images.npy: unpacks to more than 140 bytes");
  }
  SECTION("empty") {
    images.content.clear();
    CHECK(images_error(images) == "images.npy: ends after 0 bytes");
  }
}

TEST_CASE("missing arrays") {
  CHECK(error_of_bytes(make_zip({good_labels})) == "no array images; found: labels.npy");
  CHECK(error_of_bytes(make_zip({good_images, {.name = "label.npy", .content = ""}})) ==
        "no array labels; found: images.npy, label.npy");
  CHECK(error_of_bytes(make_zip({})) == "no array images; found: none");
}

TEST_CASE(".npy headers that are none") {
  MadeMember images = good_images;
  images.content = "not a numpy array";
  CHECK(images_error(images) == "images: not a .npy array: starts with \"not a \"");
  images.content = make_npy(header_text("|u1", "(2, 3, 2, 2)"), image_data, 3);
  CHECK(images_error(images) == "images: .npy version 3.0; known: 1.0, 2.0");
  images.content = make_npy(header_text("|u1", "(2, 3, 2, 2)") + std::string(70000, ' '), image_data, 2);
  CHECK(images_error(images) == "images: .npy header of 70068 bytes; allowed: up to 65536");
  images.content = std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12);
  CHECK(images_error(images) == "images: .npy header of 4294967295 bytes; allowed: up to 65536");
  images.content = std::string("\x93NUMPY\x01\x00\x01\x00  ", 12);
  CHECK(images_error(images) == "images: .npy header of 11 bytes is too short");
  images.content = good_images.content.substr(0, 100);
  CHECK(images_error(images) == "images.npy: ends after 100 bytes");
}

TEST_CASE(".npy header texts that are wrong") {
  const auto at = [](int place, const std::string& reason, const std::string& found) {
    return "images: .npy header, character " + std::to_string(place) + ": " + reason + "; found \"" + found + "\"";
  };
  CHECK(header_error("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2, 2), }") ==
        "images: Fortran order; expected C order (numpy.ascontiguousarray)");
  CHECK(header_error("{'descr': '|u1', 'shape': (2, 3, 2, 2), }") == "images: .npy header lacks fortran_order");
  CHECK(header_error("{}") == "images: .npy header lacks descr");
  CHECK(header_error("{'descr': '|u1', 'descr': '|u1'}") == at(25, "a key stands there twice", " '|u1'}"));
  CHECK(header_error("{'dtype': '|u1'}") ==
        at(9, "unknown key 'dtype'; known: descr, fortran_order, shape", " '|u1'}"));
  CHECK(header_error("[1]") == at(0, "expected '{'", "[1]"));
  CHECK(header_error("{'descr': [('x', '<i4')]}") == at(10, "expected '''", "[('x', '<i4')]}"));
  CHECK(header_error("{'shape': (99999999999999999999,)}") == at(21, "a size exceeds 2147483647", "9999999999,)}"));
  CHECK(header_error("{'shape': (-2, 3)}") == at(11, "expected a size", "-2, 3)}"));
  CHECK(header_error("{'shape': (2)}") == at(12, "a tuple of one size ends in a comma", ")}"));
  CHECK(header_error("{'shape': (1,1,1,1,1,1,1,1,1)}") == at(27, "more than 8 dimensions", "1)}"));
  CHECK(header_error("{'fortran_order': 0}") == at(18, "expected 'False'", "0}"));
  CHECK(header_error("{'descr") == at(2, "the quote is not closed", "descr"));
  CHECK(header_error(header_text("|u1", "(2, 3, 2, 2)") + " x") == at(66, "expected the end of the header", "x"));
}

TEST_CASE("images of another type or shape") {
  const auto wrong_type = [](const std::string& descr) { return header_error(header_text(descr, "(2, 3, 2, 2)")); };
  CHECK(wrong_type("<f4") == "images: dtype '<f4'; expected an integer of 1, 2, 4 or 8 bytes, such as '|u1' or '<i8'");
  CHECK(wrong_type("|O") == "images: dtype '|O'; expected an integer of 1, 2, 4 or 8 bytes, such as '|u1' or '<i8'");
  CHECK(wrong_type("|i1") == "images: dtype '|i1'; expected '|u1' (uint8)");
  CHECK(wrong_type("<i8") == "images: dtype '<i8'; expected '|u1' (uint8)");
  const auto wrong_shape = [](const std::string& shape) { return header_error(header_text("|u1", shape)); };
  CHECK(wrong_shape("(2, 12)") == "images: shape (2, 12); expected (N, C, H, W)");
  CHECK(wrong_shape("()") == "images: shape (); expected (N, C, H, W)");
  CHECK(wrong_shape("(0, 3, 2, 2)") == "images: shape (0, 3, 2, 2); allowed: 1 to 16777216 images");
  CHECK(wrong_shape("(2147483647, 3, 2, 2)") == "images: shape (2147483647, 3, 2, 2); allowed: 1 to 16777216 images");
  CHECK(wrong_shape("(2, 3, 0, 2)") == "images: shape (2, 3, 0, 2); allowed: C, H and W from 1 to 4096");
  CHECK(wrong_shape("(2, 3, 2, 5000)") == "images: shape (2, 3, 2, 5000); allowed: C, H and W from 1 to 4096");
  CHECK(wrong_shape("(2, 3, 4096, 4096)") == "images: 50331648 bytes an image; allowed: up to 16777216");
  CHECK(wrong_shape("(3, 3, 2, 2)") == "images: 24 bytes of data, but shape (3, 3, 2, 2) of '|u1' needs 36");
  CHECK(wrong_shape("(1, 3, 2, 2)") == "images: 24 bytes of data, but shape (1, 3, 2, 2) of '|u1' needs 12");
}

TEST_CASE("labels that do not fit the images") {
  const auto error = [](const std::string& descr, const std::string& shape, const std::string& data) {
    return labels_error(labels_member(header_text(descr, shape), data));
  };
  CHECK(error("|u1", "(3,)", "\x01\x02\x03") == "labels: 3 labels for 2 images");
  CHECK(error("|u1", "(2, 1)", "\x01\x02") == "labels: shape (2, 1); expected (N,)");
  CHECK(error("<f8", "(2,)", std::string(16, '\0')) ==
        "labels: dtype '<f8'; expected an integer of 1, 2, 4 or 8 bytes, such as '|u1' or '<i8'");
  CHECK(error("|u4", "(2,)", std::string(8, '\0')) ==
        "labels: dtype '|u4'; expected an integer of 1, 2, 4 or 8 bytes, such as '|u1' or '<i8'");
  CHECK(error("<u2", "(2,)", "\x01\x02") == "labels: 2 bytes of data, but shape (2,) of '<u2' needs 4");
  CHECK(error("|i1", "(2,)", "\x01\xff") == "labels: label 1 is -1; allowed: 0 to 9999");
  CHECK(error("<u2", "(2,)", "\x10\x27\x01\x01") == "labels: label 0 is 10000; allowed: 0 to 9999");
  CHECK(error("<i8", "(2,)", std::string(8, '\0') + std::string(8, '\xfe')) ==
        "labels: label 1 is -72340172838076674; allowed: 0 to 9999");
  CHECK(error("<u8", "(2,)", std::string(8, '\0') + std::string(8, '\xff')) ==
        "labels: label 1 is above 2^63; allowed: 0 to 9999");
}
