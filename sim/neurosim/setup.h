// SPDX-License-Identifier: Apache-2.0
// The options of a composition, resolved: what the models read instead of the hardware description.
#pragma once

#include "circuits/cell_model.h"
#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"
#include "hardware/neurosim.h"

namespace cimcycle {

struct Hardware;
struct NeurosimTrace;

namespace neurosim {

struct Setup {
  TechNode node;
  CellModel cell;
  NeurosimSpec spec;
  Calibration calibration;  ///< all 1 unless the spec is `validated`
  double zeta = 1;

  int rows = 0;  ///< of a crossbar
  int cols = 0;
  int mux = 0;   ///< columns that share a converter
  int adcs = 0;  ///< converters of a crossbar
  bool sar = false;
  bool parallel = true;  ///< all rows, or a group of them, at once; else one row after the other
  int row_parallel = 0;  ///< rows of a group
  int row_groups = 1;    ///< reads of a bit plane: groups of rows
  int adc_bits = 0;      ///< of a conversion
  int level_bits = 0;    ///< log2 of the level option; sequential reads use fewer levels
  int cell_bits = 0;
  int weight_bits = 0;
  int slices = 0;  ///< cells of a weight
  int input_bits = 0;

  bool v14() const { return spec.version == NeurosimVersion::v1_4; }
  bool deviates(bool NeurosimDeviations::*member) const { return spec.deviations.*member; }
  FlipFlopDevices flip_flops() const { return v14() ? FlipFlopDevices::minimal : FlipFlopDevices::filled; }
  /// Columns that share a reference column (V1.4).
  double columns_per_dummy() const { return spec.columns_per_dummy ? *spec.columns_per_dummy : levels(); }
  /// Bits that the sum over row groups adds.
  int group_bits() const {
    int bits = 0;
    while ((1 << bits) < row_groups) ++bits;
    return bits;
  }
  double levels() const { return static_cast<double>(1 << adc_bits); }
  /// Products of weight and input events per bit plane: how often the input shift-adders work.
  int weight_events() const { return mux / slices; }
  double initial_clock_hz() const { return spec.initial_clock_ghz * 1e9; }
};

/// Resolves and checks. Throws InputError where the description asks for what the model has no data for.
Setup make_setup(const Hardware& hardware, const TechNode& node, const CellModel& cell, const NeurosimTrace& trace);

}  // namespace neurosim
}  // namespace cimcycle
