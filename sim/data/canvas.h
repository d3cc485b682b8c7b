// SPDX-License-Identifier: Apache-2.0
// A 32 x 32 drawing surface in doubles: strokes with a round pen, smooth textures, blur.
//
// Everything here is + - * / and square root of doubles in a fixed order, which IEEE 754 defines to the last bit: the
// same input gives the same picture on every machine.
#pragma once

#include <array>
#include <span>

#include "data/draws.h"

namespace cimcycle {

inline constexpr int canvas_side = 32;
inline constexpr int canvas_pixels = canvas_side * canvas_side;

/// One value per pixel, row by row. Pixel (x, y) has its centre at (x + 0.5, y + 0.5).
using Plane = std::array<double, canvas_pixels>;

/// A point of the canvas, in pixels from its top left corner.
struct CanvasPoint {
  double x = 0;
  double y = 0;
};

/// Squared distance of every pixel from the drawn strokes, in squared pen radii: below 1 is ink.
class StrokeField {
 public:
  StrokeField();
  /// Draws a line with a pen of `radius` pixels. Only pixels within radius + `reach` are looked at.
  void draw_line(CanvasPoint from, CanvasPoint to, double radius);
  /// Distance of every pixel from the border of the ink, in pixels (negative inside), for a pen of `radius`.
  void signed_distance(double radius, Plane& distance) const;

  /// Farthest distance from the border at which `signed_distance` is exact.
  static constexpr double reach = 2.5;

 private:
  Plane squared_;
};

/// Share of a pixel that ink covers whose border is `distance` pixels away (negative inside).
constexpr double coverage(double distance) {
  const double share = 0.5 - distance;
  return share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
}

/// Adds a random field of about +-`amplitude`: random values on a square grid of `cell` pixels (4, 8 or 16), linear
/// between.
void add_texture(Plane& plane, int cell, double amplitude, Draws draws);

/// Replaces each pixel by (1 - 2 side) x itself + side x each neighbour, in rows and then in columns. `side` is 0 to
/// 0.25; beyond the border the border pixel is repeated. Adds 2 side to the variance of the blur.
void blur(Plane& plane, double side);

}  // namespace cimcycle
