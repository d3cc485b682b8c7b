// SPDX-License-Identifier: Apache-2.0
// The built-in dataset: street-number-like digits in 32 x 32 colour images, drawn from (seed, split, index) alone.
//
// The digit in the middle is the label; neighbours at the sides, low contrast, uneven light, blur, noise and lines
// across make it hard. See docs/formats/datasets.md. Networks have been trained on these images: they must stay as they
// are to the last bit, and tests hold them to it.
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "data/canvas.h"
#include "data/dataset.h"
#include "data/draws.h"
#include "data/glyphs.h"

namespace cimcycle {
namespace {

// Every part of an image draws from its own sequence, so that parts do not shift each other's draws.
enum Part : std::uint64_t {
  layout_part,
  glyph_part,
  colour_part,
  ground_part,
  line_part,
  light_part,
  lens_part,
  noise_part
};

using Colour = std::array<double, 3>;

struct Picture {
  std::array<Plane, 3> channels;
};

// Pen and shape that all digits of one image share, as the numbers on one house do.
struct Writing {
  double height;       // of a digit, pixels
  double aspect;       // width factor
  double radius;       // of the pen, pixels
  double thin;         // horizontal strokes have radius x (1 - thin)
  double jitter;       // of control points, digit heights
  CanvasPoint centre;  // of the middle digit
  double across[2];    // glyph x axis on the canvas, pixels per digit height
  double down[2];      // glyph y axis

  CanvasPoint place(const GlyphPoint& p) const {
    return {centre.x + p.x * across[0] + p.y * down[0], centre.y + p.x * across[1] + p.y * down[1]};
  }
};

Draws image_draws(std::uint64_t seed, DataSplit split, std::int64_t index) {
  return Draws(seed).stream(split == DataSplit::train ? 0 : 1).stream(static_cast<std::uint64_t>(index));
}

// Ten images in a row hold every digit once, in random order.
int class_of(std::uint64_t seed, DataSplit split, std::int64_t index) {
  Draws draws = image_draws(seed, split, -1 - index / 10);
  std::array<int, 10> digits{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  for (int i = 9; i > 0; --i)
    std::swap(digits[static_cast<std::size_t>(i)], digits[static_cast<std::size_t>(draws.below(i + 1))]);
  return digits[static_cast<std::size_t>(index % 10)];
}

Writing draw_writing(Draws draws) {
  Writing writing{};
  writing.height = draws.between(17.0, 28.0);
  writing.aspect = draws.between(0.7, 1.2);
  writing.radius = writing.height * draws.between(0.04, 0.085);
  const bool contrast_pen = draws.chance(0.3);
  const double thin = draws.between(0.1, 0.5);
  writing.thin = contrast_pen ? thin : 0.0;
  writing.jitter = draws.between(0.01, 0.07);
  writing.centre.x = 16.0 + draws.between(-2.0, 2.0);
  writing.centre.y = 16.0 + draws.between(-2.0, 2.0);
  // Rotation by the rational points of the circle: for t the tangent of half the angle, no sine is needed.
  const double bound = draws.chance(0.7) ? 0.06 : 0.2;
  const double t = draws.between(-bound, bound);
  const double cosine = (1.0 - t * t) / (1.0 + t * t);
  const double sine = 2.0 * t / (1.0 + t * t);
  const double shear = draws.between(-0.3, 0.3);
  const double width = writing.height * writing.aspect;
  const double height = writing.height - 2.0 * writing.radius;
  writing.across[0] = width * cosine;
  writing.across[1] = width * sine;
  writing.down[0] = height * (shear * cosine - sine);
  writing.down[1] = height * (shear * sine + cosine);
  return writing;
}

struct Extent {
  double left = 0;
  double right = 0;
};

Extent extent_of(const std::vector<GlyphSegment>& glyph) {
  Extent extent;
  for (const GlyphSegment& segment : glyph) {
    for (const double x : {segment.from.x, segment.to.x}) {
      extent.left = x < extent.left ? x : extent.left;
      extent.right = x > extent.right ? x : extent.right;
    }
  }
  return extent;
}

void draw_glyph(const std::vector<GlyphSegment>& glyph, double offset, const Writing& writing, StrokeField& field) {
  for (const GlyphSegment& segment : glyph) {
    const CanvasPoint from = writing.place({segment.from.x + offset, segment.from.y});
    const CanvasPoint to = writing.place({segment.to.x + offset, segment.to.y});
    const double dx = to.x - from.x;
    const double dy = to.y - from.y;
    const double length = std::sqrt(dx * dx + dy * dy);
    const double flat = length > 0.0 ? (dx < 0.0 ? -dx : dx) / length : 0.0;
    field.draw_line(from, to, writing.radius * (1.0 - writing.thin * flat));
  }
}

std::vector<GlyphSegment> draw_digit(int digit, double jitter, Draws draws) {
  const int variant = draws.below(glyph_variants(digit));
  return glyph_segments(digit, variant, jitter, draws.stream(0));
}

// The middle digit and, in most images, neighbours left and right.
void draw_number(int digit, const Writing& writing, Draws draws, StrokeField& field) {
  const std::vector<GlyphSegment> middle = draw_digit(digit, writing.jitter, draws.stream(0));
  draw_glyph(middle, 0.0, writing, field);
  const Extent middle_extent = extent_of(middle);
  const double pen = 2.0 * writing.radius / (writing.height * writing.aspect);
  const double gap = draws.between(0.02, 0.25);
  for (int side = 0; side < 2; ++side) {
    const double sign = side == 0 ? -1.0 : 1.0;
    double border = side == 0 ? -middle_extent.left : middle_extent.right;
    for (int neighbour = 0; neighbour < 2 && draws.chance(0.65); ++neighbour) {
      const int other = draws.below(10);
      const Draws shape = draws.stream(static_cast<std::uint64_t>(1 + 2 * side + neighbour));
      const std::vector<GlyphSegment> glyph = draw_digit(other, writing.jitter, shape);
      const Extent extent = extent_of(glyph);
      const double inner = side == 0 ? extent.right : -extent.left;
      const double outer = side == 0 ? -extent.left : extent.right;
      const double offset = border + pen + gap + inner;
      draw_glyph(glyph, sign * offset, writing, field);
      border = offset + outer;
    }
  }
}

// A direction in colour space, mostly along grey.
Colour draw_tint(double spread, Draws& draws) {
  Colour tint{};
  for (double& channel : tint) channel = 1.0 + draws.between(-spread, spread);
  return tint;
}

struct Palette {
  Colour ground;
  Colour ink;
  double contrast;  // signed distance of ink from ground along grey
};

Palette draw_palette(Draws draws) {
  Palette palette{};
  const double level = draws.between(40.0, 210.0);
  const Colour ground_tint = draw_tint(0.25, draws);
  const double share = draws.unit();
  // Squared: low contrast is common.
  const double contrast = 28.0 + 122.0 * share * share;
  const bool wanted_lighter = draws.chance(0.5);
  const Colour ink_tint = draw_tint(0.7, draws);
  const bool lighter = level + contrast > 250.0 ? false : level - contrast < 5.0 ? true : wanted_lighter;
  palette.contrast = lighter ? contrast : -contrast;
  for (std::size_t c = 0; c < 3; ++c) {
    palette.ground[c] = level * ground_tint[c];
    palette.ink[c] = palette.ground[c] + palette.contrast * ink_tint[c];
  }
  return palette;
}

void fill_ground(const Palette& palette, Draws draws, Picture& picture) {
  const double slope = draws.between(0.0, 1.6);
  const double turn = draws.between(-1.0, 1.0);
  const bool upright = draws.chance(0.5);
  const double gradient_x = upright ? slope * turn : slope;
  const double gradient_y = upright ? slope : slope * turn;
  const double coarse = draws.between(0.0, 22.0);
  const double fine = draws.chance(0.4) ? draws.between(0.0, 16.0) : 0.0;
  const double chroma = draws.between(0.0, 12.0);
  Plane grey{};
  for (int y = 0; y < canvas_side; ++y) {
    for (int x = 0; x < canvas_side; ++x) {
      grey[static_cast<std::size_t>(y * canvas_side + x)] = gradient_x * (x - 15.5) + gradient_y * (y - 15.5);
    }
  }
  add_texture(grey, 8, coarse, draws.stream(0));
  add_texture(grey, 4, fine, draws.stream(1));
  // Joints between bricks, boards or tiles: every `period` pixels along a slightly turned axis.
  if (draws.chance(0.3)) {
    const double period = draws.between(5.0, 14.0);
    const double start = draws.between(100.0, 120.0);
    const double tilt = draws.between(-0.15, 0.15);
    const double depth = draws.between(-30.0, 30.0);
    const bool vertical = draws.chance(0.4);
    for (int y = 0; y < canvas_side; ++y) {
      for (int x = 0; x < canvas_side; ++x) {
        const double along = start + (vertical ? x + tilt * y : y + tilt * x);
        const double periods = along / period;
        const double phase = (periods - static_cast<int>(periods)) * period;
        grey[static_cast<std::size_t>(y * canvas_side + x)] += phase < 1.2 ? depth : 0.0;
      }
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    Plane& plane = picture.channels[c];
    for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = palette.ground[c] + grey[i];
    add_texture(plane, 16, chroma, draws.stream(2 + c));
  }
}

// A straight edge across the picture: what lies beyond it (another wall, a door, a frame) has another colour.
void paint_panel(Draws draws, Picture& picture) {
  if (!draws.chance(0.35)) return;
  const double t = draws.between(-0.1, 0.1);
  const int direction = draws.below(4);
  const double position = draws.between(9.0, 16.0);
  const double change = draws.between(-70.0, 70.0);
  const Colour tint = draw_tint(0.5, draws);
  for (int y = 0; y < canvas_side; ++y) {
    for (int x = 0; x < canvas_side; ++x) {
      const double across = direction < 2 ? x - 15.5 + t * (y - 15.5) : y - 15.5 + t * (x - 15.5);
      const double share = coverage(position - (direction % 2 == 0 ? across : -across));
      for (std::size_t c = 0; c < 3; ++c) {
        picture.channels[c][static_cast<std::size_t>(y * canvas_side + x)] += share * change * tint[c];
      }
    }
  }
}

void mix(Plane& plane, const Plane& share, double value) {
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] += share[i] * (value - plane[i]);
}

void paint_number(const StrokeField& field, const Writing& writing, const Palette& palette, Draws draws,
                  Picture& picture) {
  Plane distance;
  field.signed_distance(writing.radius, distance);
  Plane share;
  const bool shadow = draws.chance(0.25);
  const int shadow_x = draws.below(3) - 1;
  const int shadow_y = draws.below(2);
  const double shadow_depth = draws.between(0.2, 0.7);
  const bool outline = draws.chance(0.15);
  const double outline_width = draws.between(0.5, 1.4);
  const double outline_level = draws.between(20.0, 235.0);
  const double fade = draws.between(-0.35, 0.35);
  if (shadow) {
    for (int y = 0; y < canvas_side; ++y) {
      for (int x = 0; x < canvas_side; ++x) {
        const int from_x = x - shadow_x;
        const int from_y = y - shadow_y;
        const bool inside = from_x >= 0 && from_x < canvas_side && from_y >= 0;
        const double cover = inside ? coverage(distance[static_cast<std::size_t>(from_y * canvas_side + from_x)]) : 0.0;
        share[static_cast<std::size_t>(y * canvas_side + x)] = shadow_depth * cover;
      }
    }
    for (Plane& plane : picture.channels) mix(plane, share, 15.0);
  }
  if (outline) {
    for (std::size_t i = 0; i < share.size(); ++i) share[i] = coverage(distance[i] - outline_width);
    for (Plane& plane : picture.channels) mix(plane, share, outline_level);
  }
  // Paint fades towards the ground from one end of the picture to the other.
  for (int y = 0; y < canvas_side; ++y) {
    const double opacity = 1.0 - (fade < 0.0 ? -fade * (31 - y) : fade * y) * (1.0 / 31.0);
    for (int x = 0; x < canvas_side; ++x) {
      const std::size_t i = static_cast<std::size_t>(y * canvas_side + x);
      share[i] = opacity * coverage(distance[i]);
    }
  }
  for (std::size_t c = 0; c < 3; ++c) mix(picture.channels[c], share, palette.ink[c]);
}

// Wires, twigs, scratches: thin lines across the digit, some in the colour of the ground or of the ink.
void paint_lines(const Palette& palette, Draws draws, Picture& picture) {
  const double many = draws.unit();
  const int lines = many < 0.5 ? 0 : many < 0.8 ? 1 : many < 0.95 ? 2 : 3;
  for (int line = 0; line < lines; ++line) {
    const CanvasPoint middle{draws.between(7.0, 25.0), draws.between(7.0, 25.0)};
    const double slope = draws.between(-1.0, 1.0);
    const bool steep = draws.chance(0.5);
    const double half = draws.chance(0.6) ? 40.0 : draws.between(3.0, 9.0);
    const double radius = draws.between(0.4, 1.2);
    const double opacity = draws.between(0.5, 1.0);
    const int kind = draws.below(3);
    const double level = draws.between(0.0, 255.0);
    const double dx = steep ? half * slope : half;
    const double dy = steep ? half : half * slope;
    StrokeField field;
    field.draw_line({middle.x - dx, middle.y - dy}, {middle.x + dx, middle.y + dy}, radius);
    Plane share;
    field.signed_distance(radius, share);
    for (double& value : share) value = opacity * coverage(value);
    for (std::size_t c = 0; c < 3; ++c) {
      mix(picture.channels[c], share, kind == 0 ? palette.ground[c] : kind == 1 ? palette.ink[c] : level);
    }
  }
}

// Uneven light: a slope over the picture and a round bright or dark spot.
void light(Draws draws, Picture& picture) {
  const double slope_x = draws.between(-0.012, 0.012);
  const double slope_y = draws.between(-0.012, 0.012);
  const bool spot = draws.chance(0.4);
  const CanvasPoint centre{draws.between(0.0, 32.0), draws.between(0.0, 32.0)};
  const double size = draws.between(6.0, 20.0);
  const double depth = draws.between(-0.45, 0.45);
  const double strength = spot ? depth : 0.0;
  const double per_size2 = 1.0 / (size * size);
  for (int y = 0; y < canvas_side; ++y) {
    for (int x = 0; x < canvas_side; ++x) {
      const double off_x = x + 0.5 - centre.x;
      const double off_y = y + 0.5 - centre.y;
      const double inside = 1.0 - (off_x * off_x + off_y * off_y) * per_size2;
      const double near = inside > 0.0 ? inside : 0.0;
      const double factor = 1.0 + slope_x * (x - 15.5) + slope_y * (y - 15.5) + strength * near * near;
      for (Plane& plane : picture.channels) plane[static_cast<std::size_t>(y * canvas_side + x)] *= factor;
    }
  }
}

void defocus(Draws draws, Picture& picture) {
  const int passes = draws.below(4);
  for (int pass = 0; pass < passes; ++pass) {
    const double side = draws.between(0.08, 0.25);
    for (Plane& plane : picture.channels) blur(plane, side);
  }
}

// Sensor noise, then rounding to bytes. The sum of four uniform 16-bit numbers is near enough to a normal distribution;
// its standard deviation is 65536 / sqrt(3).
void expose(Draws draws, const Picture& picture, std::span<std::uint8_t> pixels) {
  const double share = draws.unit();
  const double deviation = 2.0 + 14.0 * share * share;
  const double step = deviation / 37837.0;
  std::size_t out = 0;
  for (const Plane& plane : picture.channels) {
    for (const double value : plane) {
      const std::uint64_t bits = draws.bits();
      const std::uint64_t pairs = (bits & 0x0000ffff0000ffffu) + ((bits >> 16) & 0x0000ffff0000ffffu);
      const std::int32_t sum = static_cast<std::int32_t>(pairs & 0xffffffffu) + static_cast<std::int32_t>(pairs >> 32);
      const double noisy = value + step * (sum - 131070);
      const double clamped = noisy < 0.0 ? 0.0 : noisy > 255.0 ? 255.0 : noisy;
      pixels[out++] = static_cast<std::uint8_t>(static_cast<int>(clamped + 0.5));
    }
  }
}

}  // namespace

int synthetic_image(std::uint64_t seed, DataSplit split, std::int64_t index, std::span<std::uint8_t> pixels) {
  assert(index >= 0 && pixels.size() == std::size_t{3} * canvas_pixels);
  const Draws draws = image_draws(seed, split, index);
  const int digit = class_of(seed, split, index);
  const Writing writing = draw_writing(draws.stream(layout_part));
  const Palette palette = draw_palette(draws.stream(colour_part));
  StrokeField field;
  draw_number(digit, writing, draws.stream(glyph_part), field);

  Picture picture;
  fill_ground(palette, draws.stream(ground_part), picture);
  paint_panel(draws.stream(ground_part).stream(100), picture);
  paint_number(field, writing, palette, draws.stream(colour_part).stream(100), picture);
  paint_lines(palette, draws.stream(line_part), picture);
  light(draws.stream(light_part), picture);
  defocus(draws.stream(lens_part), picture);
  expose(draws.stream(noise_part), picture, pixels);
  return digit;
}

}  // namespace cimcycle
