// SPDX-License-Identifier: Apache-2.0
// Loops over bit planes, rows with a one, and columns.
#include "neurosim/power_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cimcycle::neurosim {

namespace {

int padded(int cols) { return (cols + lane_block - 1) / lane_block * lane_block; }

/// log2 of positive normal numbers to 1e-6: exponent and an odd series in (m - 1) / (m + 1) around m = sqrt(2).
inline float log2_fast(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - 0x3f3504f3) >> 23;  // mantissa in [sqrt(1/2), sqrt(2))
  const float mantissa = std::bit_cast<float>(bits - (exponent << 23));
  const float z = (mantissa - 1) / (mantissa + 1);
  const float z2 = z * z;
  const float series = z * (2.885390082f + z2 * (0.961796694f + z2 * (0.577078016f + z2 * 0.412198583f)));
  return static_cast<float>(exponent) + series;
}

/// 2^x for |x| < 1 to 1e-7 relative.
inline float exp2_small(float x) {
  const float t = x * 0.693147181f;
  return 1 +
         t * (1 + t * (0.5f + t * (0.166666667f + t * (0.0416666667f + t * (0.00833333333f + t * 0.00138888889f)))));
}

/// Calls visit(plane, sum of the powers, sums of a block of columns, 1 or 1 / n) for each plane with ones and each
/// block.
template <class Visit>
void visit_planes(const ConductanceTable& table, const PlaneRows& rows, double exponent, bool mean, Visit visit) {
  const auto e = static_cast<float>(exponent - 1);
  for (int first = 0; first < table.stride(); first += lane_block) {
    const int used = std::min(lane_block, table.cols() - first);
    for (std::int64_t plane = 0; plane < rows.planes(); ++plane) {
      const std::span<const std::uint16_t> active = rows.plane(plane);
      if (active.empty()) continue;
      float sums[lane_block] = {};
      for (const std::uint16_t row : active) {
        const float* const cells = table.row(row) + first;
        for (int lane = 0; lane < lane_block; ++lane) sums[lane] += cells[lane];
      }
      // Lanes past the last column would be log2(0).
      for (int lane = used; lane < lane_block; ++lane) sums[lane] = 1;
      const float scale = mean ? 1 / static_cast<float>(active.size()) : 1;
      float powers[lane_block];
      for (int lane = 0; lane < lane_block; ++lane) {
        powers[lane] = sums[lane] * exp2_small(e * log2_fast(sums[lane] * scale));
      }
      float sum = 0;
      for (int lane = 0; lane < used; ++lane) sum += powers[lane];
      visit(plane, sum, std::span<const float>(sums, static_cast<std::size_t>(used)), scale);
    }
  }
}

}  // namespace

ConductanceTable::ConductanceTable(int rows, int cols)
    : rows_(rows), cols_(cols), stride_(padded(cols)), values_(static_cast<std::size_t>(rows) * stride_) {}

ConductanceTable ConductanceTable::part(int first_row, int rows) const {
  ConductanceTable result(rows, cols_);
  std::copy_n(row(first_row), result.values_.size(), result.values_.begin());
  return result;
}

PlaneRows::PlaneRows(const InputPlanes& input, std::int64_t first_row, int rows, std::int64_t planes) {
  starts_.reserve(static_cast<std::size_t>(planes) + 1);
  starts_.push_back(0);
  const std::int64_t end = first_row + rows;
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    const std::span<const std::uint64_t> words = input.column(plane);
    for (std::int64_t word = first_row / 64; word * 64 < end; ++word) {
      std::uint64_t bits = words[static_cast<std::size_t>(word)];
      const std::int64_t base = word * 64;
      if (base < first_row) bits &= ~std::uint64_t{0} << (first_row - base);
      if (base + 64 > end) bits &= ~std::uint64_t{0} >> (base + 64 - end);
      for (; bits != 0; bits &= bits - 1) {
        rows_.push_back(static_cast<std::uint16_t>(base + std::countr_zero(bits) - first_row));
      }
    }
    if (static_cast<std::int64_t>(rows_.size()) == starts_.back()) ++empty_;
    starts_.push_back(static_cast<std::int64_t>(rows_.size()));
  }
}

double sum_by_planes(const ConductanceTable& table, const PlaneRows& rows, double exponent, bool mean) {
  double total = 0;
  visit_planes(table, rows, exponent, mean,
               [&](std::int64_t, float sum, std::span<const float>, float) { total += sum; });
  return total;
}

double sum_piecewise(const ConductanceTable& table, const PlaneRows& rows, const PiecewisePower& power) {
  constexpr double ln2 = 0.693147180559945;
  const auto scale = static_cast<float>(power.scale), low = static_cast<float>(power.low_ohm),
             high = static_cast<float>(power.high_ohm);
  const auto a0 = static_cast<float>(power.low[0]), b0 = static_cast<float>(power.low[1]);
  const auto a1 = static_cast<float>(power.middle[0]), b1 = static_cast<float>(power.middle[1] * ln2);
  const auto a2 = static_cast<float>(power.high[0]), b2 = static_cast<float>(power.high[1] * ln2);
  const auto least = static_cast<float>(power.least);
  double total = 0;
  visit_planes(table, rows, 1, false, [&](std::int64_t, float, std::span<const float> columns, float) {
    float sum = 0;
    for (const float g : columns) {
      const float ohm = scale / g;
      const float logarithm = log2_fast(ohm);
      const float middle = a1 + b1 * logarithm, far = a2 + b2 * logarithm;
      const float watts = ohm < low ? a0 + b0 * ohm : ohm < high ? middle : far;
      sum += watts > least ? watts : least;
    }
    total += sum;
  });
  return total;
}

TimedSum sum_by_planes_timed(const ConductanceTable& table, const PlaneRows& rows, double exponent, bool mean,
                             double base_w, double factor, const SenseTime& time) {
  std::vector<double> sums(static_cast<std::size_t>(rows.planes()));
  std::vector<float> times(sums.size());
  visit_planes(table, rows, exponent, mean,
               [&](std::int64_t plane, float sum, std::span<const float> columns, float scale) {
                 float longest = times[static_cast<std::size_t>(plane)];
                 for (const float g : columns) longest = std::max(longest, time.of(g * scale));
                 sums[static_cast<std::size_t>(plane)] += sum;
                 times[static_cast<std::size_t>(plane)] = longest;
               });
  TimedSum result;
  for (std::size_t plane = 0; plane < sums.size(); ++plane) {
    const auto ones = static_cast<double>(rows.plane(static_cast<std::int64_t>(plane)).size());
    if (ones == 0) continue;
    const double power_w = table.cols() * base_w * (mean ? ones : 1) + factor * sums[plane];
    result.energy_j += power_w * static_cast<double>(times[plane]);
    result.sense_s += static_cast<double>(times[plane]) * (mean ? ones : 1);
    result.longest_s = std::max(result.longest_s, static_cast<double>(times[plane]));
  }
  return result;
}

double sum_by_rows(const ConductanceTable& table, const PlaneRows& rows, double exponent, bool mean) {
  const double e = exponent - 1;
  // Per number of ones: n^e and n^(e - 1). The mean cell has G / n, so that only the second remains, without n^e.
  const auto count = static_cast<std::size_t>(table.rows()) + 1;
  std::vector<double> first(count), second(count);
  for (std::size_t n = 1; n < count; ++n) {
    first[n] = mean ? 1 : std::pow(static_cast<double>(n), e);
    second[n] = first[n] / static_cast<double>(n);
  }
  struct Weight {
    double first = 0, second = 0;
  };
  std::vector<Weight> weights(static_cast<std::size_t>(table.rows()));
  for (std::int64_t plane = 0; plane < rows.planes(); ++plane) {
    const std::span<const std::uint16_t> active = rows.plane(plane);
    const double a = first[active.size()], b = second[active.size()];
    for (const std::uint16_t row : active) {
      weights[row].first += a;
      weights[row].second += b;
    }
  }
  double total = 0;
  for (int col = 0; col < table.cols(); ++col) {
    double sum = 0, squares = 0, weighted_first = 0, weighted_second = 0;
    for (int row = 0; row < table.rows(); ++row) {
      const double cell = table.at(row, col);
      sum += cell;
      squares += cell * cell;
      weighted_first += cell * weights[static_cast<std::size_t>(row)].first;
      weighted_second += cell * weights[static_cast<std::size_t>(row)].second;
    }
    const double cell = sum / table.rows();
    const double variance = squares / table.rows() / (cell * cell) - 1;
    total += std::pow(cell, e) * (weighted_first + e * variance / 2 * weighted_second);
  }
  return total;
}

}  // namespace cimcycle::neurosim
