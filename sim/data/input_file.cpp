// SPDX-License-Identifier: Apache-2.0
// Positioned reads of POSIX.
#include "data/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

// The whole path on one line of text. `printable` cuts long text and turns a byte into at most 4 characters, so it gets
// the path in pieces: the file's name stands at the end.
std::string shown(const std::string& path) {
  constexpr std::size_t piece = 30;
  std::string text;
  for (std::size_t at = 0; at < path.size(); at += piece) text += printable(std::string_view(path).substr(at, piece));
  return text;
}

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

InputFile::InputFile(const std::filesystem::path& path) : name_(shown(path.string())) {
  // O_NONBLOCK: opening a named pipe that nobody writes to must not wait.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail_input("{}: cannot be opened: {}", name_, reason(errno));
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    fail_input("{}: not a regular file", name_);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(std::uint64_t offset, std::span<std::uint8_t> bytes) const {
  const std::uint64_t end = offset + bytes.size();
  while (!bytes.empty()) {
    const ssize_t count = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_input("{}: cannot be read: {}", name_, reason(errno));
    if (count == 0) fail_input("{}: ends at byte {}, expected {} bytes or more", name_, offset, end);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

}  // namespace cimcycle
