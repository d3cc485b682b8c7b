// SPDX-License-Identifier: Apache-2.0
// The chips that the tests build: described in code, so that they do not depend on shipped chip files.
#pragma once

#include "circuits/chip_model.h"
#include "hardware/hardware.h"

namespace cimcycle {

/// 128x128 crossbars, OUs of 16x16, 1-bit cells and digits, 16 flash converters of 5 bits, at 22 nm LSTP.
inline Hardware flash_chip() {
  Hardware hardware;
  hardware.name = "flash";
  hardware.crossbar = {.rows = 128, .cols = 128};
  hardware.ou = {.rows = 16, .cols = 16};
  hardware.cell = {.bits = 1, .model = "reram-1t1r-neurosim"};
  hardware.input.digit_bits = 1;
  hardware.adc.type = AdcType::flash;
  hardware.adc.transfer = AdcTransfer::clip;
  hardware.adc.bits = 5;
  hardware.adc.per_crossbar = 16;
  hardware.mapping.cells = CellMapping::offset;
  hardware.mapping.offset_sum = OffsetSum::digital;
  hardware.array.current = ArrayCurrent::neurosim_fit;
  hardware.chip.crossbars_per_tile = 16;
  hardware.chip.tile_buffer_bits = 32768;
  hardware.chip.tile_port_bits = 256;
  hardware.chip.global_buffer_bits = 1 << 20;
  hardware.chip.global_port_bits = 512;
  hardware.chip.link_bits = 256;
  hardware.chip.vector_lanes = 16;
  hardware.tech.node = "22nm-lstp";
  return hardware;
}

/// The same with two SAR converters behind sample-and-hold stages and a clock of 1 ns.
inline Hardware sar_chip() {
  Hardware hardware = flash_chip();
  hardware.name = "sar";
  hardware.adc.type = AdcType::sar;
  hardware.adc.per_crossbar = 2;
  hardware.adc.sample_and_hold = true;
  hardware.clock.period_ns = 1.0;
  return hardware;
}

inline ChipSize ten_tiles(const Hardware& hardware) {
  return {.tiles = 10, .crossbars = 10 * hardware.chip.crossbars_per_tile};
}

inline double factor(const ChipModel& chip, Action action) { return chip.energy_pj[static_cast<std::size_t>(action)]; }

}  // namespace cimcycle
