// SPDX-License-Identifier: Apache-2.0
// The table of digit strokes, and its flattening into segments with + - * only.
#include "data/glyphs.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace cimcycle {
namespace {

enum class StrokeKind {
  corners,  // straight from point to point
  curve,    // a smooth curve through the points
  loop,     // a smooth closed curve through the points
};

// In hundredths of the box height.
struct ControlPoint {
  std::int8_t x;
  std::int8_t y;
};

struct Stroke {
  StrokeKind kind;
  int count;
  ControlPoint points[12];
};

struct Variant {
  int digit;
  int count;
  Stroke strokes[2];
};

constexpr StrokeKind corners = StrokeKind::corners;
constexpr StrokeKind curve = StrokeKind::curve;
constexpr StrokeKind loop = StrokeKind::loop;

constexpr Stroke lower_bowl{loop, 8, {{0, -8}, {20, 0}, {27, 21}, {18, 42}, {0, 50}, {-18, 42}, {-27, 21}, {-20, 0}}};
constexpr Stroke upper_bowl{
    loop, 8, {{0, 8}, {-20, 0}, {-27, -21}, {-18, -42}, {0, -50}, {18, -42}, {27, -21}, {20, 0}}};

// In the order of digits. The angular variants are those of seven-segment and stencil numbers.
// clang-format off
constexpr Variant variants[] = {
    {0, 1, {{loop, 8, {{0, -50}, {21, -37}, {28, 0}, {21, 37}, {0, 50}, {-21, 37}, {-28, 0}, {-21, -37}}}}},
    {0, 1, {{corners, 9, {{-14, -50}, {14, -50}, {27, -36}, {27, 36}, {14, 50}, {-14, 50}, {-27, 36},
            {-27, -36}, {-14, -50}}}}},
    {0, 1, {{loop, 8, {{4, -50}, {24, -34}, {24, 4}, {14, 40}, {-4, 50}, {-24, 34}, {-24, -4}, {-14, -40}}}}},
    {1, 1, {{corners, 2, {{0, -50}, {0, 50}}}}},
    {1, 1, {{corners, 3, {{-18, -32}, {3, -50}, {3, 50}}}}},
    {1, 2, {{corners, 3, {{-18, -34}, {2, -50}, {2, 50}}}, {corners, 2, {{-20, 50}, {23, 50}}}}},
    {1, 1, {{corners, 3, {{-11, -42}, {0, -50}, {0, 50}}}}},
    {2, 2, {{curve, 8, {{-25, -29}, {-18, -44}, {0, -50}, {20, -43}, {26, -24}, {14, 0}, {-8, 26}, {-27, 50}}},
            {corners, 2, {{-27, 50}, {28, 50}}}}},
    {2, 1, {{corners, 6, {{-26, -50}, {26, -50}, {26, 0}, {-26, 0}, {-26, 50}, {26, 50}}}}},
    {2, 2, {{curve, 6, {{-24, -32}, {-8, -49}, {16, -46}, {25, -25}, {10, 6}, {-26, 49}}},
            {curve, 4, {{-26, 49}, {-8, 43}, {10, 50}, {28, 44}}}}},
    {3, 2, {{curve, 6, {{-24, -36}, {-8, -50}, {14, -47}, {24, -28}, {14, -6}, {-6, -3}}},
            {curve, 6, {{-6, -3}, {18, 3}, {28, 24}, {16, 45}, {-6, 50}, {-26, 37}}}}},
    {3, 2, {{corners, 3, {{-24, -50}, {24, -50}, {-2, -12}}},
            {curve, 6, {{-2, -12}, {20, -4}, {28, 20}, {18, 42}, {-4, 50}, {-26, 40}}}}},
    {3, 2, {{corners, 4, {{-25, -50}, {25, -50}, {25, 50}, {-25, 50}}}, {corners, 2, {{-16, 0}, {25, 0}}}}},
    {4, 1, {{corners, 4, {{12, 50}, {12, -50}, {-28, 18}, {30, 18}}}}},
    {4, 2, {{corners, 3, {{-20, -50}, {-26, 6}, {28, 6}}}, {corners, 2, {{14, -32}, {14, 50}}}}},
    {4, 2, {{corners, 3, {{-25, -50}, {-25, 3}, {25, 3}}}, {corners, 2, {{25, -50}, {25, 50}}}}},
    {5, 2, {{corners, 3, {{24, -50}, {-18, -50}, {-22, -8}}},
            {curve, 7, {{-22, -8}, {-2, -16}, {20, -6}, {27, 17}, {16, 42}, {-6, 50}, {-26, 40}}}}},
    {5, 1, {{corners, 6, {{25, -50}, {-25, -50}, {-25, -2}, {25, -2}, {25, 50}, {-25, 50}}}}},
    {5, 2, {{corners, 3, {{26, -47}, {-12, -50}, {-20, -4}}},
            {curve, 5, {{-20, -4}, {12, -8}, {26, 16}, {8, 44}, {-26, 48}}}}},
    {6, 2, {lower_bowl, {curve, 4, {{18, -50}, {-4, -38}, {-20, -14}, {-27, 19}}}}},
    {6, 2, {lower_bowl, {curve, 5, {{25, -36}, {8, -50}, {-14, -43}, {-26, -14}, {-27, 21}}}}},
    {6, 1, {{corners, 6, {{25, -50}, {-25, -50}, {-25, 50}, {25, 50}, {25, -2}, {-25, -2}}}}},
    {6, 2, {lower_bowl, {corners, 2, {{12, -50}, {-23, 6}}}}},
    {7, 1, {{corners, 3, {{-26, -50}, {27, -50}, {-6, 50}}}}},
    {7, 2, {{corners, 3, {{-26, -50}, {27, -50}, {-8, 50}}}, {corners, 2, {{-14, 2}, {20, 2}}}}},
    {7, 2, {{corners, 2, {{-26, -50}, {27, -50}}}, {curve, 4, {{27, -50}, {8, -16}, {-3, 18}, {-6, 50}}}}},
    {7, 1, {{corners, 4, {{-25, -34}, {-25, -50}, {26, -50}, {4, 50}}}}},
    {8, 2, {{loop, 8, {{0, -50}, {17, -44}, {22, -27}, {15, -9}, {0, -3}, {-15, -9}, {-22, -27}, {-17, -44}}},
            {loop, 8, {{0, -3}, {20, 5}, {27, 24}, {19, 43}, {0, 50}, {-19, 43}, {-27, 24}, {-20, 5}}}}},
    {8, 1, {{loop, 12, {{0, -50}, {21, -41}, {18, -19}, {0, -2}, {-21, 18}, {-24, 39}, {0, 50}, {24, 39},
            {21, 18}, {0, -2}, {-18, -19}, {-21, -41}}}}},
    {8, 2, {{corners, 5, {{-25, -50}, {25, -50}, {25, 50}, {-25, 50}, {-25, -50}}},
            {corners, 2, {{-25, -1}, {25, -1}}}}},
    {9, 2, {upper_bowl, {curve, 4, {{-18, 50}, {4, 38}, {20, 14}, {27, -19}}}}},
    {9, 2, {upper_bowl, {curve, 5, {{-25, 36}, {-8, 50}, {14, 43}, {26, 14}, {27, -21}}}}},
    {9, 1, {{corners, 6, {{-25, 50}, {25, 50}, {25, -50}, {-25, -50}, {-25, 2}, {25, 2}}}}},
    {9, 2, {upper_bowl, {corners, 2, {{27, -21}, {23, 50}}}}},
};
// clang-format on

// Pieces of a smooth curve between two control points: at 30 pixels a digit a chord is then off by less than 1/4 pixel.
constexpr int pieces = 4;

// Point at t of the uniform Catmull-Rom spline between b and c (E. Catmull, R. Rom, "A class of local interpolating
// splines", 1974).
double spline(double a, double b, double c, double d, double t) {
  const double cubic = 3.0 * (b - c) + d - a;
  const double square = 2.0 * a - 5.0 * b + 4.0 * c - d;
  return b + 0.5 * t * ((c - a) + t * (square + t * cubic));
}

GlyphPoint spline(const GlyphPoint& a, const GlyphPoint& b, const GlyphPoint& c, const GlyphPoint& d, double t) {
  return {spline(a.x, b.x, c.x, d.x, t), spline(a.y, b.y, c.y, d.y, t)};
}

void add_smooth(std::span<const GlyphPoint> points, bool closed, std::vector<GlyphSegment>& segments) {
  const int count = static_cast<int>(points.size());
  // An open curve has its end points doubled, which lets it end straight.
  const auto at = [&](int i) -> const GlyphPoint& {
    if (closed) return points[static_cast<std::size_t>((i + count) % count)];
    return points[static_cast<std::size_t>(i < 0 ? 0 : i >= count ? count - 1 : i)];
  };
  for (int i = 0; i < (closed ? count : count - 1); ++i) {
    GlyphPoint last = at(i);
    for (int piece = 1; piece <= pieces; ++piece) {
      const GlyphPoint next = spline(at(i - 1), at(i), at(i + 1), at(i + 2), piece * (1.0 / pieces));
      segments.push_back({last, next});
      last = next;
    }
  }
}

// A smooth displacement of the plane: quadratic in x and y, so that points that coincide stay together.
struct Bend {
  double x[4];
  double y[4];
  GlyphPoint at(const GlyphPoint& p) const {
    return {p.x + x[0] * p.y + x[1] * p.x * p.y + x[2] * p.y * p.y + x[3] * p.x * p.x,
            p.y + y[0] * p.x + y[1] * p.x * p.y + y[2] * p.y * p.y + y[3] * p.x * p.x};
  }
};

Bend draw_bend(double amount, Draws& draws) {
  Bend bend{};
  for (double& coefficient : bend.x) coefficient = 2.0 * draws.between(-amount, amount);
  for (double& coefficient : bend.y) coefficient = 2.0 * draws.between(-amount, amount);
  return bend;
}

}  // namespace

int glyph_variants(int digit) {
  int count = 0;
  for (const Variant& variant : variants) count += variant.digit == digit;
  return count;
}

std::vector<GlyphSegment> glyph_segments(int digit, int variant, double jitter, Draws draws) {
  const Variant* chosen = variants;
  while (chosen->digit != digit) ++chosen;
  chosen += variant;

  const Bend bend = draw_bend(jitter, draws);
  std::vector<GlyphSegment> segments;
  for (int s = 0; s < chosen->count; ++s) {
    const Stroke& stroke = chosen->strokes[s];
    std::array<GlyphPoint, 12> points{};
    for (int i = 0; i < stroke.count; ++i) {
      const GlyphPoint ideal{0.01 * stroke.points[i].x, 0.01 * stroke.points[i].y};
      const double dx = draws.between(-jitter, jitter);
      const double dy = draws.between(-jitter, jitter);
      points[static_cast<std::size_t>(i)] = bend.at({ideal.x + 0.5 * dx, ideal.y + 0.5 * dy});
    }
    const std::span<const GlyphPoint> used(points.data(), static_cast<std::size_t>(stroke.count));
    if (stroke.kind == StrokeKind::corners) {
      for (std::size_t i = 1; i < used.size(); ++i) segments.push_back({used[i - 1], used[i]});
    } else {
      add_smooth(used, stroke.kind == StrokeKind::loop, segments);
    }
  }
  return segments;
}

}  // namespace cimcycle
