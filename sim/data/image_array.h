// SPDX-License-Identifier: Apache-2.0
// A dataset whose images lie in the caller's memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "data/dataset.h"

namespace cimcycle {

/// How the bytes of one image follow each other.
enum class ImageLayout {
  channels_first,  ///< C, H, W: as a dataset gives them
  channels_last,   ///< H, W, C
};

/// Images of one shape, one behind the other: pixels.size() / shape.size() of them.
struct ImageArray {
  std::span<const std::uint8_t> pixels;
  Shape shape;
  ImageLayout layout = ImageLayout::channels_first;
  std::span<const std::int64_t> labels;  ///< one per image, or none
};

/// The images as a dataset of this name. Nothing is copied: the memory must outlive the dataset. Throws InputError
/// unless there are images, as many labels as images or none, and labels from 0 to 65,535.
Dataset array_dataset(const ImageArray& images, const std::string& name, DataSplit split);

}  // namespace cimcycle
