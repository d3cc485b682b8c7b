// SPDX-License-Identifier: Apache-2.0
// Wordlines selected one at a time: a row decoder with a driver per row. Model: docs/models/neurosim.md, "Row side".
#pragma once

#include "circuits/array.h"
#include "circuits/cell_model.h"
#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

struct DecodedWordlines {
  Block block;  ///< decoder and drivers
  double width_m = 0;
  double delay_s = 0;          ///< address to the far end of the wordline
  double access_energy_j = 0;  ///< one row selected; the wordline itself is apart
};
DecodedWordlines make_decoded_wordlines(const TechNode& node, const Calibration& calibration, const CellModel& cell,
                                        const CellArray& array);

}  // namespace cimcycle
