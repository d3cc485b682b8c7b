// SPDX-License-Identifier: Apache-2.0
// Locks on single bytes of the file "claims": the hash says which byte. The system drops them when the process ends, so
// that a killed one leaves nothing behind that would have to expire.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "explore/store.h"

namespace cimcycle {

std::optional<WorkClaim> WorkClaim::take(const std::filesystem::path& folder, const std::string& hash) {
  const std::filesystem::path name = folder / "claims";
  const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) fail_run("{}: cannot be opened: {}", printable(name.string()), std::strerror(errno));
  WorkClaim claim(file);
  std::uint64_t number = 0;
  std::from_chars(hash.data(), hash.data() + hash.size(), number, 16);
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(number >> 2);  // positions are positive 64-bit numbers
  lock.l_len = 1;
  if (::fcntl(file, F_OFD_SETLK, &lock) == 0) return claim;
  if (errno == EAGAIN || errno == EACCES) return std::nullopt;
  fail_run("{}: cannot be locked: {}", printable(name.string()), std::strerror(errno));
}

WorkClaim::~WorkClaim() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace cimcycle
