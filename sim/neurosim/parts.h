// SPDX-License-Identifier: Apache-2.0
// What stands between crossbars, processing elements and tiles: adder trees, buffers, trees of wires, in the units of
// a composition (cycles if synchronous, else seconds). Model: docs/models/neurosim.md, "Parts of the hierarchy".
#pragma once

#include <cstdint>

#include "circuits/adder.h"
#include "circuits/register_file.h"
#include "circuits/wires.h"
#include "neurosim/setup.h"

namespace cimcycle::neurosim {

/// Area by the groups of NeuroSim's report, m2.
struct AreaParts {
  double array = 0;
  double ic = 0;
  double adc = 0;
  double accumulation = 0;
  double other = 0;
  double unlisted = 0;  ///< in the total, but in no group: room inside bounding boxes (V1.4)
  double total() const { return array + ic + adc + accumulation + other + unlisted; }
  AreaParts& operator+=(const AreaParts& o) {
    array += o.array;
    ic += o.ic;
    adc += o.adc;
    accumulation += o.accumulation;
    other += o.other;
    unlisted += o.unlisted;
    return *this;
  }
};
inline AreaParts operator*(double n, const AreaParts& a) {
  return {n * a.array, n * a.ic, n * a.adc, n * a.accumulation, n * a.other, n * a.unlisted};
}

/// A delay in the units of a composition: whole cycles of the clock that the part counts, or seconds.
class Ticks {
 public:
  /// `clock_s` is the derived clock period.
  Ticks(const Setup& setup, double clock_s);
  double of(double seconds) const;
  double clock_s() const { return clock_s_; }

 private:
  bool synchronous_;
  double hertz_;
  double clock_s_;
};

/// Banks of adder trees that all work in every event.
struct TreeBank {
  double area_m2 = 0;
  double leakage_w = 0;  ///< for the number of inputs it was made for
  double event_j = 0;
  double event_latency = 0;
};
TreeBank make_tree_bank(const Setup& setup, const Ticks& ticks, int inputs, int bits, double trees);

/// A buffer of equal cores.
struct BufferModel {
  double core_area_m2 = 0;
  double core_leakage_w = 0;
  double cores = 0;
  double line_bits = 0;
  double parallel = 1;  ///< cores that the bus reaches at once
  double read_bit_j = 0;
  double write_bit_j = 0;
  double line_latency = 1;  ///< of reading or writing a line

  double area_m2() const { return cores * core_area_m2; }
  double latency(double bits) const { return bits / line_bits * line_latency / parallel; }
};
/// A buffer of `bits` bits in cores of `lines` x `line_bits`; one smaller core with lines of `short_line_bits` if it
/// needs less than one core.
BufferModel make_buffer_model(const Setup& setup, BufferKind kind, double bits, int lines, int line_bits,
                              int short_line_bits);

/// The wire of a bus.
RepeatedWire make_bus_wire(const Setup& setup, double delay_tolerance);

/// A tree of wires to equal end points.
struct WireTree {
  double area_m2 = 0;
  double leakage_w = 0;
  double bus_bits = 0;
  double event_latency = 0;  ///< of a transfer
  double bit_j = 0;          ///< of one bit that switches as repeaters assume, over the path
  double input_bit_j = 0;    ///< of one bit on its way in
  double output_bit_j = 0;
};
WireTree make_wire_tree(const Setup& setup, const Ticks& ticks, int rows, int cols, double unit_m, double bus_bits,
                        double fold, double delay_tolerance);

}  // namespace cimcycle::neurosim
