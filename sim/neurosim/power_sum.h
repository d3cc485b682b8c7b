// SPDX-License-Identifier: Apache-2.0
// Sums of powers of column conductances over bit planes: the hot loops of the composer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurosim/sense_time.h"
#include "neurosim/trace.h"

namespace cimcycle::neurosim {

/// Columns that a loop holds in registers; tables are padded to whole blocks with zeros.
inline constexpr int lane_block = 16;

/// Conductances of the cells of a slice, S.
class ConductanceTable {
 public:
  ConductanceTable(int rows, int cols);
  float& at(int row, int col) { return values_[static_cast<std::size_t>(row) * stride_ + col]; }
  float at(int row, int col) const { return values_[static_cast<std::size_t>(row) * stride_ + col]; }
  const float* row(int index) const { return values_.data() + static_cast<std::size_t>(index) * stride_; }
  /// Some of the rows.
  ConductanceTable part(int first_row, int rows) const;
  int rows() const { return rows_; }
  int cols() const { return cols_; }
  int stride() const { return stride_; }

 private:
  int rows_, cols_, stride_;
  std::vector<float> values_;
};

/// The rows with a one in each of the first planes of a layer's input, inside a range of rows.
class PlaneRows {
 public:
  PlaneRows(const InputPlanes& input, std::int64_t first_row, int rows, std::int64_t planes);
  std::int64_t planes() const { return static_cast<std::int64_t>(starts_.size()) - 1; }
  std::span<const std::uint16_t> plane(std::int64_t index) const {
    const auto begin = starts_[static_cast<std::size_t>(index)];
    return {rows_.data() + begin, static_cast<std::size_t>(starts_[static_cast<std::size_t>(index) + 1] - begin)};
  }
  std::int64_t ones() const { return starts_.back(); }
  std::int64_t empty_planes() const { return empty_; }

 private:
  std::vector<std::uint16_t> rows_;
  std::vector<std::int64_t> starts_;
  std::int64_t empty_ = 0;
};

/// Sum over planes with ones and over columns of G^exponent, G the sum of the conductances in the plane's rows. With
/// `mean`: of n x (G / n)^exponent, n the plane's rows.
double sum_by_planes(const ConductanceTable& table, const PlaneRows& rows, double exponent, bool mean);

/// Longest sense time and energy where every bit plane senses as long as its slowest column.
struct TimedSum {
  double energy_j = 0;
  double sense_s = 0;  ///< times added up; with `mean` n per plane
  double longest_s = 0;
};
/// Sum over planes with ones of (columns x base_w + factor x sum over columns of G^exponent) x time of the plane; with
/// `mean`, times n and of the mean cell.
TimedSum sum_by_planes_timed(const ConductanceTable& table, const PlaneRows& rows, double exponent, bool mean,
                             double base_w, double factor, const SenseTime& time);

/// A power by resistance in three pieces: a + b R below low_ohm, then a + b ln R, each with its own {a, b}.
struct PiecewisePower {
  double low_ohm = 0;
  double high_ohm = 0;
  double low[2] = {}, middle[2] = {}, high[2] = {};
  double scale = 1;  ///< R = scale / G
  double least = 0;  ///< smallest value that counts; the last piece falls below 0
};
/// Sum over planes with ones and over columns of max(power, least).
double sum_piecewise(const ConductanceTable& table, const PlaneRows& rows, const PiecewisePower& power);

/// The same for exponents near 1, without visiting columns plane by plane: with e = exponent - 1 and c the mean cell of
/// a column, G^(1+e) = G (n c)^e (1 + e ln(G / (n c)) + ...), and the sum over planes of G ln(G / (n c)) is taken as
/// that of G v / (2 n), v the variance of the column's cells over c^2. What is left out is of the order e x 0.1 at
/// n = 1 and falls as 1 / n^2.
double sum_by_rows(const ConductanceTable& table, const PlaneRows& rows, double exponent, bool mean);

}  // namespace cimcycle::neurosim
