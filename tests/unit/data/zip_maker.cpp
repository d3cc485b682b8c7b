// SPDX-License-Identifier: Apache-2.0
#include "zip_maker.h"

#include <zlib.h>

#include <stdexcept>

namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
}

// CRC-32 of ISO 3309, bit by bit.
std::uint32_t bitwise_crc(const std::string& text) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return ~crc;
}

std::string raw_deflate(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("deflate");
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string make_zip(const std::vector<MadeMember>& members, const MadeEnd& end) {
  std::string file;
  std::string directory;
  for (const MadeMember& m : members) {
    const std::string packed = m.deflate ? raw_deflate(m.content) : m.content;
    const std::uint64_t header_at = file.size();
    std::string common;
    put(common, m.flags.value_or(0), 2);
    put(common, m.method.value_or(m.deflate ? 8 : 0), 2);
    put(common, 0, 4);
    put(common, m.crc.value_or(bitwise_crc(m.content)), 4);
    put(common, m.packed.value_or(static_cast<std::uint32_t>(packed.size())), 4);
    put(common, m.size.value_or(static_cast<std::uint32_t>(m.content.size())), 4);
    put(common, m.name.size(), 2);

    file += std::string("PK\x03\x04") + std::string("\x14\x00", 2) + common;
    put(file, m.local_extra.size(), 2);
    file += m.name + m.local_extra + packed;

    directory += std::string("PK\x01\x02") + std::string("\x14\x00\x14\x00", 4) + common;
    put(directory, 0, 8);  // extra, comment, disk, internal attributes
    put(directory, 0, 4);  // external attributes
    put(directory, m.header_at.value_or(static_cast<std::uint32_t>(header_at)), 4);
    directory += m.name;
  }
  const std::size_t directory_at = file.size();
  file += directory;
  file += "PK\x05\x06";
  put(file, end.disk.value_or(0), 2);
  put(file, 0, 2);
  put(file, end.members.value_or(static_cast<std::uint32_t>(members.size())), 2);
  put(file, end.members.value_or(static_cast<std::uint32_t>(members.size())), 2);
  put(file, end.directory_bytes.value_or(static_cast<std::uint32_t>(directory.size())), 4);
  put(file, end.directory_at.value_or(static_cast<std::uint32_t>(directory_at)), 4);
  put(file, end.comment.size(), 2);
  return file + end.comment;
}

std::string make_npy(const std::string& header, const std::string& data, int major) {
  const int length_bytes = major == 1 ? 2 : 4;
  std::string text = header;
  while ((8 + static_cast<std::size_t>(length_bytes) + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  std::string file("\x93NUMPY");
  put(file, static_cast<std::uint64_t>(major), 1);
  put(file, 0, 1);
  put(file, text.size(), length_bytes);
  return file + text + data;
}

std::string header_text(std::string_view descr, std::string_view shape) {
  return "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': " + std::string(shape) + ", }";
}
