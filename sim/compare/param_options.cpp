// SPDX-License-Identifier: Apache-2.0
#include "compare/param_options.h"

#include <algorithm>

namespace cimcycle {
namespace {

using Use = ParamUse;

constexpr ParamOption number(std::string_view name, std::string_view key, double factor = 1, bool v1_4_only = false) {
  return {.name = name,
          .use = Use::number,
          .key = key,
          .factor = factor,
          .when_false = {},
          .when_true = {},
          .v1_4_only = v1_4_only,
          .meaning = {}};
}
constexpr ParamOption flag(std::string_view name, std::string_view key, std::string_view when_false = {},
                           std::string_view when_true = {}, bool v1_4_only = false) {
  return {.name = name,
          .use = Use::flag,
          .key = key,
          .when_false = when_false,
          .when_true = when_true,
          .v1_4_only = v1_4_only,
          .meaning = {}};
}
constexpr ParamOption cell(std::string_view name, std::string_view key) {
  return {.name = name, .use = Use::cell, .key = key, .when_false = {}, .when_true = {}, .meaning = {}};
}
constexpr ParamOption fixed(std::string_view name, double allowed, std::string_view meaning, bool v1_4_only = false) {
  return {.name = name,
          .use = Use::fixed,
          .key = {},
          .allowed = allowed,
          .when_false = {},
          .when_true = {},
          .v1_4_only = v1_4_only,
          .meaning = meaning};
}
constexpr ParamOption joint(std::string_view name, std::string_view key, std::string_view meaning,
                            bool v1_4_only = false) {
  return {.name = name,
          .use = Use::joint,
          .key = key,
          .when_false = {},
          .when_true = {},
          .v1_4_only = v1_4_only,
          .meaning = meaning};
}
constexpr ParamOption ignored(std::string_view name, std::string_view meaning, bool v1_4_only = false) {
  return {.name = name,
          .use = Use::ignored,
          .key = {},
          .when_false = {},
          .when_true = {},
          .v1_4_only = v1_4_only,
          .meaning = meaning};
}

constexpr ParamOption options[] = {
    joint("operationmode", "ou.rows", "2: all rows at once, 1: row by row; no others"),
    fixed("memcelltype", 2, "2 is the ReRAM cell"),
    fixed("accesstype", 1, "1 is the access transistor"),
    fixed("transistortype", 1, "1 is the planar transistor"),
    joint("deviceroadmap", "tech.node", "1: HP, 2: LSTP, with technode"),
    joint("technode", "tech.node", "a node that ships in tech/nodes"),
    joint("wireWidth", "tech.node", "the width that belongs to technode"),
    joint("featuresize", "tech.node", "the wire width in metres"),
    joint("numRowSubArray", "crossbar.rows", "also ou.rows if all rows are read at once"),
    joint("numColSubArray", "crossbar.cols", "a multiple of numColMuxed"),
    joint("numColMuxed", "adc.per_crossbar", "crossbar.cols / numColMuxed, also ou.cols"),
    joint("numRowParallel", "ou.rows", "rows read at once", true),
    joint("levelOutput", "adc.bits", "a power of two"),
    joint("dumcolshared", "neurosim.columns_per_dummy", "levelOutput is \"auto\"", true),
    number("cellBit", "cell.bits"),
    flag("SARADC", "adc.type", "flash", "sar"),
    flag("currentMode", "neurosim.sense", "voltage", "current"),
    flag("novelMapping", "neurosim.mapping", "conventional", "novel"),
    flag("pipeline", "neurosim.pipeline"),
    number("speedUpDegree", "neurosim.speed_up_degree"),
    flag("validated", "neurosim.validated"),
    flag("synchronous", "neurosim.synchronous"),
    flag("chipActivation", "neurosim.chip_activation"),
    flag("reLu", "neurosim.relu"),
    number("clkFreq", "neurosim.initial_clock_ghz", 1e-9),
    number("temp", "neurosim.temperature_k"),
    number("readPulseWidth", "neurosim.read_pulse_ns", 1e9),
    flag("globalBufferType", "neurosim.global_buffer", "register_file", "sram"),
    number("globalBufferCoreSizeRow", "neurosim.global_core_lines"),
    number("globalBufferCoreSizeCol", "neurosim.global_core_bits"),
    flag("peBufferType", "neurosim.tile_buffer", "register_file", "sram"),
    number("tileBufferCoreSizeRow", "neurosim.tile_core_lines"),
    number("tileBufferCoreSizeCol", "neurosim.tile_core_bits"),
    number("heightInFeatureSizeSRAM", "neurosim.sram_cell_height_features"),
    number("widthInFeatureSizeSRAM", "neurosim.sram_cell_width_features"),
    flag("globalBusType", "neurosim.global_bus", "xy_bus", "h_tree", true),
    number("maxGlobalBusWidth", "neurosim.max_global_bus_bits"),
    number("treeFoldedRatio", "neurosim.global_tree_fold"),
    number("globalBusDelayTolerance", "neurosim.global_delay_tolerance"),
    number("localBusDelayTolerance", "neurosim.local_delay_tolerance"),
    number("inputtoggle", "neurosim.input_toggle", 1, true),
    number("outputtoggle", "neurosim.output_toggle", 1, true),
    number("alpha", "neurosim.calibration.alpha"),
    number("beta", "neurosim.calibration.beta"),
    number("gamma", "neurosim.calibration.gamma"),
    number("delta", "neurosim.calibration.delta"),
    number("epsilon", "neurosim.calibration.epsilon"),
    number("zeta", "neurosim.calibration.zeta"),
    cell("resistanceOn", "on_resistance_ohm"),
    cell("resistanceOff", "off_resistance_ohm"),
    cell("heightInFeatureSize1T1R", "height_features"),
    cell("widthInFeatureSize1T1R", "width_features"),
    cell("readVoltage", "read_v"),
    cell("accessVoltage", "access_v"),
    cell("writeVoltage", "write_v"),
    fixed("algoWeightMax", 1, "weights are -1 to 1"),
    fixed("algoWeightMin", -1, "weights are -1 to 1"),
    fixed("relaxArrayCellHeight", 0, "cells are as large as stated"),
    fixed("relaxArrayCellWidth", 0, "cells are as large as stated"),
    fixed("sync_data_transfer", 0, "transfers are not synchronized apart", true),
    ignored("tileBufferType", "the tile buffers follow peBufferType"),
    ignored("Activationtype", "the activation follows reLu", true),
    ignored("synapseBit", "the trace states the weight bits"),
    ignored("numBitInput", "the trace states the input bits"),
};

}  // namespace

std::span<const ParamOption> param_options() { return options; }

const ParamOption* find_param_option(std::string_view name) {
  const ParamOption* const found = std::ranges::find(options, name, &ParamOption::name);
  return found == std::end(options) ? nullptr : found;
}

}  // namespace cimcycle
