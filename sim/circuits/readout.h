// SPDX-License-Identifier: Apache-2.0
// A converter as the chip around it sees it, whatever its kind: what a conversion takes and costs, and how `explain`
// says so. The circuits themselves stand in flash_adc.h, sar_adc.h and charge_decrement_adc.h. A new kind is a function
// in readout.cpp and its line in the table there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "circuits/cell_model.h"
#include "circuits/chip_model.h"
#include "circuits/flash_adc.h"
#include "circuits/tech_node.h"
#include "hardware/hardware.h"

namespace cimcycle {

/// How a value of the readout came about.
struct Derivation {
  std::string_view formula;
  std::string source;
  std::vector<Figure::Input> inputs;
};

struct Readout {
  double area_m2 = 0;                   ///< of one converter; no kind has data for leakage
  std::optional<FlashEncoder> encoder;  ///< flash: thermometer to binary, apart from the converter
  /// The conversion ends in the cycle of its read; else the bitline is sampled in that cycle and converted from it on.
  bool ends_with_read = false;
  double conversion_s = 0;  ///< sample taken to code ready, without the encoder
  double step_s = 0;        ///< a derived clock is not shorter than this
  double energy_j = 0;      ///< of a conversion, whatever the column holds; encoder included
  /// Cells of a full digit conduct for this time. If `held_by_sampling`, sample-and-hold makes that one clock period.
  double conduction_s = 0;
  bool held_by_sampling = false;
  double fit_v2 = 0;        ///< watts per siemens of the column in the fit of the converter's power; 0: there is no fit
  int wordline_pulses = 1;  ///< how often a row is switched on for one digit

  Derivation conversion;
  Derivation energy;
  Derivation area;
  std::vector<Figure::Input> fit_inputs;  ///< of fit_v2
  std::string_view conduction;            ///< what conduction_s is

  double encoder_delay_s() const { return encoder ? encoder->delay_s : 0; }
  /// Of the converter and its encoder.
  double code_ready_s() const { return conversion_s + encoder_delay_s(); }
};

/// The converter of `hardware` with a resolution of `bits`. Throws InputError if the node has no data for its kind.
Readout make_readout(const Hardware& hardware, const TechNode& node, const CellModel& cell, int bits);

}  // namespace cimcycle
