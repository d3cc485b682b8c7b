// SPDX-License-Identifier: Apache-2.0
#include "data/picture.h"

#include <png.h>

#include <cctype>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace cimcycle {
namespace {

constexpr std::uintmax_t most_bytes = std::uintmax_t{1} << 28;

struct Picture {
  Shape shape;
  std::vector<std::uint8_t>
      bytes;  ///< row by row, the channels of a pixel together; empty if only the header was asked for
};

void check_shape(const std::string& name, std::int64_t height, std::int64_t width) {
  if (height < 1 || height > most_picture_side || width < 1 || width > most_picture_side) {
    fail_input("{}: {} x {} pixels; allowed: 1 to {} a side", name, width, height, most_picture_side);
  }
}

Picture read_png(const std::string& name, const std::string& file, bool with_pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) {
    fail_input("{}: no PNG file: {}", name, printable(image.message));
  }
  // Freed however this ends.
  const struct Free {
    png_image& image;
    ~Free() { png_image_free(&image); }
  } free_image{image};
  check_shape(name, image.height, image.width);
  const bool is_colour = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  Picture picture{{is_colour ? 3 : 1, static_cast<int>(image.height), static_cast<int>(image.width)}, {}};
  if (!with_pixels) return picture;
  // Else libpng takes samples of 16 bits for linear light.
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  // Alpha is asked for and thrown away: without it libpng would mix transparent pixels with a ground.
  image.format = is_colour ? PNG_FORMAT_RGBA : PNG_FORMAT_GA;
  const std::size_t channels = is_colour ? 4 : 2;
  std::vector<std::uint8_t> all(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, all.data(), 0, nullptr) == 0) {
    fail_input("{}: damaged PNG file: {}", name, printable(image.message));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % channels != channels - 1) picture.bytes.push_back(all[i]);
  }
  return picture;
}

/// P5 (grey) or P6 (colour) of the netpbm formats, at most 8 bits a sample.
Picture read_netpbm(const std::string& name, const std::string& file, bool with_pixels) {
  std::size_t at = 2;
  const auto number = [&] {
    while (at < file.size() && (std::isspace(static_cast<unsigned char>(file[at])) != 0 || file[at] == '#')) {
      if (file[at] == '#') at = std::min(file.find('\n', at), file.size());
      if (at < file.size()) ++at;
    }
    std::int64_t value = -1;
    for (; at < file.size() && file[at] >= '0' && file[at] <= '9' && value < 100000; ++at) {
      value = std::max<std::int64_t>(value, 0) * 10 + (file[at] - '0');
    }
    return value;
  };
  const std::int64_t width = number(), height = number(), top = number();
  if (width < 0 || height < 0 || top < 0) fail_input("{}: damaged header: expected width, height and 255", name);
  check_shape(name, height, width);
  if (top != 255) fail_input("{}: largest sample {}, expected 255", name, top);
  const int channels = file[1] == '6' ? 3 : 1;
  Picture picture{{channels, static_cast<int>(height), static_cast<int>(width)}, {}};
  if (!with_pixels) return picture;
  const auto size = static_cast<std::size_t>(picture.shape.size());
  if (file.size() < at + 1 + size) fail_input("{}: ends before its {} bytes of pixels", name, size);
  const auto first = file.begin() + static_cast<std::ptrdiff_t>(at + 1);
  picture.bytes.assign(first, first + static_cast<std::ptrdiff_t>(size));
  return picture;
}

Picture read(const std::filesystem::path& path, bool with_pixels) {
  const std::string name = printable(path.string());
  const std::string file = read_file(path, most_bytes);
  if (file.size() > 2 && file[0] == 'P' && (file[1] == '5' || file[1] == '6'))
    return read_netpbm(name, file, with_pixels);
  return read_png(name, file, with_pixels);
}

}  // namespace

Shape picture_shape(const std::filesystem::path& file) { return read(file, false).shape; }

void read_picture(const std::filesystem::path& file, const Shape& shape, std::span<std::uint8_t> pixels) {
  const Picture picture = read(file, true);
  if (picture.shape != shape) {
    fail_input("{}: {} x {} pixels in {} channels, but the first picture has {} x {} in {}", printable(file.string()),
               picture.shape.width, picture.shape.height, picture.shape.channels, shape.width, shape.height,
               shape.channels);
  }
  const auto channels = static_cast<std::size_t>(shape.channels), plane = pixels.size() / channels;
  for (std::size_t i = 0; i < picture.bytes.size(); ++i) pixels[i % channels * plane + i / channels] = picture.bytes[i];
}

}  // namespace cimcycle
