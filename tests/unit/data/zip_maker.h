// SPDX-License-Identifier: Apache-2.0
// Zip archives and .npy arrays put together by hand, so that each field can be wrong. Shares nothing with the product.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// One member; fields that are set replace what would be right.
struct MadeMember {
  std::string name{};
  std::string content{};
  bool deflate = false;
  std::optional<std::uint32_t> method{};
  std::optional<std::uint32_t> flags{};
  std::optional<std::uint32_t> crc{};
  std::optional<std::uint32_t> packed{};
  std::optional<std::uint32_t> size{};
  std::optional<std::uint32_t> header_at{};
  std::string local_extra{};  ///< extra field of the local header, as NumPy writes one
};

/// End record fields that are set replace what would be right.
struct MadeEnd {
  std::optional<std::uint32_t> members{};
  std::optional<std::uint32_t> directory_at{};
  std::optional<std::uint32_t> directory_bytes{};
  std::optional<std::uint32_t> disk{};
  std::string comment{};
};

std::string make_zip(const std::vector<MadeMember>& members, const MadeEnd& end = {});

/// An array as .npy, version 1: a header text as given, padded to 64 bytes, then `data`.
std::string make_npy(const std::string& header, const std::string& data, int major = 1);

/// "{'descr': DESCR, 'fortran_order': False, 'shape': SHAPE, }"
std::string header_text(std::string_view descr, std::string_view shape);
