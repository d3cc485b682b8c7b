// SPDX-License-Identifier: Apache-2.0
// Zip archives: reading stored and deflated members piecewise, writing stored ones.
// Format: PKWARE, APPNOTE.TXT 6.3.10, without encryption, split archives and archives of 4 GiB and more.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/input_file.h"

namespace cimcycle {

/// One entry of an archive's central directory.
struct ZipMember {
  std::string name;
  bool deflated = false;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;     ///< bytes in the archive
  std::uint64_t size = 0;       ///< bytes after unpacking; checked to be possible for `packed`
  std::uint64_t header_at = 0;  ///< offset of the local header
};

/// The members of an archive, at most 1024. Throws InputError on a damaged or unsupported archive.
std::vector<ZipMember> zip_members(const InputFile& file);

/// Reads the bytes of one member from front to back.
class ZipReader {
 public:
  /// `file` and `member` must outlive this.
  ZipReader(const InputFile& file, const ZipMember& member);
  ~ZipReader();
  ZipReader(const ZipReader&) = delete;
  ZipReader& operator=(const ZipReader&) = delete;

  /// The next bytes. Throws InputError if the member ends before or is damaged.
  void read(std::span<std::uint8_t> bytes);
  /// Offset of the next byte in the file; only for stored members.
  std::uint64_t file_offset() const { return packed_at_; }
  /// Call after the last byte: throws InputError unless the member ends here with the right checksum.
  void finish();

 private:
  struct Inflater;
  void read_packed(std::span<std::uint8_t> bytes);
  [[noreturn]] void fail(std::string_view reason) const;

  const InputFile& file_;
  const ZipMember& member_;
  std::uint64_t packed_at_ = 0;  // next packed byte in the file
  std::uint64_t packed_end_ = 0;
  std::uint64_t unpacked_ = 0;  // bytes handed out
  std::uint32_t crc_ = 0;
  std::unique_ptr<Inflater> inflater_;
};

/// A member to write.
struct ZipContent {
  std::string name;
  std::string bytes;
};

/// The bytes of an archive that stores the members uncompressed, dated 1980-01-01: same content, same bytes. Throws
/// InputError at 4 GiB.
std::string zip_archive(std::span<const ZipContent> members);

}  // namespace cimcycle
