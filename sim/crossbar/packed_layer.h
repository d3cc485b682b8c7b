// SPDX-License-Identifier: Apache-2.0
// A layer's weights as the bit planes of its cells, with everything that the numerics need and that does not depend on
// the input: transfers, signs, offset corrections, thresholds.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "crossbar/adc_table.h"
#include "crossbar/kernel.h"
#include "crossbar/packed_path.h"
#include "hardware/hardware.h"
#include "mapping/mapping.h"
#include "network/network.h"

namespace cimcycle {

/// How gates are decided in a pass.
enum class GateMode {
  as_described,  ///< by importance and threshold
  all_open,      ///< everything is read and counts (the ungated network)
  all_closed,    ///< no LSB partner is read (lb = 0 has none: everything is read)
};

struct NumericsOptions {
  bool ideal_adc = false;  ///< every conversion returns its sum
  GateMode gates = GateMode::as_described;
};

struct PackedLayer {
  const Layer* layer = nullptr;  ///< outlives this
  const LayerMapping* mapping = nullptr;
  NumericsOptions options;
  CellMapping cells{};
  RowPolicy row_policy{};
  bool decides_before_reads = false;
  bool analog_subtract = false;
  bool signed_inputs = false;
  int outputs = 0;  ///< of one channel group
  int chunks = 0;
  int words = 1;  ///< per row group and bit plane
  int word_bits = 16;
  int quads = 0;                          ///< rows of a row group / 4, rounded up
  std::vector<int> digit_planes;          ///< [digits + 1]: first bit of each digit
  std::vector<std::int64_t> digit_place;  ///< [digits]: signed power of two
  std::vector<std::uint8_t> digit_sum;    ///< [256]: sum of an activation's digits
  PackedPath msb, lsb;                    ///< lsb.slices = 0 if lb = 0
  std::uint8_t low_mask = 0;              ///< digit gating: the bits of an activation that lie behind the gate
  bool unit_column = false;
  std::vector<std::unique_ptr<const AdcTable>> unit_tables;  ///< per digit, of the column of ones
  std::vector<ReadTransfer> unit_transfer;
  bool one_bit_digits = false;                         ///< every digit holds one bit
  std::vector<int> group_first_row, group_rows;        ///< [groups]
  std::vector<int> group_first_output;                 ///< [groups]: first output of the layer that it adds to
  std::vector<int> block_first_output, block_outputs;  ///< [blocks]
  const KernelTarget* target = nullptr;
  KernelTarget::PathSums sums = nullptr;  ///< the kernels for this word width
  KernelTarget::TakeInput take = nullptr;
  // Gate, resolved per output: open if |Ph| reaches it (max), the block's sum reaches threshold x outputs (mean), or
  // the row group's activations do (inputs).
  GateKind gate = GateKind::none;
  GateGranularity granularity = GateGranularity::ou;
  std::vector<std::int64_t> threshold;            ///< [outputs]; never_opens for null. Gate digits: empty
  std::vector<std::int32_t> magnitude_threshold;  ///< [chunks * lanes]: the same for comparing single magnitudes
  std::vector<int> run_offset;  ///< in the order of the rows: offset of a run's first activation in the padded input
  int run_length = 0;           ///< neighbouring activations of a run, along kx
  int padded_height = 0, padded_width = 0;

  /// Whether reads lie behind what is always read, and the weights of those reads.
  bool has_low() const { return lsb.slices > 0 || low_mask != 0; }
  const PackedPath& low() const { return low_mask != 0 ? msb : lsb; }
  /// With nothing behind the gate, and with a mask known beforehand: OU groups that are closed are not read at all.
  bool mask_known_before_msb(bool gated) const {
    return gated && !has_low() && (mapping->has_static_mask() || decides_before_reads);
  }
  bool lossless() const { return msb.lossless && (lsb.slices == 0 || lsb.lossless) && unit_lossless; }
  bool unit_lossless = true;
};

/// Packs a layer. `layer` and `mapping` must outlive the result. Throws InputError if the layer needs a value that is
/// missing (the calibrated ADC's step) or could overflow its int32 accumulator through the ADC's values.
PackedLayer pack_layer(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, bool signed_inputs,
                       const NumericsOptions& options);

}  // namespace cimcycle
