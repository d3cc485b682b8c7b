// SPDX-License-Identifier: Apache-2.0
// What must hold for the window of a layer and its channel groups.
#include <algorithm>

#include "network/check.h"
#include "network/check_place.h"

namespace cimcycle {

void check_window(const Place& at) {
  const Layer& layer = at.layer;
  const auto window = [&] {
    return fmt::format("kernel [{}, {}], stride {}, {}padding {}", layer.kernel_h, layer.kernel_w,
                       directions_text(layer.stride),
                       layer.dilation == Directions(1) ? "" : "dilation " + directions_text(layer.dilation) + ", ",
                       border_text(layer.padding));
  };
  const Border& padding = layer.padding;
  const auto are_sides = [](const Directions& both) { return is_side(both.height) && is_side(both.width); };
  if (!is_side(layer.kernel_h) || !is_side(layer.kernel_w) || !are_sides(layer.stride) || !are_sides(layer.dilation) ||
      std::min({padding.top, padding.left, padding.bottom, padding.right}) < 0) {
    at.fail("{}: expected kernel and stride of 1 to {} and padding of at least 0", window(), limits::side);
  }
  if (!layer.has_window() &&
      (layer.kernel_h != 1 || layer.kernel_w != 1 || layer.stride != Directions(1) || padding != Border(0))) {
    at.fail("{}: a {} layer has no window; expected kernel [1, 1], stride 1, padding 0", window(),
            word_of(layer_kind_words, layer.kind));
  }
  if (layer.kind != LayerKind::conv && layer.dilation != Directions(1)) {
    at.fail("{}: only a conv layer has a dilation", window());
  }
  if (std::max(padding.top, padding.bottom) >= layer.window_height() ||
      std::max(padding.left, padding.right) >= layer.window_width()) {
    at.fail("{}: padding must be smaller than the kernel, dilation included", window());
  }
  const std::int64_t height = positions(layer.in.height, layer.window_height(), layer.stride.height,
                                        std::int64_t{padding.top} + padding.bottom);
  const std::int64_t width =
      positions(layer.in.width, layer.window_width(), layer.stride.width, std::int64_t{padding.left} + padding.right);
  if (height < 1 || width < 1) at.fail("{}: the kernel does not fit the input {}", window(), shape_text(layer.in));

  const Shape expected{layer.has_weights() ? layer.out.channels : layer.in.channels, static_cast<int>(height),
                       static_cast<int>(width)};
  if (layer.out != expected) {
    at.fail("shape {}: input {} with {} gives {}", shape_text(layer.out), shape_text(layer.in), window(),
            shape_text(expected));
  }
  check_shape(layer.out, fmt::format("{}: layer {}: shape", at.file, layer.name));
}

void check_groups(const Place& at) {
  const Layer& layer = at.layer;
  if (layer.groups == 1) return;
  if (layer.kind != LayerKind::conv) {
    at.fail("groups is {}, but kind {} has none; expected 1", layer.groups, word_of(layer_kind_words, layer.kind));
  }
  if (layer.groups < 1 || layer.in.channels % layer.groups != 0 || layer.out.channels % layer.groups != 0) {
    at.fail("groups is {}, which must divide the {} channels of the input and the {} of the results", layer.groups,
            layer.in.channels, layer.out.channels);
  }
  const Dec3& dec3 = layer.dec3;
  // A crossbar column holds another output in each channel group, so that nothing may be known per column alone.
  if (dec3.gate != GateKind::none &&
      (dec3.granularity != GateGranularity::ou || dec3.threshold_per != Dec3::ThresholdPer::layer)) {
    at.fail("dec3: granularity {} and threshold_per {}, but with groups {} they must be ou and layer",
            word_of(granularity_words, dec3.granularity), word_of(threshold_per_words, dec3.threshold_per),
            layer.groups);
  }
}

void check_pad_value(const Place& at) {
  const Layer& layer = at.layer;
  if (!layer.counts_padding && (layer.kind != LayerKind::average_pool || layer.pad_value != 0)) {
    at.fail("count_padding is false, which only average_pool layers have, with pad_value 0");
  }
  if (layer.pad_value == 0) return;
  if ((layer.kind != LayerKind::conv && layer.kind != LayerKind::average_pool) || layer.input < 0) {
    at.fail("pad_value is {}, which only conv and average_pool layers have whose input comes from a layer; expected 0",
            layer.pad_value);
  }
  if (layer.pad_value < 0 || layer.pad_value >= 1 << layer.input_bits) {
    at.fail("pad_value is {}, expected 0 to {}: the input has {} bits", layer.pad_value, (1 << layer.input_bits) - 1,
            layer.input_bits);
  }
}

}  // namespace cimcycle
