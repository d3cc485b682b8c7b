// SPDX-License-Identifier: Apache-2.0
// The kinds of dataset that open_dataset knows. Each opens what stands behind the colon of the name.
#pragma once

#include <string_view>

#include "data/dataset.h"

namespace cimcycle {

/// One kind of dataset. `place` is the text behind the colon; `has_place` is false if there was no colon.
struct DatasetKind {
  std::string_view name;
  std::string_view usage;  ///< for messages and help: "npz:FILE"
  Dataset (*open)(std::string_view place, bool has_place, DataSplit split);
};

extern const DatasetKind cifar10_kind, cifar100_kind, images_kind, mnist_kind, npz_kind, synthetic_kind, trace_kind;

/// "train" or "test".
std::string_view split_name(DataSplit split);

}  // namespace cimcycle
