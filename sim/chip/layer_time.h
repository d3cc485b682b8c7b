// SPDX-License-Identifier: Apache-2.0
// One layer on its tiles: input transfer, register loads, crossbar jobs, adder trees, vector unit, output transfer,
// as components that meet through events.
#pragma once

#include <cstdint>

#include "chip/job.h"
#include "crossbar/layer_trace.h"
#include "hardware/hardware.h"
#include "mapping/mapping.h"
#include "network/network.h"

namespace cimcycle {

/// Durations in cycles and widths that the layer's components use; from the hardware description and the circuits.
struct TimingSpec {
  int adc_cycles = 1;  ///< of one conversion
  int adder_tree_level_cycles = 1;
  int vector_cycles = 1;  ///< pipeline depth of the vector unit
  int link_cycles = 1;    ///< latency of the H-tree between global buffer and tile, one way
  /// Bits of one operand of the layer's residual (of the source's activations; a projection's are 32). Must be set for
  /// a layer that has a residual of another kind than projection.
  int residual_bits = 0;
};

/// What is done with the gates of a layer: the run itself, and what it is compared with.
enum class GateTreatment {
  as_described,  ///< what network and hardware say
  no_skip,       ///< no gate, one step over all slices, everything is read
  msb_only,      ///< no gate, LSB slices are never read
  oracle,        ///< closed partners (lb = 0: closed OU groups) are not read; gate hardware and waiting cost nothing
};

/// Busy, stalled and idle cycles of each kind of component, summed over its instances: elapsed() = cycles x instances.
struct LayerTime {
  Cycle cycles = 0;                           ///< from the layer's first input transfer to its last output written
  CycleCounts crossbars;                      ///< the layer's crossbars, also those that the treatment leaves unused
  CycleCounts tile_buffers;                   ///< read ports of the layer's tiles
  CycleCounts adder_trees;                    ///< one per crossbar column (of the MSB grid)
  CycleCounts vector_units;                   ///< one per tile of the layer
  CycleCounts links;                          ///< the way down, shared by the layer's tiles, and each tile's way up
  CycleCounts global_buffer;                  ///< its read port and its write port
  std::int64_t events = 0;                    ///< kernel events
  std::int64_t jobs = 0;                      ///< crossbar jobs
  std::int64_t msb_reads = 0, lsb_reads = 0;  ///< OU reads
  Cycle adc_busy = 0;                         ///< ADC-cycles in which a converter converts
  bool operator==(const LayerTime&) const = default;
};

/// Runs one layer with weights. Deterministic; no state is kept between calls.
///
/// Throws InputError if the input positions that must be held at a time for one vector do not fit chip.tile_buffer_bits
/// (layer, bits needed, bits there), std::logic_error if trace and mapping do not belong together.
LayerTime time_layer(const Layer& layer, const LayerMapping& mapping, const Hardware& hardware, const TimingSpec& spec,
                     const LayerTrace& trace, GateTreatment treatment = GateTreatment::as_described);

/// Runs a pooling layer on one tile: its input streams from the global buffer, the tile's vector unit takes window
/// after window, results are written back. There are one vector unit, two links and the two ports of the global buffer.
/// Throws InputError as time_layer does.
LayerTime time_pooling(const Layer& layer, const Hardware& hardware, const TimingSpec& spec);

}  // namespace cimcycle
