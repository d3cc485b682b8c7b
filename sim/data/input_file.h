// SPDX-License-Identifier: Apache-2.0
// A file that is read piecewise, from any thread, without holding it in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace cimcycle {

/// An open regular file. Reads give their own offset and share no state, so they may run in parallel. (A memory map
/// would end the program if the file shrank meanwhile; a read reports it.)
class InputFile {
 public:
  /// Throws InputError if `path` is missing, not readable or not a regular file.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Fills `bytes` from `offset`. Throws InputError if the file ends before.
  void read(std::uint64_t offset, std::span<std::uint8_t> bytes) const;
  /// Bytes in the file when it was opened.
  std::uint64_t size() const { return size_; }
  /// The path, with control characters escaped, for messages.
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace cimcycle
