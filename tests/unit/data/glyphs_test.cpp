// SPDX-License-Identifier: Apache-2.0
// The digit strokes: enough ways of writing each digit, all of them inside the digit's box.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "data/glyphs.h"

using namespace cimcycle;

TEST_CASE("every digit has three or more variants that fill the height of its box") {
  for (int digit = 0; digit < 10; ++digit) {
    REQUIRE(glyph_variants(digit) >= 3);
    for (int variant = 0; variant < glyph_variants(digit); ++variant) {
      double left = 0, right = 0, top = 0, bottom = 0;
      for (const GlyphSegment& segment : glyph_segments(digit, variant, 0.0, Draws(1))) {
        for (const GlyphPoint& p : {segment.from, segment.to}) {
          left = std::min(left, p.x), right = std::max(right, p.x);
          top = std::min(top, p.y), bottom = std::max(bottom, p.y);
        }
      }
      INFO("digit " << digit << ", variant " << variant);
      CHECK(left > -0.35);
      CHECK(right < 0.35);
      CHECK((top < -0.49 && top > -0.53));
      CHECK((bottom > 0.47 && bottom < 0.53));
    }
  }
}

TEST_CASE("no two variants are the same, and jitter moves points a little") {
  std::vector<std::vector<GlyphSegment>> all;
  for (int digit = 0; digit < 10; ++digit) {
    for (int variant = 0; variant < glyph_variants(digit); ++variant)
      all.push_back(glyph_segments(digit, variant, 0.0, Draws(1)));
  }
  const auto same = [](const GlyphSegment& a, const GlyphSegment& b) {
    return a.from.x == b.from.x && a.from.y == b.from.y && a.to.x == b.to.x && a.to.y == b.to.y;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      CHECK_FALSE(std::equal(all[i].begin(), all[i].end(), all[j].begin(), all[j].end(), same));
  }
  const std::vector<GlyphSegment> still = glyph_segments(8, 0, 0.0, Draws(1));
  const std::vector<GlyphSegment> moved = glyph_segments(8, 0, 0.05, Draws(1));
  REQUIRE(still.size() == moved.size());
  double farthest = 0;
  for (std::size_t i = 0; i < still.size(); ++i) {
    farthest = std::max(farthest, std::hypot(still[i].from.x - moved[i].from.x, still[i].from.y - moved[i].from.y));
  }
  CHECK(farthest > 0.01);
  CHECK(farthest < 0.2);
}

TEST_CASE("a closed stroke ends where it begins") {
  const std::vector<GlyphSegment> zero = glyph_segments(0, 0, 0.03, Draws(5));
  for (std::size_t i = 0; i < zero.size(); ++i) {
    const GlyphSegment& next = zero[(i + 1) % zero.size()];
    CHECK(zero[i].to.x == Approx(next.from.x));
    CHECK(zero[i].to.y == Approx(next.from.y));
  }
}
