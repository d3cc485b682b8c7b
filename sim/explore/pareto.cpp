// SPDX-License-Identifier: Apache-2.0
#include "explore/pareto.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace cimcycle {
namespace {

bool dominates(const Costs& a, const Costs& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better |= a[i] < b[i];
  }
  return better;
}

/// Area below (x, y) that points sorted by x cover: a staircase.
double staircase(std::vector<std::pair<double, double>> points, double x_limit, double y_limit) {
  std::sort(points.begin(), points.end());
  double area = 0, height = y_limit;
  for (const auto& [x, y] : points) {
    if (x >= x_limit || y >= height) continue;
    area += (x_limit - x) * (height - y);
    height = y;
  }
  return area;
}

}  // namespace

std::vector<std::size_t> pareto_front(std::span<const Costs> points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // A point can only be dominated by one that comes before it in this order.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
  std::vector<std::size_t> front;
  for (const std::size_t candidate : order) {
    const bool beaten = std::any_of(front.begin(), front.end(),
                                    [&](std::size_t member) { return dominates(points[member], points[candidate]); });
    if (!beaten) front.push_back(candidate);
  }
  std::sort(front.begin(), front.end());
  return front;
}

double hypervolume(std::span<const Costs> points, const Costs& reference) {
  std::vector<Costs> inside;
  for (const Costs& point : points) {
    bool below = true;
    for (std::size_t i = 0; i < reference.size(); ++i) below &= point[i] < reference[i];
    if (below) inside.push_back(point);
  }
  if (inside.empty()) return 0;
  switch (reference.size()) {
    case 1: {
      double best = reference[0];
      for (const Costs& point : inside) best = std::min(best, point[0]);
      return reference[0] - best;
    }
    case 2: {
      std::vector<std::pair<double, double>> flat;
      for (const Costs& point : inside) flat.emplace_back(point[0], point[1]);
      return staircase(std::move(flat), reference[0], reference[1]);
    }
    case 3: {
      // Slices along the third axis: between two heights the area is that of all points at or below the lower one.
      std::sort(inside.begin(), inside.end(), [](const Costs& a, const Costs& b) { return a[2] < b[2]; });
      double volume = 0;
      std::vector<std::pair<double, double>> flat;
      for (std::size_t i = 0; i < inside.size(); ++i) {
        flat.emplace_back(inside[i][0], inside[i][1]);
        const double top = i + 1 < inside.size() ? inside[i + 1][2] : reference[2];
        if (top > inside[i][2]) volume += staircase(flat, reference[0], reference[1]) * (top - inside[i][2]);
      }
      return volume;
    }
    default:
      throw std::logic_error("hypervolume: 1 to 3 coordinates");
  }
}

}  // namespace cimcycle
