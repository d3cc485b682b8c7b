// SPDX-License-Identifier: Apache-2.0
#include "crossbar/read_stats.h"

namespace cimcycle {

OpenStats& OpenStats::operator+=(const OpenStats& other) {
  triples += other.triples;
  read_triples += other.read_triples;
  digits += other.digits;
  output_digits += other.output_digits;
  outputs += other.outputs;
  output_sums += other.output_sums;
  levels += other.levels;
  activations += other.activations;
  rows_on += other.rows_on;
  crossbar_sums += other.crossbar_sums;
  unit_clips += other.unit_clips;
  return *this;
}

DriveStats& DriveStats::operator+=(const DriveStats& other) {
  digits += other.digits;
  rows_on += other.rows_on;
  digit_sums += other.digit_sums;
  groups_read += other.groups_read;
  return *this;
}

ReadStats& ReadStats::operator+=(const ReadStats& other) {
  vectors += other.vectors;
  high += other.high;
  low += other.low;
  groups_read += other.groups_read;
  msb_levels += other.msb_levels;
  lsb_levels += other.lsb_levels;
  open += other.open;
  asked_outputs += other.asked_outputs;
  gate_decisions += other.gate_decisions;
  gates_closed += other.gates_closed;
  clipped_msb += other.clipped_msb;
  clipped_lsb += other.clipped_lsb;
  clipped_unit += other.clipped_unit;
  return *this;
}

}  // namespace cimcycle
