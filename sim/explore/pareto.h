// SPDX-License-Identifier: Apache-2.0
// Points that no other point beats, and how much of the space they cover.
#pragma once

#include <span>
#include <vector>

namespace cimcycle {

/// Coordinates of one point; smaller is better in each (what should be large enters with its sign changed).
using Costs = std::vector<double>;

/// Indices of the points that are not dominated, ascending. A point dominates another if it is nowhere worse and
/// somewhere better; of equal points all stay. All have the same number of coordinates, all finite.
std::vector<std::size_t> pareto_front(std::span<const Costs> points);

/// The volume that the points dominate below `reference` (E. Zitzler, L. Thiele, PPSN 1998), for 1 to 3 coordinates;
/// points that are not below the reference add nothing. O(n^2 log n) for three.
double hypervolume(std::span<const Costs> points, const Costs& reference);

}  // namespace cimcycle
