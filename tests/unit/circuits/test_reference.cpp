// SPDX-License-Identifier: Apache-2.0
// Component models against the whole table measured on DNN+NeuroSim V1.3: 18 settings of node, roadmap, array size,
// converter and calibration. The table is not part of the product: without it these tests say so and pass.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "circuits/adder.h"
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
#include "circuits/wires.h"

using namespace cimcycle;
using nlohmann::json;

namespace {

/// The table beside the folder of recorded runs; empty if nobody says where that is.
std::filesystem::path table_path() {
  const char* const runs = std::getenv("CIMCYCLE_REFERENCE");
  return runs == nullptr ? std::filesystem::path() : std::filesystem::path(runs) / "../neurosim-components.json";
}

/// Six printed digits, and a little for formulas whose inputs are printed with six digits themselves.
Approx near(double value) { return Approx(value).epsilon(5e-5); }

/// Power fits of the flash (current mode) and SAR converters by node in nm; the second of a pair is the HP roadmap.
struct Fits {
  double p0, p1, k, s1, s0, v1;
};
const std::map<std::pair<int, int>, Fits> fits = {
    {{22, 2}, {1.7e-6, 0.0631, 2.303, 0.538e-6, 4.3753e-6, 0.072341}},
    {{22, 1}, {1.8939e-6, 0.073, 2.311, 0.7213e-6, 3.3041e-6, 0.084273}},
    {{32, 2}, {3.0875e-6, 0.0649, 2.297, 1.1294e-6, 8.8998e-6, 0.079449}},
    {{45, 2}, {6.3162e-6, 0.075, 2.303, 2.1691e-6, 16.693e-6, 0.100225}},
    {{65, 2}, {8.4147e-6, 0.0972, 2.303, 3.7506e-6, 25.844e-6, 0.121272}},
};
/// Voltage-mode sense amplifiers at 22 nm LSTP.
const Fits voltage_mode = {1.866e-6, 0.072341, 2.303, 0, 1e-6, 0.072341};

/// One setting of the table, built from the transistor values that it prints.
struct Setting {
  TechNode node = load_tech_node("22nm-lstp");
  CellModel cell = load_cell_model("reram-1t1r-neurosim");
  CellArray array;
  int rows = 0, cols = 0, mux = 0, adc_bits = 0, adcs = 0;
  bool sar = false, sequential = false;

  explicit Setting(const json& entry) {
    const json &tech = entry["tech"], &config = entry["config"];
    node.feature_size_m = tech["featureSize_nm"].get<double>() * 1e-9;
    node.transistor.supply_v = tech["vdd"];
    node.transistor.gate_ideal_f_per_m = tech["capIdealGate"];
    node.transistor.gate_overlap_f_per_m = tech["capOverlap"];
    node.transistor.gate_fringe_f_per_m = tech["capFringe"];
    node.transistor.on_current_n_a_per_m = tech["IonN"];
    node.transistor.on_current_p_a_per_m = tech["IonP"];
    node.transistor.off_current_n_a_per_m = tech["IoffN"];
    node.transistor.off_current_p_a_per_m = tech["IoffP"];
    node.transistor.effective_resistance_factor = tech["ReffMult"];
    node.wire.aspect_ratio = tech["AR"];
    node.wire.resistivity_ohm_m = tech["Rho"];
    node.wire.width_m = std::sqrt(node.wire.resistivity_ohm_m /
                                  (tech["unitWireRes_ohm_per_um"].get<double>() * 1e6 * node.wire.aspect_ratio));
    const json& overrides = entry["overrides"];
    const Fits& fit = overrides.contains("currentMode")
                          ? voltage_mode
                          : fits.at({config["technode"].get<int>(), config["roadmap"].get<int>()});
    node.flash_adc.power_per_sense_amp_w = fit.p0;
    node.flash_adc.power_per_conductance_v2 = fit.p1;
    node.flash_adc.resistance_exponent = fit.k;
    if (overrides.contains("currentMode")) {
      node.flash_adc.nmos_cells_per_sense_amp = 52;
      node.flash_adc.pmos_cells_per_sense_amp = 60;
    }
    node.sar_adc.power_per_bit_w = fit.s1;
    node.sar_adc.power_base_w = fit.s0;
    node.sar_adc.power_per_conductance_v2 = fit.v1;
    if (overrides.contains("validated")) node.calibration = Calibration{};
    rows = config["numRow"];
    cols = config["numCol"];
    mux = config["numColMuxed"];
    adcs = cols / mux;
    adc_bits = static_cast<int>(std::lround(std::log2(config["levelOutput"].get<double>())));
    sar = config["SARADC"].get<int>() == 1;
    sequential = config["mode"].get<int>() == 1;
    array = make_array(node, cell, rows, cols);
  }
};

template <class Check>
void for_each_setting(Check check) {
  std::ifstream file(table_path());
  if (!file) {
    WARN("skipped: CIMCYCLE_REFERENCE names no folder beside neurosim-components.json");
    return;
  }
  const json table = json::parse(file);
  REQUIRE(table.size() >= 18);
  for (const auto& [name, entry] : table.items()) {
    INFO(name);
    check(Setting(entry), entry);
  }
}

double number(const json& entry, std::string_view section, std::string_view key) {
  return entry[std::string(section)][std::string(key)].get<double>();
}

}  // namespace

TEST_CASE("reference: gates of every node") {
  for_each_setting([](const Setting& s, const json& entry) {
    const auto tech = [&](std::string_view key) { return number(entry, "tech", key); };
    const LogicGate inverter = standard_inverter(s.node), nand = standard_nand(s.node, 2),
                    minimum = sized_inverter(s.node, 1);
    CHECK(inverter.devices.n / s.node.feature_size_m == near(tech("enl_inv_wN_F")));
    CHECK(inverter.devices.p / s.node.feature_size_m == near(tech("enl_inv_wP_F")));
    CHECK(nand.devices.n / s.node.feature_size_m == near(tech("enl_nand_wN_F")));
    CHECK(nand.devices.p / s.node.feature_size_m == near(tech("enl_nand_wP_F")));
    CHECK(inverter.input_f * 1e15 == near(tech("inv_cin_fF")));
    CHECK(inverter.output_f * 1e15 == near(tech("inv_cout_fF")));
    CHECK(nand.input_f * 1e15 == near(tech("nand2_cin_fF")));
    CHECK(nand.output_f * 1e15 == near(tech("nand2_cout_fF")));
    CHECK(minimum.input_f * 1e15 == near(tech("mininv_cin_fF")));
    CHECK(minimum.output_f * 1e15 == near(tech("mininv_cout_fF")));
    CHECK(inverter.area_m2 * 1e12 == near(tech("inv_area_um2")));
    CHECK(nand.area_m2 * 1e12 == near(tech("nand2_area_um2")));
    CHECK(inverter.leakage_w * 1e12 == near(tech("inv_leak_pW")));
    CHECK(nand.leakage_w * 1e12 == near(tech("nand2_leak_pW")));
    CHECK(inverter.resistance_n == near(tech("RonN_inv_ohm")));
    CHECK(inverter.resistance_p == near(tech("RonP_inv_ohm")));
    CHECK(nand.resistance_n == near(tech("RonN_nand_ohm")));
    CHECK(nand.resistance_p == near(tech("RonP_nand_ohm")));
  });
}

TEST_CASE("reference: array and row side") {
  for_each_setting([](const Setting& s, const json& entry) {
    const auto fixed = [&](std::string_view key) { return number(entry, "subarray_static", key); };
    const json& parts = entry["subarray_components"];
    CHECK(s.array.wordline_f * 1e15 == near(fixed("capRow2_fF")));
    CHECK(s.array.bitline_f * 1e15 == near(fixed("capCol_fF")));
    CHECK(s.array.access_width_m / s.node.feature_size_m == near(fixed("widthAccessCMOS_F")));
    CHECK(s.array.area_m2 * 1e12 == near(fixed("areaArray_um2")));
    CHECK(s.array.wordline_ohm == near(fixed("resRow")));
    const LevelShifters shifters = make_level_shifters(s.node, s.node.calibration, s.cell);
    if (!entry["overrides"].contains("validated")) {  // without calibration the reference lays out smaller shifters
      CHECK(s.rows * shifters.line_area_m2 * 1e12 == near(number(parts, "wllevelshifter", "area_um2")));
    }
    if (s.sequential) return;
    const WordlineDrivers drivers = make_wordline_drivers(s.node, s.cell, s.array);
    CHECK(drivers.block.area_m2 * 1e12 == near(number(parts, "wlNewSwitchMatrix", "area_um2")));
    CHECK(drivers.block.leakage_w * 1e9 == near(number(parts, "wlNewSwitchMatrix", "leakage_nW")));
    CHECK(drivers.delay_s * 1e12 == near(number(parts, "wlNewSwitchMatrix", "latency") * 1e12));
    for (const json& read : entry["subarray_reads"]) {
      const double rows_on = read["activityRowRead"].get<double>() * s.rows;
      const double energy = s.mux * (s.rows * drivers.row_clock_energy_j + rows_on * drivers.row_energy_j);
      CHECK(energy * 1e12 == near(number(read, "energy_pJ", "wlNewSwitchMatrix")));
      const double vr2 = s.cell.read_v * s.cell.read_v, vdd2 = s.node.transistor.supply_v * s.node.transistor.supply_v;
      const double charging = s.mux * (s.adcs * s.array.bitline_wire_f * vr2 + rows_on * s.array.wordline_f * vdd2);
      CHECK(charging * 1e12 == near(number(read, "energy_pJ", "array")));
    }
    const SourceLineSwitches switches = make_source_line_switches(s.node, s.array);
    CHECK(switches.block.area_m2 * 1e12 == near(number(parts, "slSwitchMatrix", "area_um2")));
    CHECK(switches.block.leakage_w * 1e9 == near(number(parts, "slSwitchMatrix", "leakage_nW")));
  });
}

TEST_CASE("reference: column multiplexer") {
  for_each_setting([](const Setting& s, const json& entry) {
    if (s.sequential) return;  // sized for a single row there
    const json& parts = entry["subarray_components"];
    const ColumnMux mux = make_column_mux(s.node, s.node.calibration, s.cell, s.array, s.adcs);
    CHECK(mux.pass_ohm == near(number(entry, "subarray_static", "mux_resTg")));
    CHECK(mux.area_m2 * 1e12 == near(number(parts, "mux", "area_um2")));
    // At 32 and 65 nm the reference folds a pass gate that just fits its region: a rounding error.
    const double nm = entry["tech"]["featureSize_nm"];
    if (nm != 32 && nm != 65) {
      CHECK(mux.delay_s * 1e12 == near(number(parts, "mux", "latency") * 1e12));
      CHECK(s.cols * mux.column_energy_j * 1e15 == near(number(parts, "mux", "energy_fJ")));
    }
    CHECK(mux.decoder.block.area_m2 * 1e12 == near(number(parts, "muxDecoder", "area_um2")));
    CHECK(mux.decoder.delay_s * 1e12 == near(number(parts, "muxDecoder", "latency") * 1e12));
    CHECK(s.mux * mux.select_energy_j * 1e15 == near(number(parts, "muxDecoder", "energy_fJ")));
    CHECK(mux.decoder.block.leakage_w * 1e9 == near(number(parts, "muxDecoder", "leakage_nW")));
  });
}

TEST_CASE("reference: row decoder") {
  for_each_setting([](const Setting& s, const json& entry) {
    if (!s.sequential) return;
    const json& parts = entry["subarray_components"];
    const Decoder decoder = make_decoder(s.node, address_bits_for(s.rows), DecoderOutput::line,
                                         {.n_f = s.array.wordline_f, .p_f = 0}, s.array.column_length_m);
    CHECK(decoder.block.area_m2 * 1e12 == near(number(parts, "wlDecoder", "area_um2")));
    CHECK(decoder.delay_s * 1e12 == near(number(parts, "wlDecoder", "latency") * 1e12));
    CHECK(s.mux * s.rows * s.node.calibration.epsilon * decoder.energy_j * 1e15 ==
          near(number(parts, "wlDecoder", "energy_fJ")));
    CHECK(decoder.block.leakage_w * 1e9 == near(number(parts, "wlDecoder", "leakage_nW")));
  });
}

TEST_CASE("reference: converters") {
  for_each_setting([](const Setting& s, const json& entry) {
    if (s.sequential) return;
    const json& parts = entry["subarray_components"];
    if (s.sar) {
      const SarAdc adc = make_sar_adc(s.node, s.adc_bits);
      CHECK(s.adcs * adc.area_m2 * 1e12 == near(number(parts, "sarADC", "area_um2")));
      CHECK(adc.conversion_s * 1e12 == near(number(parts, "sarADC", "latency") * 1e12));
      for (const json& read : entry["subarray_reads"]) {
        const double energy = s.cols * sar_power(s.node, adc, read["colRes_ohm"], s.cell.read_v) * adc.conversion_s;
        CHECK(energy * 1e12 == near(number(read, "energy_pJ", "SAR")));
      }
      return;
    }
    const FlashAdc adc = make_flash_adc(s.node, s.adc_bits);
    CHECK(s.adcs * adc.area_m2 * 1e12 == near(number(parts, "multilevelSenseAmp", "area_um2")));
    const double sense_s = number(parts, "multilevelSenseAmp", "latency");  // a fit of its own above 22 nm
    for (const json& read : entry["subarray_reads"]) {
      const double power = flash_power(s.node, adc, read["colRes_ohm"], s.cell.read_v);
      const double seconds = sense_s * read["lat_ns"]["MLSA"].get<double>() / (sense_s * 1e9);
      CHECK(s.cols * power * seconds * 1e12 == near(number(read, "energy_pJ", "MLSA")));
    }
    const FlashEncoder encoder = make_flash_encoder(s.node, s.node.calibration, s.adc_bits);
    CHECK(encoder_bank_area(encoder, s.array, s.adcs) * 1e12 == near(number(parts, "multilevelSAEncoder", "area_um2")));
    CHECK(encoder.delay_s * 1e12 == near(number(parts, "multilevelSAEncoder", "latency") * 1e12));
    CHECK(s.cols * encoder.energy_j * 1e15 == near(number(parts, "multilevelSAEncoder", "energy_fJ")));
    CHECK(s.adcs * encoder.leakage_w * 1e9 == near(number(parts, "multilevelSAEncoder", "leakage_nW")));
  });
}

TEST_CASE("reference: accumulation") {
  for_each_setting([](const Setting& s, const json& entry) {
    for (const std::string name : {"shiftAddWeight", "shiftAddInput"}) {
      const json& unit = entry[name + "_unit"];
      const AddRegister adder = make_add_register(s.node, s.node.calibration, unit["adderBits"], unit["dffPerUnit"]);
      const json& part = entry["subarray_components"][name];
      CHECK(adder.energy_j * 1e15 == near(unit["fJ_per_op_per_unit"]));
      CHECK(adder.adder.energy_j * 1e15 == near(unit["adder_fJ"]));
      CHECK(shift_add_bank_area(s.node, s.array, adder, unit["numUnit"]) * 1e12 == near(part["area_um2"]));
      CHECK(unit["numUnit"].get<int>() * adder.block.leakage_w * 1e9 == near(part["leakage_nW"]));
    }
    for (const auto& [name, tree] : entry.items()) {
      if (name.find("pe_adderTree") != 0 && name.find("tile_accumulation") != 0) continue;
      INFO(name);
      const AdderTree model = make_adder_tree(s.node, s.node.calibration, tree["units_added"], tree["numAdderBit"]);
      const double trees = tree["numAdderTree"];
      // The area is that of the tree as built, the rest that of the inputs added last.
      const AdderTree built = make_adder_tree(s.node, s.node.calibration, tree["numSubcoreRow"], tree["numAdderBit"]);
      CHECK(trees * built.block.area_m2 * 1e12 == near(tree["area_um2"]));
      CHECK(model.energy_j * 1e15 == near(tree["energy_fJ_per_tree_op"]));
      CHECK(trees * model.block.leakage_w * 1e9 == near(tree["leak_nW"]));
    }
  });
}

TEST_CASE("reference: buffers and flip-flops") {
  for_each_setting([](const Setting& s, const json& entry) {
    const FlipFlop flip_flop = make_flip_flop(s.node);
    CHECK(flip_flop.energy_j * 1e15 == near(number(entry, "pe_bufferInputNM", "energy_fJ_per_bit")));
    CHECK(flip_flop.block.leakage_w * 1e12 == near(number(entry, "pe_bufferInputNM", "leak_pW_per_bit")));
    for (const std::string name :
         {"tile_inputBufferNM", "tile_outputBufferNM", "tile_inputBufferCM", "tile_outputBufferCM", "globalBuffer"}) {
      if (!entry.contains(name) || entry[name]["SRAM"].get<int>() == 1) continue;
      const json& buffer = entry[name];
      const int width = buffer["interface_width"];
      const RegisterFile file =
          make_register_file(s.node, s.node.calibration, buffer["numBit"].get<int>() / width, width);
      INFO(name);
      // The printed area of a tile's buffers is that of all their cores.
      const double cores = name == "globalBuffer" ? 1 : buffer["cores"].get<double>();
      CHECK(cores * file.block.area_m2 * 1e12 == near(buffer["area_per_core_um2"]));
      CHECK((file.clock_bit_j + file.read_select_bit_j) * 1e15 == near(buffer["read_fJ_per_bit"]));
      CHECK(file.write_select_bit_j * 1e15 == near(buffer["write_fJ_per_bit"]));
      CHECK(file.block.leakage_w * 1e9 == near(buffer["leak_nW_per_core"]));
    }
  });
}

TEST_CASE("reference: wires and H-trees") {
  for_each_setting([](const Setting& s, const json& entry) {
    const RepeatedWire bus = make_repeated_wire(s.node, 0), wire = make_repeated_wire(s.node, 0.1);
    if (entry.contains("pe_busInputNM")) {
      CHECK(bus.energy_bit_per_m * 1e12 == near(number(entry, "pe_busInputNM", "fJ_per_bit_per_mm")));
      CHECK(bus.spacing_m * 1e6 == near(number(entry, "pe_busInputNM", "minDist_um")));
    }
    for (const std::string name : {"tile_hTreeNM", "tile_hTreeCM", "GhTree"}) {
      if (!entry.contains(name)) continue;
      const json& tree = entry[name];
      INFO(name);
      HTreeShape shape = {.rows = tree["numRow"],
                          .cols = tree["numCol"],
                          .unit_height_m = tree["unit_h_um"].get<double>() * 1e-6,
                          .unit_width_m = tree["unit_w_um"].get<double>() * 1e-6,
                          .bus_bits = tree["busWidth"],
                          .fold = name == "GhTree" ? 4.0 : 16.0};
      const double center = tree["x_center"];
      shape.trunk_units = std::min(shape.cols - center, center);
      CHECK(wire.energy_bit_per_m * 1e12 == near(tree["energy_fJ_per_bit_per_mm"]));
      CHECK(wire.spacing_m * 1e6 == near(tree["minDist_um"]));
      CHECK(shape.path_m() * shape.bus_bits * wire.energy_bit_per_m * 1e12 ==
            near(tree["energy_per_fullwidth_transfer_pJ"]));
      CHECK(h_tree_area(wire, shape) * 1e12 == near(tree["area_um2"]));
      CHECK(h_tree_leakage(wire, shape) / shape.bus_bits * 1e9 == near(tree["leak_nW"]));
    }
  });
}

TEST_CASE("reference: pooling") {
  for_each_setting([](const Setting& s, const json& entry) {
    const json& pool = entry["maxPool"];
    if (pool.is_null()) return;
    const Comparator comparator = make_pooling_comparator(s.node, s.node.calibration, 8);
    const double comparators = pool["numComparator"].get<double>();
    CHECK(comparators * comparator.energy_j * 1e15 == near(pool["energy_fJ_per_unit_op"]));
    // At 45 and 65 nm the reference folds a NOR that just fits its cell: a rounding error.
    const double nm = entry["tech"]["featureSize_nm"];
    if (nm == 45 || nm == 65) return;
    CHECK(pool["numMaxPooling"].get<double>() * comparators * comparator.block.area_m2 * 1e12 ==
          near(pool["area_um2"]));
  });
}
