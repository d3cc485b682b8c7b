// SPDX-License-Identifier: Apache-2.0
// Figures of the NeuRRAM chip as digitised in the model of it that ships with CiMLoop (Andrulis et al., ISPASS 2024,
// models/arch/1_macro/wan_nature_2022): throughput of 48 cores, efficiency, and energy by part of one core, which it
// labels fJ/MAC and which sum to the efficiency as fJ per operation. The parts are sorted by supply: wordlines, logic
// and amplifiers, input pulses.
#include <fmt/format.h>

#include <optional>

#include "circuits/array.h"
#include "hardware/hardware.h"
#include "macros.h"

namespace cimcycle::silicon {
namespace {

constexpr int lines_of_core = 256;
constexpr double operations = 2.0 * 256 * 128;  // of one core: 256 x 128 signed weights
constexpr int cores = 48;

/// What was published for one precision. Inputs of n bits are n - 1 magnitude bits with a sign (at least 1).
struct Published {
  int output_bits;
  int input_bits;
  bool two_phases;
  double tops;  ///< of all cores
  double tops_per_watt;
  double wordline_fj;  ///< per operation; 0: not published
  double neuron_fj;
  double input_fj;
};
constexpr Published points[] = {
    {3, 1, true, 2.12230988, 43.07875866, 8.99015248, 10.6186848, 3.446220545},
    {4, 2, true, 1.793083771, 40.33412834, 8.270951256, 12.38674172, 3.955661604},
    {5, 3, true, 1.165400233, 23.09069279, 15.46307324, 20.11826462, 7.73153662},
    {6, 4, true, 0.7438677864, 15.95409517, 21.75617998, 29.1084171, 11.50740478},
    {7, 5, false, 0.4515642, 11.32999012, 0, 0, 0},
    {8, 6, false, 0.260797508, 9.12235241, 0, 0, 0},
    {7, 5, true, 0.5254091287, 11.03166076, 30.92613276, 44.21188287, 14.0246365},
    {8, 6, true, 0.4177183338, 8.257196816, 37.2192395, 52.48282041, 19.23892768},
    {9, 7, true, 0.343873405, 7.750037817, 43.69214654, 61.83258722, 22.83498524},
    {10, 8, true, 0.2638743409, 6.437388185, 50.52466791, 75.85721686, 27.50986693},
};
constexpr int fitted_output_bits = 4;

/// Wordline of 256 cells: 48 fF of driver, 1.5 fF of access transistor and 0.6 fF of coupling per cell.
constexpr double wordline_ff = 48 + 256 * (1.5 + 0.6);
/// 256 neurons of 1,270 um2 are 28 % of a core, its drivers 21 %.
constexpr double driver_um2 = 0.21 * 1270 * 256 / 0.28;

constexpr const char* neuron_fit = "of the neurons' energy, at 4b out, 2b in";

MacroFigures run(const std::filesystem::path& root, const Published& point, double ones) {
  return run_macro(root / "tech/chips/silicon/neurram-130nm.json",
                   {.rows = lines_of_core,
                    .outputs = lines_of_core / 2,
                    .weight_bits = 4,
                    .ones = ones,
                    .phases = neurram_phases(std::max(point.input_bits - 1, 1), point.output_bits, point.two_phases)});
}

void add_point(const std::filesystem::path& root, const Published& point, std::vector<Line>& lines) {
  // The chip's wordlines pulse whatever the inputs are, which drive other lines: here a row is on if its input is.
  const MacroFigures all_on = run(root, point, 1);
  const MacroFigures figures = run(root, point, 0.5);
  const std::string name = fmt::format("{}b out, {}b in{}", point.output_bits, point.input_bits,
                                       point.input_bits <= 4 ? ""
                                       : point.two_phases    ? ", 2 phases"
                                                             : ", 1 phase");
  const auto per_op = [](double pj) { return pj * 1e3 / operations; };
  const auto add = [&](const char* figure, const char* unit, double published, double fixed, double scaled,
                       const char* basis) {
    lines.push_back(
        {"NeuRRAM", figure, name, unit, published, fixed, scaled, scaled > 0 ? neuron_fit : "", false, basis});
  };
  add("latency", "us", cores * operations / point.tops * 1e-6, all_on.latency_ns * 1e-3, 0,
      "CiMLoop: times of the steps, read from the paper or fitted there");
  const double wordline = per_op(all_on.wordline_pj), control = per_op(all_on.control_pj);
  const double input = per_op(figures.input_pj), neuron = per_op(figures.converter_pj);
  if (point.wordline_fj > 0) {
    add("wordline energy", "fJ/op", point.wordline_fj, wordline, 0,
        "paper: capacitance, 1.8 V; assumed: all rows on in every bit");
    add("neuron and control energy", "fJ/op", point.neuron_fj, control, neuron,
        "CiMLoop: times of the steps; assumed, then fitted: power of the amplifier");
    lines.back().is_fitted = point.output_bits == fitted_output_bits;
    add("input energy", "fJ/op", point.input_fj, input, 0,
        "paper: 0.5 V, 40 uS; CiMLoop: 10 ns pulse; assumed: 1 uS, uniform weights and inputs");
  }
  add("energy", "fJ/op", 1e3 / point.tops_per_watt, wordline + control + input, neuron, "the three parts");
}

}  // namespace

std::vector<Phase> neurram_phases(int magnitude_bits, int output_bits, bool two_phases) {
  const auto phase = [](int bits, int output) {
    return Phase{bits, {fmt::format("input.digit_bits={}", bits), fmt::format("adc.bits={}", output)}};
  };
  constexpr int most_in_one_phase = 3;
  if (!two_phases || magnitude_bits <= most_in_one_phase) return {phase(magnitude_bits, output_bits)};
  const int first = (magnitude_bits + 1) / 2;
  return {phase(first, output_bits), phase(magnitude_bits - first, output_bits - first)};
}

std::vector<Line> neurram_lines(const std::filesystem::path& root) {
  std::vector<Line> lines;
  for (const Published& point : points) add_point(root, point, lines);

  const Hardware hardware = load_hardware(root / "tech/chips/silicon/neurram-130nm.json");
  CellModel drawn = load_cell_model(hardware.cell.model);
  drawn.wordline_load.reset();
  const CellArray array = make_array(load_tech_node(hardware.tech.node), drawn, lines_of_core, lines_of_core);
  lines.push_back({"NeuRRAM",
                   "wordline capacitance",
                   "256 cells",
                   "fF",
                   wordline_ff,
                   array.wordline_f * 1e15,
                   0,
                   {},
                   false,
                   "paper: area of a cell; assumed: gates of the 65 nm node, square cell"});
  lines.push_back({"NeuRRAM",
                   "area of the drivers",
                   "a core",
                   "um2",
                   driver_um2,
                   run(root, points[1], 1).driver_um2,
                   0,
                   {},
                   false,
                   "paper: shape of the array; assumed: gates of the 65 nm node"});
  return lines;
}

}  // namespace cimcycle::silicon
