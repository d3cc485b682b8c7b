// SPDX-License-Identifier: Apache-2.0
// What the parts of the slow twin know about one layer while they read it: single digits, cells and bitline sums.
// Used inside the twin only; tests call read_layer (reference_layer.h).
#pragma once

#include "reference_cells.h"
#include "reference_layer.h"
#include "reference_layout.h"

namespace cimcycle_reference {

struct Reader {
  Reader(const cimcycle::Layer& layer, const cimcycle::Hardware& hardware, const std::vector<int>& activations,
         const ReadOptions& options);

  const cimcycle::Layer& layer;
  const cimcycle::Hardware& hardware;
  const ReadOptions& options;
  Layout layout;
  std::vector<std::vector<int>> vectors;  ///< [vector][row]
  PathCells msb;
  PathCells lsb;
  cimcycle::AdcSpec adc;  ///< as described, or `ideal`

  /// Digit gating reads the cells of whole weights on both paths.
  const PathCells& cells(Path path) const { return path == Path::msb || gates_digits() ? msb : lsb; }

  bool gated() const;
  bool gates_digits() const;
  bool gates_inputs() const;
  bool pruning() const;      ///< lb = 0 with a gate on whole partial sums
  bool static_mask() const;  ///< a mask that is part of the hardware: pruning mode, or OU groups of zeros
  bool skips_zeros() const;
  bool is_zero(int g, int b) const;  ///< all weights of an OU group are zero
  bool uses_unit_column() const;

  /// Digit `d` of one row's activation, never negative.
  int digit(int vector, int row, int d) const;
  /// What a digit counts: its power of two, negative for the top digit of signed activations.
  std::int64_t digit_weight(int d) const;
  /// Whether the path reads this digit: each of them, or with digit gating the high or the low ones.
  bool digit_belongs(Path path, int d) const;
  int active_rows(int vector, int group, int d) const;
  /// X_d: sum of the digit over the row group.
  std::int64_t digit_sum(int vector, int group, int d) const;
  /// X_d as the digital side knows it: exact, or through the unit column's converter.
  std::int64_t known_digit_sum(int vector, int group, int d) const;
  /// S of one bitline.
  std::int64_t column_sum(int vector, int group, int d, Path path, int slice, int output, int column) const;
  /// The ADC uses of one output in one OU read: two for digital subtraction (plus, minus), else one.
  std::vector<Converted> conversions(int vector, int group, int d, Path path, int slice, int output) const;
  Converted unit_conversion(int vector, int group, int d) const;
  /// Ph or Pl of one output and row group.
  std::int64_t partial_sum(int vector, int group, Path path, int output) const;

  /// Whether the row policy lets this digit's reads through.
  bool digit_is_read(int vector, int group, int d) const;
  /// Whether the mask lets this output's gated partial sum of this row group into the accumulator.
  bool adds(const LayerReading& reading, int vector, int group, int block, int output) const;

 private:
  Converted use_converter(std::int64_t sum, Path path, int slice_bits, int d) const;
};

/// Walks over every OU read and fills the counts of `reading`, whose masks are known.
void count(const Reader& reader, LayerReading& reading);

}  // namespace cimcycle_reference
