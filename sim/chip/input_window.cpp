// SPDX-License-Identifier: Apache-2.0
// Input positions of each vector: rows and columns are worked out apart, because a window is their product.
#include "chip/input_window.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {
namespace {

// One direction of the window: rows or columns.
struct Axis {
  std::vector<int> last_needed;  // [output]: last input of its window, -1 if the window lies in the padding
  std::vector<int> last_user;    // [input]: last output whose window holds it, -1 for none
};

Axis make_axis(int inputs, int outputs, int kernel, int stride, int dilation, int padding) {
  Axis axis;
  axis.last_user.assign(static_cast<std::size_t>(inputs), -1);
  for (int output = 0; output < outputs; ++output) {
    const std::int64_t start = std::int64_t{output} * stride - padding;
    int last = -1;
    for (int k = 0; k < kernel; ++k) {
      const std::int64_t input = start + std::int64_t{k} * dilation;
      if (input < 0 || input >= inputs) continue;
      axis.last_user[static_cast<std::size_t>(input)] = output;
      last = static_cast<int>(input);
    }
    axis.last_needed.push_back(last);
  }
  return axis;
}

// A linear layer is one window over everything.
Axis whole_axis(int inputs) { return make_axis(inputs, 1, inputs, 1, 1, 0); }

}  // namespace

InputWindow input_window(const Layer& layer) {
  const bool linear = layer.kind == LayerKind::linear;
  const int width = layer.in.width;
  const int out_width = linear ? 1 : layer.out.width;
  const Axis rows = linear ? whole_axis(layer.in.height)
                           : make_axis(layer.in.height, layer.out.height, layer.kernel_h, layer.stride.height,
                                       layer.dilation.height, layer.padding.top);
  const Axis cols = linear ? whole_axis(width)
                           : make_axis(width, out_width, layer.kernel_w, layer.stride.width, layer.dilation.width,
                                       layer.padding.left);
  InputWindow window;
  window.position_bits = std::int64_t{layer.in.channels} * layer.input_bits;
  for (const int row : rows.last_needed) {
    for (const int col : cols.last_needed) {
      if (row >= 0 && col >= 0) window.positions = std::max(window.positions, row * width + col + 1);
      window.needed.push_back(window.positions);
    }
  }
  window.freed.assign(window.needed.size(), 0);
  for (int position = 0; position < window.positions; ++position) {
    const int y = position / width, x = position % width;
    const int row = rows.last_user[static_cast<std::size_t>(y)];
    const int col = cols.last_user[static_cast<std::size_t>(x)];
    window.kept.push_back(row >= 0 && col >= 0);
    if (!window.kept.back()) continue;
    const int vector = row * out_width + col;
    ++window.freed[static_cast<std::size_t>(vector)];
  }
  int arrived = 0, held = 0;
  for (std::size_t vector = 0; vector < window.needed.size(); ++vector) {
    for (; arrived < window.needed[vector]; ++arrived) held += window.kept[static_cast<std::size_t>(arrived)];
    window.held_at_most = std::max(window.held_at_most, held);
    held -= window.freed[vector];
  }
  return window;
}

void check_window_fits(const InputWindow& window, const Layer& layer, std::int64_t tile_buffer_bits) {
  const std::int64_t bits = window.held_at_most * window.position_bits;
  if (bits <= tile_buffer_bits) return;
  fail_input(
      "layer {}: a tile must hold {} bits of input ({} positions of {} bits), chip.tile_buffer_bits = {}; use at "
      "least {}",
      printable(layer.name), bits, window.held_at_most, window.position_bits, tile_buffer_bits, bits);
}

}  // namespace cimcycle
