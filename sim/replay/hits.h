// SPDX-License-Identifier: Apache-2.0
// Which images a network classifies rightly.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ranges>
#include <vector>

#include "data/dataset.h"

namespace cimcycle {

/// Index of the largest logit, the lowest class among equals.
template <class Logits>
int top_class(const Logits& logits) {
  return static_cast<int>(std::ranges::max_element(logits) - std::ranges::begin(logits));
}

/// Right or wrong, image by image. Each entry is written once, by whichever thread ran the image.
class Hits {
 public:
  explicit Hits(std::int64_t images) : hits_(static_cast<std::size_t>(images)) {}
  /// `label` may be no_label.
  template <class Logits>
  void record(std::int64_t image, int label, const Logits& logits) {
    hits_[static_cast<std::size_t>(image)] =
        label == no_label ? std::int8_t{-1} : static_cast<std::int8_t>(top_class(logits) == label);
  }
  std::int64_t images() const { return static_cast<std::int64_t>(hits_.size()); }
  /// Share of images whose top class is their label. Nothing if an image has no label, or if there are none.
  std::optional<double> top1() const;

 private:
  std::vector<std::int8_t> hits_;  ///< 1 right, 0 wrong, -1 without a label
};

}  // namespace cimcycle
