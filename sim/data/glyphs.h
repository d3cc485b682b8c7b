// SPDX-License-Identifier: Apache-2.0
// The ten digits as pen strokes, several ways of writing each.
#pragma once

#include <span>
#include <vector>

#include "data/draws.h"

namespace cimcycle {

/// A point of a glyph: x to the right, y down, the digit's box is about [-0.3, 0.3] x [-0.5, 0.5].
struct GlyphPoint {
  double x = 0;
  double y = 0;
};

/// A straight piece of a pen stroke.
struct GlyphSegment {
  GlyphPoint from;
  GlyphPoint to;
};

/// Number of ways in which `digit` (0 to 9) can be written.
int glyph_variants(int digit);

/// The segments of `digit` in one of its variants. Control points move by up to about `jitter` (in box heights): a
/// common bend of the whole digit, and each point on its own.
std::vector<GlyphSegment> glyph_segments(int digit, int variant, double jitter, Draws draws);

}  // namespace cimcycle
