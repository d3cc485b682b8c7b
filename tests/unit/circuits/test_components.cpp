// SPDX-License-Identifier: Apache-2.0
// Component models at 22 nm LSTP against values measured on DNN+NeuroSim V1.3 (128x128 cells of 6 kOhm / 900 kOhm, 16
// converters): energies in fJ, capacitances in fF, areas in um2, times in ns, leakage in nW.
#include <catch2/catch.hpp>

#include <cmath>

#include "circuits/array.h"
#include "circuits/cell_model.h"
#include "circuits/column_mux.h"
#include "circuits/comparator.h"
#include "circuits/flash_adc.h"
#include "circuits/gates.h"
#include "circuits/register_file.h"
#include "circuits/row_drivers.h"
#include "circuits/sar_adc.h"
#include "circuits/shift_add.h"
#include "circuits/tech_node.h"
#include "circuits/vector_unit.h"
#include "circuits/wires.h"

using namespace cimcycle;

namespace {

struct Chip {
  TechNode node = load_tech_node("22nm-lstp");
  CellModel cell = load_cell_model("reram-1t1r-neurosim");
  Calibration calibration = node.calibration;
  CellArray array = make_array(node, cell, 128, 128);
};

/// Six printed digits of the reference.
Approx near(double value) { return Approx(value).epsilon(2e-5); }

}  // namespace

TEST_CASE("gates of 22 nm LSTP") {
  const Chip chip;
  const LogicGate inverter = standard_inverter(chip.node);
  CHECK(inverter.devices.n / 22e-9 == near(9.01098));
  CHECK(inverter.devices.p / 22e-9 == near(11.889));
  CHECK(inverter.input_f * 1e15 == near(0.657422));
  CHECK(inverter.output_f * 1e15 == near(0.180536));
  CHECK(inverter.area_m2 * 1e12 == near(0.102995));
  CHECK(inverter.resistance_n == near(9583.57));
  CHECK(inverter.resistance_p == near(9583.57));
  CHECK(inverter.leakage_w * 1e12 == near(19.5415));
  const LogicGate nand = standard_nand(chip.node, 2);
  CHECK(nand.devices.n / 22e-9 == near(12.5927));
  CHECK(nand.devices.p / 22e-9 == near(8.30734));
  CHECK(nand.input_f * 1e15 == near(0.657422));
  CHECK(nand.output_f * 1e15 == near(0.180818));
  CHECK(nand.area_m2 * 1e12 == near(0.154493));
  CHECK(nand.width_m * 1e6 == near(0.2508));
  CHECK(nand.leakage_w * 1e12 == near(14.9133));
  CHECK(nand.resistance_n == near(6857.75));
  CHECK(nand.resistance_p == near(13715.5));
  const LogicGate minimum = sized_inverter(chip.node, 1);
  CHECK(minimum.input_f * 1e15 == near(0.145916));
  CHECK(minimum.output_f * 1e15 == near(0.0785546));
  CHECK(minimum.resistance_n == near(43178.7));
  CHECK(minimum.area_m2 * 1e12 == near(0.102995));
}

TEST_CASE("a stage driven by an ideal step takes tau ln 2") {
  StageChain chain;
  CHECK(chain.add(1000, 1e-15) == Approx(1e-12 * std::log(2.0)));
  const double ramp = chain.ramp();
  CHECK(ramp == Approx(0.5 / chain.delay()));
  CHECK(chain.add(1000, 1e-15) > 1e-12 * std::log(2.0));  // a slower input makes a slower stage
}

TEST_CASE("flip-flop and adders") {
  const Chip chip;
  const FlipFlop flip_flop = make_flip_flop(chip.node);
  CHECK(flip_flop.energy_j * 1e15 == near(5.10427));
  CHECK(flip_flop.block.leakage_w * 1e12 == near(156.332));
  CHECK(flip_flop.block.area_m2 * 1e12 == Approx(1.2359).epsilon(1e-4));
  CHECK(make_adder(chip.node, chip.calibration, 5).energy_j * 1e15 == near(5.38824));
  CHECK(make_adder(chip.node, chip.calibration, 9).energy_j * 1e15 == near(9.64183));
  CHECK(make_adder(chip.node, chip.calibration, 18).delay_s * 1e9 == Approx(1.135).epsilon(1e-3));
  CHECK(make_adder(chip.node, chip.calibration, 21).delay_s * 1e9 == Approx(1.327).epsilon(1e-3));
  const AdderTree pair = make_adder_tree(chip.node, chip.calibration, 2, 18);
  CHECK(32 * pair.block.area_m2 * 1e12 == near(800.891));
  CHECK(pair.energy_j * 1e15 == near(19.2124));
  CHECK(32 * pair.block.leakage_w * 1e9 == near(77.3107));
  const AdderTree nine = make_adder_tree(chip.node, chip.calibration, 9, 19);
  CHECK(nine.levels == 4);
  CHECK(144 * nine.block.area_m2 * 1e12 == near(27430.5));
  CHECK(nine.energy_j * 1e15 == near(146.184));
  CHECK(nine.delay_s * 1e9 == Approx(5.18).epsilon(2e-3));
  CHECK(144 * nine.block.leakage_w * 1e9 == near(2647.89));
}

TEST_CASE("cell array") {
  const Chip chip;
  CHECK(chip.array.access_width_m / 22e-9 == near(11.5143));
  CHECK(chip.array.wordline_f * 1e15 == near(53.1187));
  CHECK(chip.array.bitline_f * 1e15 == near(17.3217));
  CHECK(chip.array.bitline_wire_f * 1e15 == near(2.2528));
  CHECK(chip.array.area_m2 * 1e12 == near(380.633));
  CHECK(chip.array.wordline_ohm == near(447.966));
  CHECK(chip.array.mean_cell_ohm == near(454500));
}

TEST_CASE("row side") {
  const Chip chip;
  const WordlineDrivers drivers = make_wordline_drivers(chip.node, chip.cell, chip.array);
  CHECK(drivers.block.area_m2 * 1e12 == near(241.068));
  CHECK(drivers.block.leakage_w * 1e9 == near(20.0105));
  CHECK(drivers.delay_s * 1e9 == near(0.0800177));
  // 8 phases, all flip-flops, all rows on.
  CHECK(8 * 128 * (drivers.row_clock_energy_j + drivers.row_energy_j) * 1e15 == near(7364.4));
  const SourceLineSwitches switches = make_source_line_switches(chip.node, chip.array);
  CHECK(switches.block.area_m2 * 1e12 == near(192.621));
  CHECK(switches.block.leakage_w * 1e9 == near(20.0105));
  const LevelShifters shifters = make_level_shifters(chip.node, chip.calibration, chip.cell);
  CHECK(128 * shifters.line_area_m2 * 1e12 == near(1281.43));
}

TEST_CASE("decoders") {
  const Chip chip;
  const Decoder lines = make_decoder(chip.node, 7, DecoderOutput::line, {}, chip.array.column_length_m);
  CHECK(lines.block.area_m2 * 1e12 == near(80.3394));
  CHECK(lines.block.leakage_w * 1e9 == near(4.51275));
  CHECK(lines.energy_j * 1e15 * 0.05 * 8 * 128 == near(4438.91));  // one access per row and phase
  const DecoderLoad wordline = {.n_f = chip.array.wordline_f, .p_f = 0};
  CHECK(make_decoder(chip.node, 7, DecoderOutput::line, wordline).delay_s * 1e9 == near(1.10515));
  CHECK(make_decoder(chip.node, 0, DecoderOutput::line, {}).block.area_m2 == 0);
  CHECK(address_bits_for(1) == 0);
  CHECK(address_bits_for(8) == 3);
  CHECK(address_bits_for(9) == 4);
}

TEST_CASE("column multiplexer") {
  const Chip chip;
  const ColumnMux mux = make_column_mux(chip.node, chip.calibration, chip.cell, chip.array, 16);
  CHECK(mux.columns_per_adc == 8);
  CHECK(mux.pass_ohm == near(887.695));
  CHECK(mux.area_m2 * 1e12 == near(166.527));
  CHECK(mux.delay_s * 1e12 == near(2.22891));
  CHECK(128 * mux.column_energy_j * 1e15 == near(40.5217));
  CHECK(mux.decoder.block.area_m2 * 1e12 == near(8.0011));
  CHECK(mux.decoder.delay_s * 1e9 == near(0.294514));
  CHECK(8 * mux.select_energy_j * 1e15 == near(3.05159));
  CHECK(mux.decoder.block.leakage_w * 1e9 == near(0.713507));
  const CellArray small = make_array(chip.node, chip.cell, 64, 64);
  const ColumnMux narrow = make_column_mux(chip.node, chip.calibration, chip.cell, small, 8);
  CHECK(narrow.pass_ohm == near(958.357));  // widened to the standard cell
  CHECK(narrow.delay_s * 1e12 == near(2.24499));
  CHECK(narrow.decoder.delay_s * 1e9 == near(0.179516));
  // Four columns per converter: a decoder without NORs; from a measured clock of 2.40619 ns.
  const ColumnMux four = make_column_mux(chip.node, chip.calibration, chip.cell, chip.array, 32);
  CHECK(1.4 * ((four.delay_s + four.decoder.delay_s) * 1e9 + 0.0246023 + 1 + 0.135029) == near(2.40619));
  CHECK(make_column_mux(chip.node, chip.calibration, chip.cell, small, 64).columns_per_adc == 1);
}

TEST_CASE("flash converter") {
  const Chip chip;
  const FlashAdc adc = make_flash_adc(chip.node, 5);
  CHECK(16 * adc.area_m2 * 1e12 == near(5415.08));
  CHECK(adc.sense_s == 1e-9);
  CHECK(adc.base_energy_j() * 1e15 == near(52.7));
  // 128 conversions of columns of 110.87 Ohm (all rows on) and of 1773.9 Ohm (8 rows on).
  CHECK(128 * flash_power(chip.node, adc, 110.869, 0.5) * 1e6 == Approx(79534).epsilon(1e-4));
  CHECK(128 * flash_power(chip.node, adc, 1773.9, 0.5) * 1e6 == Approx(11290).epsilon(1e-3));
  CHECK(flash_power(chip.node, adc, 0, 0.5) == 1e-6);
  // The additive form differs by the exponent's distance from ln 10 only.
  const double additive = adc.base_energy_j() + flash_energy_per_conductance(chip.node, 0.5) / 1773.9;
  CHECK(additive * 1e15 == Approx(88.224).epsilon(1e-3));
  const FlashEncoder encoder = make_flash_encoder(chip.node, chip.calibration, 5);
  CHECK(encoder_bank_area(encoder, chip.array, 16) * 1e12 == near(645.292));
  CHECK(encoder.delay_s * 1e9 == near(0.135029));
  CHECK(128 * encoder.energy_j * 1e15 == near(323.433));
  CHECK(16 * encoder.leakage_w * 1e9 == near(26.5614));
  CHECK(make_flash_encoder(chip.node, chip.calibration, 4).delay_s * 1e9 == near(0.0843439));
  CHECK(make_flash_encoder(chip.node, chip.calibration, 6).delay_s * 1e9 == Approx(0.23544).epsilon(1e-4));
  CHECK(make_flash_encoder(chip.node, chip.calibration, 1).energy_j == 0);
}

TEST_CASE("SAR converter") {
  const Chip chip;
  const SarAdc adc = make_sar_adc(chip.node, 5);
  CHECK(16 * adc.area_m2 * 1e12 == near(1987.4));
  CHECK(adc.conversion_s * 1e9 == Approx(6));
  CHECK(128 * sar_power(chip.node, adc, 110.869, 0.5) * adc.conversion_s * 1e15 == Approx(506116).epsilon(1e-4));
}

TEST_CASE("shift-adders as NeuroSim sizes them") {
  const Chip chip;
  const AddRegister weight = make_add_register(chip.node, chip.calibration, 5, 9);
  CHECK(weight.energy_j * 1e15 == near(28.3575));
  CHECK(128 * weight.energy_j * 1e15 == near(3629.76));
  CHECK(shift_add_bank_area(chip.node, chip.array, weight, 16) * 1e12 == near(319.394));
  CHECK(16 * weight.block.leakage_w * 1e9 == near(33.2494));
  const AddRegister input = make_add_register(chip.node, chip.calibration, 9, 17);
  CHECK(input.energy_j * 1e15 == near(53.0281));
  CHECK(shift_add_bank_area(chip.node, chip.array, input, 16) * 1e12 == near(574.908));
  CHECK(16 * input.block.leakage_w * 1e9 == near(61.85));
}

TEST_CASE("register files") {
  const Chip chip;
  const RegisterFile tile = make_register_file(chip.node, chip.calibration, 32, 32);
  CHECK(tile.block.area_m2 * 1e12 == near(1295.87));
  CHECK((tile.clock_bit_j + tile.read_select_bit_j) * 1e15 == near(5.14005));
  CHECK(tile.write_select_bit_j * 1e15 == near(0.715574));
  CHECK(tile.block.leakage_w * 1e9 == near(161.325));
  const RegisterFile small = make_register_file(chip.node, chip.calibration, 16, 38);
  CHECK(small.block.area_m2 * 1e12 == near(764.55));
  CHECK((small.clock_bit_j + small.read_select_bit_j) * 1e15 == near(5.11868));
  CHECK(small.write_select_bit_j * 1e15 == near(0.28826));
  CHECK(small.block.leakage_w * 1e9 == near(95.8514));
  const RegisterFile global = make_register_file(chip.node, chip.calibration, 128, 128);
  CHECK(global.block.area_m2 * 1e12 == near(20396.8));
  CHECK((global.clock_bit_j + global.read_select_bit_j) * 1e15 == near(5.13814));
  CHECK(global.write_select_bit_j * 1e15 == near(0.677325));
  CHECK(global.block.leakage_w * 1e9 == near(2565.86));
}

TEST_CASE("buffers are made of cores") {
  const Chip chip;
  const auto buffer = [&](std::int64_t bits, int port) {
    return make_buffer(chip.node, chip.calibration, bits, port, 32, 32);
  };
  CHECK(buffer(1024, 32).cores == 1);
  CHECK(buffer(1025, 32).cores == 2);
  CHECK(buffer(1024, 128).cores == 4);  // the port asks for four cores side by side
  CHECK(buffer(20, 8).core.line_bits == 20);
  CHECK(buffer(20, 8).core.lines == 1);
  CHECK(buffer(20, 8).core.decoder.energy_j == 0);
}

TEST_CASE("repeated wires and H-trees") {
  const Chip chip;
  const RepeatedWire fast = make_repeated_wire(chip.node, 0);
  CHECK(fast.repeater_size == 94);
  CHECK(fast.spacing_m * 1e6 == near(120.924));
  CHECK(fast.energy_bit_per_m * 1e15 * 1e-3 == near(58.4761));
  const RepeatedWire wire = make_repeated_wire(chip.node, 0.1);
  CHECK(wire.repeater_size == 47);
  CHECK(wire.spacing_m * 1e6 == near(108.832));
  CHECK(wire.energy_bit_per_m * 1e15 * 1e-3 == near(48.6921));

  const HTreeShape tile = {.rows = 9,
                           .cols = 9,
                           .unit_height_m = 225.345e-6,
                           .unit_width_m = 225.345e-6,
                           .trunk_units = 3,
                           .bus_bits = 1152,
                           .fold = 16};
  CHECK(tile.levels() == 4);
  CHECK(h_tree_area(wire, tile) * 1e12 == near(174476));
  CHECK(tile.path_m() * 1152 * wire.energy_bit_per_m * 1e12 == near(227.526));
  CHECK(tile.wire_m() * 1e6 == near(3830.87));
  CHECK(h_tree_leakage(wire, tile) / 1152 * 1e9 == near(7.17555));
  CHECK(h_tree_delay(chip.node, wire, tile, 2) * 1e9 == Approx(2.81).epsilon(2e-3));
  const HTreeShape global = {.rows = 5,
                             .cols = 4,
                             .unit_height_m = 814.136e-6,
                             .unit_width_m = 814.136e-6,
                             .trunk_units = 2,
                             .bus_bits = 1044,
                             .fold = 4};
  CHECK(h_tree_area(wire, global) * 1e12 == near(949913));
  CHECK(global.path_m() * 1044 * wire.energy_bit_per_m * 1e12 == near(372.476));
  CHECK(h_tree_delay(chip.node, wire, global, 2) * 1e9 == Approx(4.77).epsilon(2e-3));
}

TEST_CASE("pooling comparator") {
  const Chip chip;
  const Comparator comparator = make_pooling_comparator(chip.node, chip.calibration, 8);
  CHECK(3 * comparator.energy_j * 1e15 == near(4.63845));
  CHECK(512 * 3 * comparator.block.area_m2 * 1e12 == near(30058.1));
}
