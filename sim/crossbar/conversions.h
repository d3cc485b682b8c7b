// SPDX-License-Identifier: Apache-2.0
// Every ADC conversion of one layer on one image, one by one: for teaching, debugging and tests. Slow and large; the
// numerics proper are layer_reader.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "crossbar/layer_reader.h"
#include "crossbar/packed_layer.h"
#include "hardware/hardware.h"

namespace cimcycle {

/// Input vectors of a layer, from `first` on.
struct VectorRange {
  int first = 0;
  int count = 0;
};

/// The conversions of one path (MSB or LSB; with digit gating those of the high or the low digits, the others being 0),
/// without those of a column of ones (mapping.offset_sum). Arrays of conversions are [digit][slice][row
/// group][vector][column], digits and slices from the least significant on; a column belongs to output column /
/// columns_per_output of the row group's channel group, and of two columns of one output the second is that of W-.
struct PathConversions {
  int slices = 0;                          ///< 0: there is no such path
  int columns_per_output = 1;              ///< 2 for differential cells that are subtracted behind the ADC
  std::vector<std::int32_t> digit_weight;  ///< [digits]: signed power of two
  std::vector<std::int32_t> slice_weight;  ///< [slices]: the same, times 2 for the -1/+1 code of hb = 1
  std::vector<std::int32_t> sum;           ///< the bitline sum S, as the ADC sees it; signed if subtracted before it
  std::vector<std::int32_t> value;         ///< T[S], what the ADC makes of it
  std::vector<std::uint8_t> clipped;       ///< 1: S lies above the ADC's range
  /// [row group][vector][output]: what the digital side makes of the values, and what it would make of the sums.
  std::vector<std::int32_t> partial_sum, ideal_partial_sum;
  /// [row group][vector][output]: 1 = these conversions take place. (A closed gate skips those of the low bits.)
  std::vector<std::uint8_t> read;
};

struct LayerConversions {
  VectorRange vectors;
  int row_groups = 0, digits = 0, outputs = 0;  ///< outputs of one channel group
  std::vector<std::uint8_t> inputs;             ///< [vector][row]: activations, or the bits of signed ones
  PathConversions msb, lsb;
  std::vector<std::int32_t> acc;  ///< [vector][output of the layer]: accumulators as in a run
};

/// `packed` was packed from the same layer, mapping and hardware; `input` and `pad` as for read_layer. Throws
/// InputError if the vectors are none of the layer's, or their conversions more than 2^26 a path.
LayerConversions conversions_of(const PackedLayer& packed, const Hardware& hardware,
                                std::span<const std::int16_t> input, std::span<const int> pad, VectorRange vectors);

}  // namespace cimcycle
