// SPDX-License-Identifier: Apache-2.0
// Sense path: docs/models/circuits.md, "Clock".
#include "circuits/chip_clock.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace cimcycle {

namespace {

/// Part of the bitline's time constant that a read waits for: DNN+NeuroSim V1.3.
constexpr double bitline_settling = 0.2;

/// Time constant of a bitline while half of an OU's rows conduct.
double bitline_tau(const ChipParts& parts) {
  return parts.array.bitline_f * parts.array.mean_cell_ohm / (parts.hardware.ou.rows / 2.0);
}

double front_time(const ChipParts& parts) {
  return std::max(parts.drivers.delay_s, parts.mux.delay_s + parts.mux.decoder.delay_s) +
         bitline_settling * bitline_tau(parts);
}

/// The shortest possible period: everything that must end within one cycle, with the calibration factor.
double shortest_period(const ChipParts& parts, double front_s) {
  const double beta = parts.node.calibration.beta;
  const Readout& readout = parts.readout;
  return readout.ends_with_read ? beta * (front_s + readout.conversion_s + readout.encoder_delay_s()) : beta * front_s;
}

}  // namespace

int whole_cycles(double seconds, const ChipClock& clock) {
  // A duration that misses a whole number of cycles by rounding takes that number.
  const double cycles = std::ceil(to_ns(seconds) / clock.period_ns - 1e-9);
  return static_cast<int>(std::clamp(cycles, 1.0, 1e9));
}

ChipClock make_clock(const ChipParts& parts) {
  ChipClock clock;
  clock.front_s = front_time(parts);
  const double shortest = shortest_period(parts, clock.front_s);
  if (const auto& given = parts.hardware.clock.period_ns) {
    clock.period_ns = *given;
    if (clock.period_ns < to_ns(shortest)) {
      // The value that the message proposes is rounded up, so that it is accepted in turn.
      fail_input("clock.period_ns = {} is too short for {}, {:.4g} ns; use at least {:.3f}, or \"auto\"", *given,
                 parts.readout.ends_with_read ? "a flash read (rows, bitline, conversion in one cycle)"
                                              : "selecting rows and sampling a bitline in one cycle",
                 to_ns(shortest), std::ceil(to_ns(shortest) * 1e3) / 1e3);
    }
  } else {
    clock.period_ns = to_ns(std::max(shortest, parts.readout.step_s));
  }
  clock.adc_cycles = parts.readout.ends_with_read ? 1 : whole_cycles(parts.readout.conversion_s, clock);
  return clock;
}

void add_clock_figures(const ChipParts& parts, const ChipClock& clock, FigureBook& book) {
  constexpr std::string_view page = "\"Clock\"";
  constexpr std::string_view of_page = "docs/models/circuits.md, \"Clock\"";
  const TechNode& node = parts.node;
  const double tau = bitline_tau(parts);

  book.add(
          "clock", "wordline", to_ns(parts.drivers.delay_s), "ns",
          "ln 2 x (pass gate resistance x (5 pass gate drains + wordline capacitance) + wordline resistance x wordline "
          "capacitance / 2)")
      .source("DNN+NeuroSim V1.3")
      .derived("wordline capacitance", to_ff(parts.array.wordline_f), "fF", "\"Cell array\"")
      .derived("wordline resistance", parts.array.wordline_ohm, "Ohm", "\"Cell array\"");
  book.add("clock", "column multiplexer", to_ns(parts.mux.delay_s + parts.mux.decoder.delay_s), "ns",
           "delay of the pass gate + delay of its decoder; 0 with one converter per column")
      .source("DNN+NeuroSim V1.3")
      .derived("pass gate delay", to_ns(parts.mux.delay_s), "ns", "\"Column multiplexer\"")
      .derived("decoder delay", to_ns(parts.mux.decoder.delay_s), "ns", "\"Decoders\"")
      .derived("columns per converter", parts.mux.columns_per_adc, "", "\"Column multiplexer\"");
  book.add("clock", "bitline", to_ns(bitline_settling * tau), "ns",
           "0.2 x bitline capacitance x mean cell resistance / (ou.rows / 2)")
      .source("DNN+NeuroSim V1.3, with half of an OU's rows in parallel instead of half of the crossbar's")
      .derived("bitline capacitance", to_ff(parts.array.bitline_f), "fF", "\"Cell array\"")
      .derived("mean cell resistance", parts.array.mean_cell_ohm, "Ohm", "\"Cell array\"")
      .hardware("ou.rows", parts.hardware.ou.rows);
  const Readout& readout = parts.readout;
  book.add("clock", "conversion", to_ns(readout.code_ready_s()), "ns", readout.conversion.formula)
      .source(readout.conversion.source)
      .inputs(readout.conversion.inputs);

  const bool given = parts.hardware.clock.period_ns.has_value();
  book.add("clock", "period", clock.period_ns, "ns",
           given                    ? "clock.period_ns of the hardware description"
           : readout.ends_with_read ? "beta x (max(wordline, column multiplexer) + bitline + conversion)"
                                    : "max(beta x (max(wordline, column multiplexer) + bitline), one step of the "
                                      "converter)")
      .source(given ? "hardware description" : "DNN+NeuroSim V1.3, sense cycle of one row group")
      .node("calibration", "beta", node.calibration.beta)
      .input("wordline", to_ns(parts.drivers.delay_s), "ns", "figure clock: wordline")
      .input("column multiplexer", to_ns(parts.mux.delay_s + parts.mux.decoder.delay_s), "ns",
             "figure clock: column multiplexer")
      .input("bitline", to_ns(bitline_settling * tau), "ns", "figure clock: bitline")
      .input("conversion", to_ns(readout.code_ready_s()), "ns", "figure clock: conversion")
      .derived("shortest possible period", to_ns(shortest_period(parts, clock.front_s)), "ns", page);
  book.add("clock", "cycles of a conversion", clock.adc_cycles, "cycles",
           readout.ends_with_read ? "1: a flash conversion ends in the cycle of its read" : "ceil(conversion / period)")
      .source(of_page)
      .derived("period", clock.period_ns, "ns", page);
  book.add("clock", "shift-add delay", to_ns(parts.shift_adder.adder.delay_s), "ns",
           "ripple delay of the shift-adder; takes one cycle whatever its length: longer ones are taken as pipelined")
      .source(of_page)
      .derived("width", parts.widths.partial_bits, "bit", "\"Widths\"");
  book.add("clock", "gate delay", to_ns(parts.gate.delay_s), "ns",
           "magnitude, comparison and OR over a block; takes one cycle whatever its length: longer ones are taken as "
           "pipelined")
      .source(of_page)
      .derived("outputs per block", parts.widths.outputs_per_block, "", "\"Widths\"");
  if (parts.input_tree) {
    book.add("clock", "input sum delay", to_ns(parts.input_tree->delay_s), "ns",
             "ripple delays of the tree's levels; takes one cycle whatever its length: longer ones are taken as "
             "pipelined")
        .source(of_page)
        .hardware("ou.rows", parts.hardware.ou.rows);
  }
}

}  // namespace cimcycle
