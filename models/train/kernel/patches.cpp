// SPDX-License-Identifier: Apache-2.0
#include "patches.h"

namespace gated {

namespace {

Bytes row_bytes(const Layout& layout, const std::uint8_t* from, const int* offset) {
  Bytes bytes;
  switch (layout.run) {
    case 16:
      return load<Bytes>(from + offset[0]);
    case 8:
      for (int i = 0; i < 2; ++i) std::memcpy(reinterpret_cast<char*>(&bytes) + 8 * i, from + offset[8 * i], 8);
      return bytes;
    case 4:
      for (int i = 0; i < 4; ++i) std::memcpy(reinterpret_cast<char*>(&bytes) + 4 * i, from + offset[4 * i], 4);
      return bytes;
    default:
      for (int lane = 0; lane < lanes; ++lane) bytes[lane] = from[offset[lane]];
      return bytes;
  }
}

}  // namespace

bool is_usable(const GatedShape& shape) {
  const auto positive = {shape.images, shape.channels,  shape.height,   shape.width,    shape.outputs, shape.out_height,
                         shape.stride, shape.out_width, shape.kernel_h, shape.kernel_w, shape.ou_rows, shape.ou_cols};
  return std::all_of(positive.begin(), positive.end(), [](std::int32_t value) { return value > 0; }) &&
         shape.padding >= 0 && shape.shift >= 0 && shape.shift < 8 &&
         shape.out_height == (shape.height + 2 * shape.padding - shape.kernel_h) / shape.stride + 1 &&
         shape.out_width == (shape.width + 2 * shape.padding - shape.kernel_w) / shape.stride + 1;
}

Layout::Layout(const GatedShape& shape) {
  rows = shape.channels * shape.kernel_h * shape.kernel_w;
  groups = (rows + shape.ou_rows - 1) / shape.ou_rows;
  blocks = (shape.outputs + shape.ou_cols - 1) / shape.ou_cols;
  positions = shape.out_height * shape.out_width;
  tiles = (positions + lanes - 1) / lanes;
  quads = (shape.ou_rows + 3) / 4;
  padded_height = shape.height + 2 * shape.padding;
  padded_width = shape.width + 2 * shape.padding;
  for (int channel = 0; channel < shape.channels; ++channel) {
    for (int y = 0; y < shape.kernel_h; ++y) {
      for (int x = 0; x < shape.kernel_w; ++x) row_offset.push_back((channel * padded_height + y) * padded_width + x);
    }
  }
  position_offset.assign(static_cast<std::size_t>(tiles) * lanes, 0);
  for (int i = 0; i < positions; ++i) {
    position_offset[static_cast<std::size_t>(i)] =
        (i / shape.out_width * padded_width + i % shape.out_width) * shape.stride;
  }
  gradient_offset.assign(position_offset.size(), 0);
  for (int i = 0; i < positions; ++i) {
    gradient_offset[static_cast<std::size_t>(i)] =
        i / shape.out_width * shape.stride * shape.out_width + i % shape.out_width;
  }
  gradients_side_by_side = shape.stride == 1 || shape.out_width % lanes == 0;
  // Lanes side by side can be moved at once, if no run is cut by the end of a row of positions.
  for (const int length : {16, 8, 4}) {
    if (shape.stride == 1 && shape.out_width % length == 0 && positions % lanes == 0) {
      run = length;
      break;
    }
  }
}

PackedWeights::PackedWeights(const GatedShape& shape, const Layout& layout, const std::int8_t* weights)
    : quad(static_cast<std::size_t>(layout.groups) * layout.blocks * layout.quads * shape.ou_cols) {
  for (int group = 0; group < layout.groups; ++group) {
    for (int block = 0; block < layout.blocks; ++block) {
      std::int32_t* to = &quad[index(layout, shape, group, block)];
      for (int row = 0; row < layout.rows_of(shape, group); ++row) {
        for (int j = 0; j < layout.outputs_of(shape, block); ++j) {
          const std::size_t from = static_cast<std::size_t>(block * shape.ou_cols + j) * layout.rows;
          const std::uint32_t byte = static_cast<std::uint8_t>(weights[from + group * shape.ou_rows + row]);
          to[row / 4 * shape.ou_cols + j] |= static_cast<std::int32_t>(byte << (8 * (row % 4)));
        }
      }
    }
  }
}

void pad_image(const GatedShape& shape, const Layout& layout, const std::uint8_t* image, std::uint8_t* padded) {
  std::fill(padded, padded + layout.padded_size(shape), std::uint8_t{0});
  for (int channel = 0; channel < shape.channels; ++channel) {
    for (int y = 0; y < shape.height; ++y) {
      std::copy_n(image + (channel * shape.height + y) * shape.width, shape.width,
                  padded + (channel * layout.padded_height + y + shape.padding) * layout.padded_width + shape.padding);
    }
  }
}

void take_patches(const GatedShape& shape, const Layout& layout, const std::uint8_t* padded, int tile, Ints* patches) {
  const int* const offset = &layout.position_offset[static_cast<std::size_t>(tile) * lanes];
  const Ints valid = valid_lanes(layout, tile);
  for (int group = 0; group < layout.groups; ++group) {
    const int rows = layout.rows_of(shape, group);
    const int* const row = &layout.row_offset[static_cast<std::size_t>(group) * shape.ou_rows];
    for (int quad = 0; quad < layout.quads; ++quad) {
      Ints four = {};
      for (int byte = 0; byte < 4 && quad * 4 + byte < rows; ++byte) {
        const Bytes codes = row_bytes(layout, padded + row[quad * 4 + byte], offset);
        four |= __builtin_convertvector(codes, Ints) << (8 * byte);
      }
      *patches++ = four & valid;
    }
  }
}

GradientImage::GradientImage(const GatedShape& shape, const Layout& layout)
    : shape_(shape),
      layout_(layout),
      values_(static_cast<std::size_t>(shape.kernel_w) * shape.channels * layout.padded_height * shape.out_width /
                  lanes +
              2) {
  for (int channel = 0; channel < shape.channels; ++channel) {
    for (int y = 0; y < shape.kernel_h; ++y) {
      for (int x = 0; x < shape.kernel_w; ++x) {
        row_offset_.push_back((static_cast<std::size_t>(x * shape.channels + channel) * layout.padded_height + y) *
                              shape.out_width);
      }
    }
  }
}

void GradientImage::add_to(float* image) const {
  for (int kx = 0; kx < shape_.kernel_w; ++kx) {
    // Positions whose column kx + position * stride - padding lies in the image.
    const int first = (std::max(0, shape_.padding - kx) + shape_.stride - 1) / shape_.stride;
    const int last = std::min(shape_.out_width - 1, (shape_.width - 1 + shape_.padding - kx) / shape_.stride);
    for (int channel = 0; channel < shape_.channels; ++channel) {
      for (int y = 0; y < shape_.height; ++y) {
        const float* const from =
            reinterpret_cast<const float*>(values_.data()) +
            (static_cast<std::size_t>(kx * shape_.channels + channel) * layout_.padded_height + y + shape_.padding) *
                shape_.out_width;
        float* const to = image + (channel * shape_.height + y) * shape_.width + kx - shape_.padding;
        for (int x = first; x <= last; ++x) to[x * shape_.stride] += from[x];
      }
    }
  }
}

}  // namespace gated
