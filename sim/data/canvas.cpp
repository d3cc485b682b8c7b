// SPDX-License-Identifier: Apache-2.0
// The pixel loops of the built-in dataset. Inner loops run along rows and hold no branch, so that compilers vectorize
// them.
#include "data/canvas.h"

#include <cfloat>
#include <cmath>
#include <cstddef>

#ifdef __FAST_MATH__
#error "the built-in dataset must give the same bits everywhere; do not build with -ffast-math"
#endif
static_assert(FLT_EVAL_METHOD == 0, "the built-in dataset needs arithmetic in plain doubles");

namespace cimcycle {
namespace {

constexpr double far_away = 1e6;

// The pixels whose centres may lie in [low, high].
struct PixelRange {
  int begin;
  int end;
};

PixelRange pixels_between(double low, double high) {
  const double first = low < 0.0 ? 0.0 : low > canvas_side ? canvas_side : low;
  const double last = high < 0.0 ? 0.0 : high > canvas_side ? canvas_side : high;
  const int end = static_cast<int>(last) + 1;
  return {static_cast<int>(first), end > canvas_side ? canvas_side : end};
}

double smaller(double a, double b) { return a < b ? a : b; }
double larger(double a, double b) { return a > b ? a : b; }

}  // namespace

StrokeField::StrokeField() { squared_.fill(far_away); }

void StrokeField::draw_line(CanvasPoint from, CanvasPoint to, double radius) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double length2 = dx * dx + dy * dy;
  const double per_length2 = length2 > 0.0 ? 1.0 / length2 : 0.0;
  const double per_radius2 = 1.0 / (radius * radius);
  const double margin = radius + reach;
  const PixelRange columns = pixels_between(smaller(from.x, to.x) - margin, larger(from.x, to.x) + margin);
  const PixelRange rows = pixels_between(smaller(from.y, to.y) - margin, larger(from.y, to.y) + margin);
  for (int row = rows.begin; row < rows.end; ++row) {
    double* line = squared_.data() + row * canvas_side;
    const double y = row + 0.5 - from.y;
    for (int column = columns.begin; column < columns.end; ++column) {
      const double x = column + 0.5 - from.x;
      double along = (x * dx + y * dy) * per_length2;
      along = along < 0.0 ? 0.0 : along;
      along = along > 1.0 ? 1.0 : along;
      const double off_x = x - along * dx;
      const double off_y = y - along * dy;
      const double squared = (off_x * off_x + off_y * off_y) * per_radius2;
      line[column] = squared < line[column] ? squared : line[column];
    }
  }
}

void StrokeField::signed_distance(double radius, Plane& distance) const {
  for (std::size_t i = 0; i < distance.size(); ++i) distance[i] = radius * (std::sqrt(squared_[i]) - 1.0);
}

void add_texture(Plane& plane, int cell, double amplitude, Draws draws) {
  constexpr int most = canvas_side / 4 + 1;
  const int nodes = canvas_side / cell + 1;
  std::array<double, most * most> grid;
  for (int i = 0; i < nodes * nodes; ++i) grid[static_cast<std::size_t>(i)] = draws.between(-amplitude, amplitude);
  const double step = 1.0 / cell;
  for (int y = 0; y < canvas_side; ++y) {
    const double down = (y % cell + 0.5) * step;
    const double* above = grid.data() + (y / cell) * nodes;
    const double* below = above + nodes;
    double* line = plane.data() + y * canvas_side;
    for (int node = 0; node + 1 < nodes; ++node) {
      const double left = above[node] + down * (below[node] - above[node]);
      const double right = above[node + 1] + down * (below[node + 1] - above[node + 1]);
      const double slope = (right - left) * step;
      for (int x = 0; x < cell; ++x) line[node * cell + x] += left + (x + 0.5) * slope;
    }
  }
}

void blur(Plane& plane, double side) {
  constexpr int last = canvas_side - 1;
  const double centre = 1.0 - 2.0 * side;
  std::array<double, canvas_side> kept;
  for (int y = 0; y < canvas_side; ++y) {
    double* line = plane.data() + y * canvas_side;
    for (int x = 0; x < canvas_side; ++x) kept[static_cast<std::size_t>(x)] = line[x];
    line[0] = centre * kept[0] + side * (kept[0] + kept[1]);
    for (std::size_t x = 1; x < last; ++x) line[x] = centre * kept[x] + side * (kept[x - 1] + kept[x + 1]);
    line[last] = centre * kept[last] + side * (kept[last - 1] + kept[last]);
  }
  for (int x = 0; x < canvas_side; ++x) kept[static_cast<std::size_t>(x)] = plane[static_cast<std::size_t>(x)];
  for (int y = 0; y < canvas_side; ++y) {
    double* line = plane.data() + y * canvas_side;
    const double* below = plane.data() + (y < last ? y + 1 : last) * canvas_side;
    for (std::size_t x = 0; x < canvas_side; ++x) {
      const double own = line[x];
      line[x] = centre * own + side * (kept[x] + below[x]);
      kept[x] = own;
    }
  }
}

}  // namespace cimcycle
