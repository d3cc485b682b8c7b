// SPDX-License-Identifier: Apache-2.0
#include "replay/hits.h"

#include <algorithm>

namespace cimcycle {

std::optional<double> Hits::top1() const {
  if (hits_.empty() || std::ranges::find(hits_, -1) != hits_.end()) return std::nullopt;
  return static_cast<double>(std::ranges::count(hits_, 1)) / static_cast<double>(hits_.size());
}

}  // namespace cimcycle
