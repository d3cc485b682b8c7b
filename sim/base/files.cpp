// SPDX-License-Identifier: Apache-2.0
// Single files: reading whole, writing under a temporary name, finding what the program ships with.
#include "base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/staging.h"

namespace cimcycle {

namespace fs = std::filesystem;

std::string shown_path(const fs::path& path) {
  std::string text;
  for (const char c : path.string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return text;
}

namespace staging {

fs::path parent_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

fs::path unused_name(const fs::path& folder, const std::string& name) {
  for (int n = 0;; ++n) {
    const fs::path path = folder / fmt::format(".{}.{}-{}.tmp", name, ::getpid(), n);
    std::error_code error;
    if (!fs::exists(fs::symlink_status(path, error))) return path;
  }
}

bool is_unused_name(const fs::path& path, const fs::path& folder) {
  const std::string name = path.filename().string(), start = fmt::format(".{}.", folder.filename().string());
  constexpr std::string_view end = ".tmp";
  if (name.size() < start.size() + end.size() || !name.starts_with(start) || !name.ends_with(end)) return false;
  const std::string middle = name.substr(start.size(), name.size() - start.size() - end.size());
  return middle.find_first_not_of("0123456789-") == std::string::npos;
}

void write_new_file(const fs::path& path, std::string_view bytes, const fs::path& named) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) fail_run("{}: cannot be written: {}", shown_path(named), std::strerror(errno));
  int error = 0;
  while (!bytes.empty() && error == 0) {
    const ::ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  // Some file systems report a full disk only here.
  if (::fsync(file) != 0 && error == 0) error = errno;
  if (::close(file) != 0 && error == 0) error = errno;
  if (error != 0) {
    ::unlink(path.c_str());
    fail_run("{}: cannot be written: {}", shown_path(named), std::strerror(error));
  }
}

}  // namespace staging

std::string read_file(const fs::path& path, std::uintmax_t max_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) fail_input("{}: no such file", shown_path(path));
  if (status.type() == fs::file_type::none) fail_input("{}: cannot be read: {}", shown_path(path), error.message());
  if (status.type() != fs::file_type::regular) fail_input("{}: not a regular file", shown_path(path));

  std::ifstream file(path, std::ios::binary);
  if (!file) fail_input("{}: cannot be read: {}", shown_path(path), std::strerror(errno));
  std::string bytes;
  const std::uintmax_t size = fs::file_size(path, error);
  if (!error) bytes.reserve(static_cast<std::size_t>(std::min(size, max_bytes)));
  // Up to the end and not up to the size: a file may grow, or have no size of its own (as in /proc).
  std::array<char, 1 << 16> chunk{};
  while (file) {
    file.read(chunk.data(), chunk.size());
    bytes.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
    if (bytes.size() > max_bytes) fail_input("{}: larger than {} bytes", shown_path(path), max_bytes);
  }
  if (file.bad()) fail_input("{}: cannot be read to its end", shown_path(path));
  return bytes;
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    fail_input("{}: exists and is not a regular file; name another one", shown_path(path));
  }
  // A symbolic link keeps pointing to its file, which gets the new content.
  fs::path target = path;
  if (fs::exists(status)) target = fs::canonical(path, error);
  if (target.empty() || !target.has_filename()) fail_input("{}: not the name of a file", shown_path(path));

  const fs::path temporary = staging::unused_name(staging::parent_of(target), target.filename().string());
  staging::write_new_file(temporary, bytes, path);
  fs::rename(temporary, target, error);
  if (error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    fail_run("{}: cannot be written: {}", shown_path(path), error.message());
  }
}

void check_file_writable(const fs::path& file) {
  const fs::path folder = staging::parent_of(file);
  std::error_code error;
  if (!fs::is_directory(folder, error)) fail_run("{}: cannot be written: no such folder", shown_path(file));
  const fs::file_status status = fs::status(file, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    fail_input("{}: exists and is not a regular file; name another one", shown_path(file));
  }
  check_folder_writable(folder);
}

namespace {

/// The file that this code was loaded from: the program, or the shared library that holds it (the Python module).
fs::path own_file() {
  static const char here = 0;
  const auto address = reinterpret_cast<std::uintptr_t>(&here);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    // "begin-end permissions offset device inode path", addresses in hex; only the path may hold a '/'.
    const char* const end = line.data() + line.size();
    std::uintptr_t first = 0, last = 0;
    const char* const dash = std::from_chars(line.data(), end, first, 16).ptr;
    if (dash == end || std::from_chars(dash + 1, end, last, 16).ec != std::errc()) continue;
    const std::size_t path = line.find('/');
    if (first <= address && address < last && path != std::string::npos) return line.substr(path);
  }
  return {};
}

}  // namespace

fs::path find_shipped(const fs::path& name) {
  std::error_code error;
  if (name.empty() || name.is_absolute() || fs::exists(name, error)) return name;
  const fs::path own = own_file();
  if (own.empty()) return name;

  const fs::path folder = own.parent_path();
  for (const fs::path& installed : {folder.parent_path() / "share" / "cimcycle", folder / "share"}) {
    if (fs::exists(installed / name, error)) return installed / name;
  }
  const fs::path build_tree = CIMCYCLE_BINARY_DIR;
  const auto [end_of_tree, end_of_program] = std::ranges::mismatch(build_tree, own);
  const fs::path source = fs::path(CIMCYCLE_SOURCE_DIR) / name;
  if (end_of_tree == build_tree.end() && fs::exists(source, error)) return source;
  return name;
}

std::string content_hash(std::string_view bytes) {
  // FNV-1a, 64 bits: Fowler, Noll, Vo; offset basis and prime as in draft-eastlake-fnv.
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace cimcycle
