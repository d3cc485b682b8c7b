// SPDX-License-Identifier: Apache-2.0
#include "data/image_array.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

constexpr std::int64_t most_label = 65535;

void copy_image(const std::uint8_t* image, const Shape& shape, ImageLayout layout, std::span<std::uint8_t> pixels) {
  if (layout == ImageLayout::channels_first) {
    std::copy_n(image, pixels.size(), pixels.begin());
    return;
  }
  const std::size_t channels = static_cast<std::size_t>(shape.channels), plane = pixels.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < plane; ++i) pixels[c * plane + i] = image[i * channels + c];
  }
}

}  // namespace

Dataset array_dataset(const ImageArray& images, const std::string& name, DataSplit split) {
  const std::size_t bytes = static_cast<std::size_t>(images.shape.size());
  if (bytes == 0 || images.pixels.size() < bytes) fail_input("{}: holds no images", printable(name));
  const std::size_t count = images.pixels.size() / bytes;
  const bool labelled = !images.labels.empty();
  if (labelled && images.labels.size() != count) {
    fail_input("{}: {} labels for {} images", printable(name), images.labels.size(), count);
  }
  std::int64_t classes = 0;
  for (std::size_t i = 0; i < images.labels.size(); ++i) {
    if (images.labels[i] < 0 || images.labels[i] > most_label) {
      fail_input("{}: label {} is {}; allowed: 0 to {}", printable(name), i, images.labels[i], most_label);
    }
    classes = std::max(classes, images.labels[i] + 1);
  }
  return {.name = name,
          .split = split,
          .shape = images.shape,
          .size = static_cast<std::int64_t>(count),
          .classes = static_cast<int>(classes),
          .read =
              [images, bytes](std::int64_t index, std::span<std::uint8_t> pixels) {
                const std::size_t at = static_cast<std::size_t>(index);
                copy_image(images.pixels.data() + at * bytes, images.shape, images.layout, pixels);
                return images.labels.empty() ? no_label : static_cast<int>(images.labels[at]);
              },
          .labelled = labelled};
}

}  // namespace cimcycle
