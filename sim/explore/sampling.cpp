// SPDX-License-Identifier: Apache-2.0
#include "explore/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "data/draws.h"

namespace cimcycle {
namespace {

constexpr std::int64_t max_points = 100000;

/// Appends the axis's values at `position`, in [0, 1) of its list or interval.
void append_at(const SweepAxis& axis, double position, Settings& settings) {
  if (axis.interval) {
    const SweepInterval& range = *axis.interval;
    if (range.whole) {
      const double value = range.from + std::floor(position * (range.to - range.from + 1));
      settings.emplace_back(static_cast<std::int64_t>(std::min(value, range.to)));
    } else {
      settings.emplace_back(range.from + position * (range.to - range.from));
    }
    return;
  }
  const auto count = static_cast<double>(axis.values.size());
  const std::size_t index = std::min(axis.values.size() - 1, static_cast<std::size_t>(position * count));
  settings.insert(settings.end(), axis.values[index].begin(), axis.values[index].end());
}

std::vector<Settings> grid(const Sweep& sweep) {
  std::int64_t count = 1;
  for (const SweepAxis& axis : sweep.axes) {
    count *= static_cast<std::int64_t>(axis.values.size());
    if (count > max_points) {
      fail_input("{}: axes: the grid has more than {} points; use fewer values or sampling", sweep.file, max_points);
    }
  }
  std::vector<Settings> points;
  points.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    Settings settings;
    std::int64_t block = count, rest = i;
    for (const SweepAxis& axis : sweep.axes) {
      block /= static_cast<std::int64_t>(axis.values.size());
      const auto& values = axis.values[static_cast<std::size_t>(rest / block)];
      rest %= block;
      settings.insert(settings.end(), values.begin(), values.end());
    }
    points.push_back(std::move(settings));
  }
  return points;
}

/// Fisher-Yates.
std::vector<std::int64_t> shuffled(std::int64_t count, Draws draws) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<std::size_t>(draws.below(static_cast<int>(i)))]);
  }
  return order;
}

}  // namespace

std::vector<Settings> draw_settings(const Sweep& sweep) {
  if (sweep.sampling.kind == SamplingKind::grid) return grid(sweep);
  const std::int64_t count = sweep.sampling.points;
  const Draws draws(mix_bits(sweep.sampling.seed));
  std::vector<Settings> points(static_cast<std::size_t>(count));
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    // Streams of their own: another axis does not change this one's draws.
    Draws positions = draws.stream(2 * a);
    const std::vector<std::int64_t> parts = shuffled(count, draws.stream(2 * a + 1));
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double unit = positions.unit();
      const bool stratified = sweep.sampling.kind == SamplingKind::latin_hypercube;
      const double position = stratified ? (static_cast<double>(parts[i]) + unit) / static_cast<double>(count) : unit;
      append_at(sweep.axes[a], position, points[i]);
    }
  }
  return points;
}

}  // namespace cimcycle
