// SPDX-License-Identifier: Apache-2.0
// The header of a .npy array: element type, order, shape.
// Format: NumPy Enhancement Proposal 1, versions 1.0 and 2.0 (numpy.lib.format).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cimcycle {

/// What a .npy header says. `where` of the functions below is the array's place in messages: "FILE: images".
struct NpyHeader {
  std::string descr;  ///< element type as written, such as "|u1" or "<i8"
  bool fortran_order = false;
  std::vector<std::int64_t> shape;  ///< at most 8 sizes, each 0 to 2^31 - 1
};

/// First bytes of a .npy file, from which the length of the rest of its header follows.
inline constexpr std::size_t npy_prefix_bytes = 12;

/// Bytes in front of the array data, from the first `npy_prefix_bytes` bytes. Throws InputError on another format, an
/// unknown version, or a header of more than 64 KiB.
std::size_t npy_data_offset(std::span<const std::uint8_t> prefix, const std::string& where);

/// Parses the text of a header (a Python dictionary of exactly the keys descr, fortran_order and shape).
NpyHeader parse_npy_header(std::string_view text, const std::string& where);

/// Where the text starts, from the prefix: byte 10 (version 1) or 12 (version 2).
std::size_t npy_text_offset(std::span<const std::uint8_t> prefix);

/// The whole header (version 1.0, padded to a multiple of 64 bytes as NumPy does) of a C-ordered array.
std::string npy_header(std::string_view descr, std::span<const std::int64_t> shape);

/// An integer element type: "|u1" is {1, false, false}.
struct NpyInteger {
  int bytes = 0;
  bool is_signed = false;
  bool big_endian = false;
};

/// The integer type that `descr` names. Throws InputError "... found dtype X, expected ...".
NpyInteger npy_integer(const std::string& descr, const std::string& where);

/// Element `index` of an array of integers. Values that do not fit int64 come back as -1 (they are unsigned and huge).
std::int64_t npy_element(std::span<const std::uint8_t> data, const NpyInteger& type, std::size_t index);

}  // namespace cimcycle
