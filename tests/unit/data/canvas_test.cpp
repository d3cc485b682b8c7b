// SPDX-License-Identifier: Apache-2.0
// The pixel loops against slow twins that look at one pixel at a time.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "data/canvas.h"

using namespace cimcycle;

namespace {

struct Line {
  double x0, y0, x1, y1, radius;
};

// Distance of a point from a line's ink, by its angle: another way than projecting with clamped parameters.
double distance_from(const Line& line, double x, double y) {
  const double length = std::hypot(line.x1 - line.x0, line.y1 - line.y0);
  if (length == 0.0) return std::hypot(x - line.x0, y - line.y0);
  const double along = ((x - line.x0) * (line.x1 - line.x0) + (y - line.y0) * (line.y1 - line.y0)) / length;
  const double across = std::abs((x - line.x0) * (line.y1 - line.y0) - (y - line.y0) * (line.x1 - line.x0)) / length;
  const double beyond = along < 0.0 ? -along : along > length ? along - length : 0.0;
  return std::hypot(across, beyond);
}

}  // namespace

TEST_CASE("distances near the ink equal those of the nearest line, also for lines outside the canvas") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> place(-20.0, 52.0), nearby(-6.0, 6.0);
  for (int round = 0; round < 200; ++round) {
    StrokeField field;
    std::vector<Line> lines;
    for (int i = 0; i < 4; ++i) {
      const double x = place(random), y = place(random);
      Line line{x, y, x + nearby(random), y + nearby(random), 1.5};
      if (i == 3) line.x1 = line.x0, line.y1 = line.y0;  // a dot
      lines.push_back(line);
      field.draw_line({line.x0, line.y0}, {line.x1, line.y1}, line.radius);
    }
    const auto distance = std::make_unique<Plane>();
    field.signed_distance(1.5, *distance);
    int wrong = 0;
    for (int y = 0; y < 32; ++y) {
      for (int x = 0; x < 32; ++x) {
        double expected = 1e9;
        for (const Line& line : lines)
          expected = std::min(expected, distance_from(line, x + 0.5, y + 0.5) - line.radius);
        const double found = (*distance)[static_cast<std::size_t>(32 * y + x)];
        wrong += expected <= StrokeField::reach ? std::abs(found - expected) > 1e-9 : found <= StrokeField::reach;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("coverage falls from 1 to 0 over one pixel") {
  CHECK(coverage(-3.0) == 1.0);
  CHECK(coverage(-0.5) == 1.0);
  CHECK(coverage(0.0) == 0.5);
  CHECK(coverage(0.25) == 0.25);
  CHECK(coverage(0.5) == 0.0);
  CHECK(coverage(9.0) == 0.0);
}

TEST_CASE("blur equals its definition, rows first, the border repeated") {
  Plane plane;
  std::mt19937 random(8);
  for (double& value : plane) value = std::uniform_real_distribution<double>(0.0, 255.0)(random);
  const auto at = [](const Plane& from, int x, int y) {
    return from[static_cast<std::size_t>(std::clamp(y, 0, 31) * 32 + std::clamp(x, 0, 31))];
  };
  Plane rows, both;
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      rows[static_cast<std::size_t>(y * 32 + x)] =
          0.6 * at(plane, x, y) + 0.2 * (at(plane, x - 1, y) + at(plane, x + 1, y));
    }
  }
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      both[static_cast<std::size_t>(y * 32 + x)] =
          0.6 * at(rows, x, y) + 0.2 * (at(rows, x, y - 1) + at(rows, x, y + 1));
    }
  }
  blur(plane, 0.2);
  for (std::size_t i = 0; i < plane.size(); ++i) REQUIRE(plane[i] == Approx(both[i]).epsilon(1e-12));
}

TEST_CASE("a texture stays within its amplitude and is linear between the nodes of its grid") {
  for (const int cell : {4, 8, 16}) {
    Plane plane{};
    add_texture(plane, cell, 10.0, Draws(3));
    CHECK(*std::max_element(plane.begin(), plane.end()) <= 10.0);
    CHECK(*std::min_element(plane.begin(), plane.end()) >= -10.0);
    CHECK(*std::max_element(plane.begin(), plane.end()) > 2.0);
    for (int y = 0; y < 32; ++y) {
      for (int x = 1; x < 31; ++x) {
        if ((x - 1) / cell != (x + 1) / cell) continue;
        const double* p = plane.data() + 32 * y + x;
        REQUIRE(p[-1] + p[1] == Approx(2.0 * p[0]).margin(1e-9));
      }
    }
  }
}
