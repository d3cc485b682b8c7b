// SPDX-License-Identifier: Apache-2.0
// The logits of a run as a NumPy file.
#include "report/logits_npy.h"

#include <array>
#include <stdexcept>

#include "data/npy.h"

namespace cimcycle {

std::string logits_npy(const RunResult& result) {
  const auto values = static_cast<std::int64_t>(result.logits.size());
  if (result.images <= 0 || values % result.images != 0)
    throw std::logic_error("logits do not fit the number of images");
  std::string bytes = npy_header("<i8", std::array{result.images, values / result.images});
  for (const std::int64_t logit : result.logits) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      bytes += static_cast<char>((static_cast<std::uint64_t>(logit) >> shift) & 0xFFU);
    }
  }
  return bytes;
}

}  // namespace cimcycle
