// SPDX-License-Identifier: Apache-2.0
// Record layouts and section numbers are those of APPNOTE.TXT. Sizes come from the central directory only.
#include "data/zip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

constexpr std::uint64_t local_header_bytes = 30;    // 4.3.7
constexpr std::uint64_t central_header_bytes = 46;  // 4.3.12
constexpr std::uint64_t end_record_bytes = 22;      // 4.3.16
constexpr std::uint64_t most_comment_bytes = 65535;
constexpr std::uint64_t most_directory_bytes = 1 << 20;
constexpr std::size_t most_members = 1024;
constexpr std::uint64_t size_limit = 0xffffffff;  // this value and larger ones need zip64

// Deflate turns 2 bits into 258 bytes at best (RFC 1951: a code of one bit each for length and distance).
constexpr std::uint64_t most_deflate_ratio = 1032;

std::uint32_t read_u16(const std::uint8_t* at) { return at[0] | std::uint32_t{at[1]} << 8; }
std::uint32_t read_u32(const std::uint8_t* at) { return read_u16(at) | read_u16(at + 2) << 16; }

struct Directory {
  std::uint64_t at;
  std::uint64_t bytes;
  std::size_t members;
};

// The end record stands behind everything else, followed by a comment of unknown length.
Directory find_directory(const InputFile& file) {
  const std::uint64_t tail_bytes = std::min(file.size(), end_record_bytes + most_comment_bytes);
  const std::uint64_t tail_at = file.size() - tail_bytes;
  std::vector<std::uint8_t> tail(tail_bytes);
  file.read(tail_at, tail);
  for (std::uint64_t i = tail_bytes < end_record_bytes ? 0 : tail_bytes - end_record_bytes + 1; i-- > 0;) {
    const std::uint8_t* record = tail.data() + i;
    if (read_u32(record) != 0x06054b50 || i + end_record_bytes + read_u16(record + 20) != tail_bytes) continue;
    const Directory directory{read_u32(record + 16), read_u32(record + 12), read_u16(record + 10)};
    if (read_u16(record + 4) != 0 || read_u16(record + 6) != 0 || read_u16(record + 8) != directory.members) {
      fail_input("{}: a split zip archive; expected one file", file.name());
    }
    if (directory.at == size_limit || directory.bytes == size_limit) {
      fail_input("{}: a zip64 archive; allowed: archives below 4 GiB", file.name());
    }
    if (directory.members > most_members || directory.bytes > most_directory_bytes) {
      fail_input("{}: {} members in a directory of {} bytes; allowed: {} members, {} bytes", file.name(),
                 directory.members, directory.bytes, most_members, most_directory_bytes);
    }
    if (directory.at + directory.bytes > tail_at + i) {
      fail_input("{}: damaged zip archive: its directory exceeds the file", file.name());
    }
    return directory;
  }
  fail_input("{}: not a zip archive, or cut off: no end record", file.name());
}

void check_member(const InputFile& file, const ZipMember& member, std::uint32_t flags, std::uint32_t method) {
  const std::string where = fmt::format("{}: {}", file.name(), printable(member.name));
  if ((flags & 1) != 0) fail_input("{}: encrypted; expected a plain member", where);
  if (method != 0 && method != 8)
    fail_input("{}: compression method {}; known: 0 (stored), 8 (deflated)", where, method);
  if (member.size == size_limit || member.packed == size_limit || member.header_at == size_limit) {
    fail_input("{}: a zip64 member; allowed: below 4 GiB", where);
  }
  if (!member.deflated && member.size != member.packed) {
    fail_input("{}: stored, but {} bytes became {}", where, member.size, member.packed);
  }
  if (member.deflated && member.size / most_deflate_ratio > member.packed) {
    fail_input("{}: {} bytes cannot unpack to {}", where, member.packed, member.size);
  }
  if (member.header_at + local_header_bytes + member.packed > file.size()) {
    fail_input("{}: reaches beyond the end of the file", where);
  }
}

void put_u16(std::string& out, std::uint64_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>(value >> 8 & 0xff);
}

void put_u32(std::string& out, std::uint64_t value) {
  put_u16(out, value & 0xffff);
  put_u16(out, value >> 16);
}

std::uint32_t checksum(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  return static_cast<std::uint32_t>(crc32_z(crc, bytes.data(), bytes.size()));
}

// Fields that local and central header share: version 2.0, no flags, stored, 1980-01-01 00:00, sizes.
void put_common(std::string& out, const ZipContent& member, std::uint32_t crc) {
  put_u16(out, 20);
  put_u16(out, 0);
  put_u16(out, 0);
  put_u16(out, 0);
  put_u16(out, 1 << 5 | 1);
  put_u32(out, crc);
  put_u32(out, member.bytes.size());
  put_u32(out, member.bytes.size());
  put_u16(out, member.name.size());
  put_u16(out, 0);
}

}  // namespace

std::vector<ZipMember> zip_members(const InputFile& file) {
  const Directory directory = find_directory(file);
  std::vector<std::uint8_t> bytes(directory.bytes);
  file.read(directory.at, bytes);
  std::vector<ZipMember> members;
  std::set<std::string> names;
  std::uint64_t at = 0;
  for (std::size_t m = 0; m < directory.members; ++m) {
    const std::uint8_t* entry = bytes.data() + at;
    if (bytes.size() - at < central_header_bytes || read_u32(entry) != 0x02014b50) {
      fail_input("{}: damaged zip archive: directory entry {} of {}", file.name(), m + 1, directory.members);
    }
    const std::uint64_t name_bytes = read_u16(entry + 28);
    const std::uint64_t entry_bytes = central_header_bytes + name_bytes + read_u16(entry + 30) + read_u16(entry + 32);
    if (bytes.size() - at < entry_bytes) {
      fail_input("{}: damaged zip archive: directory entry {} of {}", file.name(), m + 1, directory.members);
    }
    const std::uint32_t method = read_u16(entry + 10);
    ZipMember member;
    member.name.assign(reinterpret_cast<const char*>(entry + central_header_bytes), name_bytes);
    member.deflated = method == 8;
    member.crc = read_u32(entry + 16);
    member.packed = read_u32(entry + 20);
    member.size = read_u32(entry + 24);
    member.header_at = read_u32(entry + 42);
    check_member(file, member, read_u16(entry + 8), method);
    if (!names.insert(member.name).second) fail_input("{}: member {} twice", file.name(), printable(member.name));
    members.push_back(std::move(member));
    at += entry_bytes;
  }
  return members;
}

struct ZipReader::Inflater {
  z_stream stream{};
  std::array<std::uint8_t, 65536> input;
  bool ended = false;

  void fill(ZipReader& reader, std::span<std::uint8_t>& bytes);
};

ZipReader::ZipReader(const InputFile& file, const ZipMember& member) : file_(file), member_(member) {
  std::array<std::uint8_t, local_header_bytes> header;
  file_.read(member.header_at, header);
  if (read_u32(header.data()) != 0x04034b50) fail("no local header where the directory says");
  packed_at_ = member.header_at + local_header_bytes + read_u16(header.data() + 26) + read_u16(header.data() + 28);
  packed_end_ = packed_at_ + member.packed;
  if (packed_end_ > file_.size()) fail("reaches beyond the end of the file");
  if (member.deflated) {
    inflater_ = std::make_unique<Inflater>();
    // Negative: a raw deflate stream, without zlib's own header.
    if (inflateInit2(&inflater_->stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
}

ZipReader::~ZipReader() {
  if (inflater_) inflateEnd(&inflater_->stream);
}

void ZipReader::fail(std::string_view reason) const {
  fail_input("{}: {}: {}", file_.name(), printable(member_.name), reason);
}

void ZipReader::read_packed(std::span<std::uint8_t> bytes) {
  file_.read(packed_at_, bytes);
  packed_at_ += bytes.size();
}

// Unpacks until `bytes` is full or the stream ends; moves `bytes` on to what is still empty.
void ZipReader::Inflater::fill(ZipReader& reader, std::span<std::uint8_t>& bytes) {
  while (!bytes.empty() && !ended) {
    const std::uint64_t count = std::min<std::uint64_t>(input.size(), reader.packed_end_ - reader.packed_at_);
    if (stream.avail_in == 0 && count > 0) {
      reader.read_packed(std::span(input).first(count));
      stream.next_in = input.data();
      stream.avail_in = static_cast<uInt>(count);
    }
    const std::size_t room = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30);
    stream.next_out = bytes.data();
    stream.avail_out = static_cast<uInt>(room);
    // Also without input: zlib may still hold bytes of its last match.
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_BUF_ERROR && stream.avail_in == 0 && count == 0) reader.fail("the deflate stream is cut off");
    if (status != Z_OK && status != Z_STREAM_END) reader.fail("damaged deflate stream");
    ended = status == Z_STREAM_END;
    bytes = bytes.subspan(room - stream.avail_out);
  }
}

void ZipReader::read(std::span<std::uint8_t> bytes) {
  if (bytes.size() > member_.size - unpacked_) fail(fmt::format("ends after {} bytes", member_.size));
  if (inflater_) {
    std::span<std::uint8_t> empty = bytes;
    inflater_->fill(*this, empty);
    if (!empty.empty()) fail("the deflate stream ends too early");
  } else {
    read_packed(bytes);
  }
  unpacked_ += bytes.size();
  crc_ = checksum(crc_, bytes);
}

void ZipReader::finish() {
  if (unpacked_ != member_.size) fail(fmt::format("{} bytes behind the data", member_.size - unpacked_));
  if (inflater_) {
    std::uint8_t more = 0;
    std::span<std::uint8_t> empty(&more, 1);
    inflater_->fill(*this, empty);
    if (empty.empty()) fail(fmt::format("unpacks to more than {} bytes", member_.size));
  }
  if (crc_ != member_.crc) fail(fmt::format("checksum {:08x}, the archive says {:08x}", crc_, member_.crc));
}

std::string zip_archive(std::span<const ZipContent> members) {
  std::string out;
  std::string directory;
  for (const ZipContent& member : members) {
    const std::uint64_t header_at = out.size();
    if (header_at + member.bytes.size() + most_directory_bytes >= size_limit) {
      fail_input("{}: the archive would reach 4 GiB; write fewer images", member.name);
    }
    const auto* data = reinterpret_cast<const std::uint8_t*>(member.bytes.data());
    const std::uint32_t crc = checksum(0, {data, member.bytes.size()});
    put_u32(out, 0x04034b50);
    put_common(out, member, crc);
    out += member.name;
    out += member.bytes;
    put_u32(directory, 0x02014b50);
    put_u16(directory, 20);
    put_common(directory, member, crc);
    put_u16(directory, 0);  // comment
    put_u16(directory, 0);  // disk
    put_u16(directory, 0);  // attributes
    put_u32(directory, 0);
    put_u32(directory, header_at);
    directory += member.name;
  }
  const std::uint64_t directory_at = out.size();
  out += directory;
  put_u32(out, 0x06054b50);
  put_u32(out, 0);  // disk numbers
  put_u16(out, members.size());
  put_u16(out, members.size());
  put_u32(out, directory.size());
  put_u32(out, directory_at);
  put_u16(out, 0);
  return out;
}

}  // namespace cimcycle
