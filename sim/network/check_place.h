// SPDX-License-Identifier: Apache-2.0
// One layer under check, and what is checked of it in files of its own; for check_structure.cpp alone.
#pragma once

#include <string>

#include "base/error.h"
#include "base/text.h"
#include "network/limits.h"
#include "network/network.h"

namespace cimcycle {

/// One layer with what its messages need.
struct Place {
  const Network& network;
  const Layer& layer;
  int index;
  const std::string& file;

  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) const {
    fail_input("{}: layer {}: {}", file, printable(layer.name), fmt::format(text, std::forward<Args>(args)...));
  }
  const Shape& shape_of(int source) const {
    return source < 0 ? network.image : network.layers[static_cast<std::size_t>(source)].out;
  }
  /// What the layer's input gives, as this layer sees it.
  Shape expected_input() const {
    Shape given = shape_of(layer.input);
    for (const int more : layer.more_inputs) given.channels += shape_of(more).channels;
    return layer.kind == LayerKind::linear ? Shape{static_cast<int>(given.size()), 1, 1} : given;
  }
};

inline bool is_side(int value) { return value >= 1 && value <= limits::side; }

/// Throws InputError unless the sides and the number of values are within the limits.
void check_shape(const Shape& shape, const std::string& where);

/// Kernel, stride, dilation, padding and the shape that they make of the input; channel groups; what padding holds.
void check_window(const Place& at);
void check_groups(const Place& at);
void check_pad_value(const Place& at);

/// The DE-C3 annotation.
void check_dec3(const Place& at);

}  // namespace cimcycle
