// SPDX-License-Identifier: Apache-2.0
// Circuits of the described chip put together: clock, energy per action, area and leakage, and how each figure came
// about. The component models themselves stand in the other files of this folder.
#pragma once

#include <string>
#include <vector>

#include "circuits/actions.h"
#include "hardware/hardware.h"

namespace cimcycle {

/// One number with its derivation, for `cimcycle explain`.
struct Figure {
  std::string component;  ///< "adc", "wordline", "clock", ...
  std::string name;       ///< "energy per conversion"
  double value = 0;
  std::string unit;     ///< "pJ", "um2", "ns", "uW"
  std::string formula;  ///< in words of the inputs below
  struct Input {
    std::string name;
    double value = 0;
    std::string unit;
    std::string source;  ///< paper, table, file and key
  };
  std::vector<Input> inputs;
  std::string source;  ///< of the formula
  std::string action;  ///< name of the action whose factor this is, or empty
};

/// One kind of component with the number of its instances on the chip.
struct ComponentBudget {
  std::string name;  ///< "cells", "wordline drivers", "adc", ...
  std::int64_t count = 0;
  double area_um2 = 0;    ///< of one instance
  double leakage_uw = 0;  ///< of one instance
};

/// What the chip consists of; from the mapping, or one tile of each for `describe` without a network.
struct ChipSize {
  int tiles = 1;
  int crossbars = 1;  ///< crossbars present: tiles x crossbars_per_tile
  /// Activations to hold at a time, where chip.global_buffer_bits is "auto".
  int activation_bits = 128 * 128;
};

struct ChipModel {
  std::string tech_hash;  ///< of the contents of the technology and cell files
  double clock_period_ns = 0;
  int adc_cycles = 1;  ///< of one conversion
  int adder_tree_level_cycles = 1;
  int vector_cycles = 1;
  int link_cycles = 1;
  ActionEnergies energy_pj{};
  std::vector<ComponentBudget> budget;
  std::vector<Figure> figures;  ///< everything that explain can show, in a fixed order
  double area_um2() const;      ///< sum of the budget, in its order
  double leakage_uw() const;
};

/// The chip that holds a network needing this many tiles and activation bits: keys that say "auto" follow the network.
ChipSize chip_size(const Hardware& hardware, int tiles_needed, int activation_bits);

/// Builds the model. Throws InputError if a tech or cell file lacks a value that this chip needs.
ChipModel build_chip_model(const Hardware& hardware, const ChipSize& size);

}  // namespace cimcycle
