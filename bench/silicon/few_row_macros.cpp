// SPDX-License-Identifier: Apache-2.0
// ReRAM macros that read a few rows at once. Efficiencies and times of whole operations: abstracts of the papers.
// Array, rows at once, readouts and their bits: the UIUC in-memory computing benchmark database (state of November
// 2024), whose authors read them out of the papers. None of these papers' bodies was at hand.
#include <fmt/format.h>

#include "macros.h"

namespace cimcycle::silicon {
namespace {

struct Published {
  const char* macro;
  const char* chip;
  const char* point;
  int rows, outputs;  ///< that fill one array
  int weight_bits, input_bits;
  double tops_per_watt;
  const char* note;
};
constexpr const char* assumed =
    "paper: array, rows, readouts, bits; assumed: cell, 0.2 V, half of all bits ones, supply";
constexpr Published points[] = {
    {"Hung 2022", "hung2022-22nm", "8b in, 8b weights", 1024, 32, 8, 8, 21.6, assumed},
    {"Hung 2022", "hung2022-22nm", "1b in, 1b weights", 1024, 256, 1, 1, 1286.4, assumed},
    {"Xue 2021", "xue2021-22nm", "8b in, 8b weights", 1024, 64, 8, 8, 11.91, assumed},
    {"Xue 2021", "xue2021-22nm", "4b in, 4b weights", 1024, 128, 4, 4, 47.3, assumed},
    {"Xue 2021", "xue2021-22nm", "1b in, 2b weights", 1024, 256, 2, 1, 195.7, assumed},
    {"Yoon 2022", "yoon2022-40nm", "1b in, 1b weights", 252, 256, 1, 1, 56.67, assumed},
};
/// One read, as published or (Hung: 8 input bits) divided by the bits that follow each other.
struct Cycle {
  const char* macro;
  const char* chip;
  double ns;
  const char* note;
};
constexpr Cycle cycles[] = {
    {"Hung 2022", "hung2022-22nm", 14.4 / 8, "paper: array; assumed: cell"},
    {"Xue 2021", "xue2021-22nm", 4.9, "paper: array; assumed: cell"},
    {"Yoon 2022", "yoon2022-40nm", 10, "paper: array; assumed: cell"},
};

constexpr const char* energy_fit = "of all energy, at Hung 2022, 8b in, 8b weights";

std::filesystem::path chip_file(const std::filesystem::path& root, const char* chip) {
  return root / "tech/chips/silicon" / (std::string(chip) + ".json");
}

MacroFigures run(const std::filesystem::path& root, const Published& point, double ones,
                 std::vector<std::string> set = {}) {
  // One bit stands for -1 and 1, which two's complement cannot store.
  if (point.weight_bits == 1) set.push_back("mapping.cells=offset");
  return run_macro(chip_file(root, point.chip), {.rows = point.rows,
                                                 .outputs = point.outputs,
                                                 .weight_bits = point.weight_bits,
                                                 .ones = ones,
                                                 .phases = {{point.input_bits, std::move(set)}}});
}

}  // namespace

std::vector<Line> few_row_lines(const std::filesystem::path& root) {
  std::vector<Line> lines;
  for (const Published& point : points) {
    const MacroFigures figures = run(root, point, 0.5);
    lines.push_back({point.macro, "energy", point.point, "fJ/op", 1e3 / point.tops_per_watt, 0,
                     figures.total_pj() * 1e3 / figures.operations, energy_fit, &point == &points[0], point.note});
  }
  for (const Cycle& cycle : cycles) {
    const Workload smallest{.rows = 1, .outputs = 1, .weight_bits = 2, .phases = {{1, {}}}};
    lines.push_back({cycle.macro,
                     "time of a read",
                     "one input bit",
                     "ns",
                     cycle.ns,
                     run_macro(chip_file(root, cycle.chip), smallest).clock_ns,
                     0,
                     {},
                     false,
                     cycle.note});
  }
  return lines;
}

std::string assumption_sweep(const std::filesystem::path& root) {
  struct Variant {
    const char* name;
    double ones;
    std::vector<std::string> set;
  };
  const Variant variants[] = {
      {"as in the table", 0.5, {}},
      {"a quarter of the input bits ones", 0.25, {}},
      {"a tenth of the input bits ones", 0.1, {}},
      {"all input bits ones", 1, {}},
      {"4-bit converters, which lose nothing", 0.5, {"adc.bits=4"}},
      {"2-bit converters", 0.5, {"adc.bits=2"}},
      {"SAR converters of 3 bits", 0.5, {"adc.type=sar"}},
      {"ohmic cell current", 0.5, {"array.current=physical"}},
  };
  const Published& point = points[0];
  std::string text =
      "| assumption | wordlines, their clocks | bitlines, cells | converters | digital | all, fJ/op | ratio |\n";
  text += "|---|---|---|---|---|---|---|\n";
  for (const Variant& variant : variants) {
    const MacroFigures figures = run(root, point, variant.ones, variant.set);
    const auto per_op = [&](double pj) { return pj * 1e3 / figures.operations; };
    text += fmt::format("| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.2f} |\n", variant.name,
                        per_op(figures.wordline_pj + figures.control_pj), per_op(figures.input_pj),
                        per_op(figures.converter_pj), per_op(figures.digital_pj), per_op(figures.total_pj()),
                        per_op(figures.total_pj()) * point.tops_per_watt / 1e3);
  }
  return text;
}

}  // namespace cimcycle::silicon
