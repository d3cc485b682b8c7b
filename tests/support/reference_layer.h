// SPDX-License-Identifier: Apache-2.0
// The slow twin of the crossbar numerics: one layer read OU read by OU read, cell by cell, with every count.
// It shares plain data structs with the product and no function, and is meant to be obviously right, not fast.
// Equations and counting rules: docs/models/numerics.md.
#pragma once

#include <cstdint>
#include <vector>

#include "circuits/actions.h"
#include "hardware/hardware.h"
#include "network/network.h"

namespace cimcycle_reference {

/// Which gates a reading obeys. The forced ones are the comparison points of a gated run: they need no gate hardware
/// and take no gate decision. Layers without a gate are the same under all three.
enum class Gates {
  as_described,
  all_open,    ///< everything is read, as if the layer had no gate (one step per row group)
  all_closed,  ///< no LSB read; pruning mode, where the MSB path is everything: everything is read
};

struct ReadOptions {
  bool ideal = false;  ///< T[S] = S whatever the hardware says
  Gates gates = Gates::as_described;
  bool signed_inputs = false;  ///< activations are two's complement; the top digit counts negative
  std::vector<int> pad_value;  ///< per input channel, for a layer that reads the image; empty: 0
};

/// Results and counts of one layer on one image.
struct LayerReading {
  using Row = std::vector<std::int64_t>;
  using Flags = std::vector<char>;

  std::vector<Row> acc;                ///< [vector][output]
  std::vector<std::vector<Row>> high;  ///< Ph [vector][group][output], also of groups that are not read
  std::vector<std::vector<Row>> low;   ///< Pl, also of partners that are not read; rows of 0 if lb = 0
  /// [vector][group][block], 1 = open: a block's reads behind the gate are issued. Granularity output_block and output:
  /// the block's decision (output: one of its outputs asked), repeated for every group. Empty without a gate.
  std::vector<std::vector<Flags>> open;
  /// [vector][output], 1 = open: only for granularity output, else empty.
  std::vector<Flags> output_open;
  /// [vector][group]: digits that the row policy lets through.
  std::vector<std::vector<int>> digits;
  /// The same of the low digits with digit gating, where `digits` are the high ones; else empty.
  std::vector<std::vector<int>> low_digits;

  std::int64_t msb_reads = 0;
  std::int64_t lsb_reads = 0;
  std::int64_t lsb_reads_possible = 0;
  std::int64_t zero_skipped = 0;
  std::int64_t gate_decisions = 0;
  std::int64_t gates_closed = 0;
  std::int64_t conversions = 0;
  std::int64_t clipped_conversions = 0;
  /// wordline_activation .. gate_decision; the others stay 0.
  cimcycle::ActionCounts actions{};
};

/// Reads a convolution or linear layer. `activations` is its input, channel-major; negative values only with
/// `signed_inputs`. With an ideal converter the result is checked against the weights themselves.
///
/// Throws std::invalid_argument for what the numerics do not define (a weight or activation out of range, an output
/// block that does not fit a crossbar, a mean over outputs with thresholds of their own), std::logic_error if the
/// reading contradicts the weights.
LayerReading read_layer(const cimcycle::Layer& layer, const cimcycle::Hardware& hardware,
                        const std::vector<int>& activations, const ReadOptions& options = {});

}  // namespace cimcycle_reference
