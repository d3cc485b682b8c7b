// SPDX-License-Identifier: Apache-2.0
// The parts list. Where DNN+NeuroSim gives no leakage, the figure says so and 0 is counted.
#include "circuits/chip_budget.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace cimcycle {

namespace {

constexpr std::string_view no_data = "no data: DNN+NeuroSim gives none; counted as 0";

/// A kind of component: how many one owner (a crossbar, a tile, the chip) has, and one instance.
struct Row {
  std::string_view name;
  std::int64_t per_owner = 0;
  Block one;
  std::string_view area_formula;
  std::string_view leakage_formula;
  std::string source;  ///< of the area
  std::vector<Figure::Input> inputs;
};

/// A section of the model page.
std::string of_section(std::string_view section) {
  return fmt::format("docs/models/circuits.md, \"{}\", on layout cells of DNN+NeuroSim V1.3", section);
}

/// Leakage of what is built of gates alone.
constexpr std::string_view of_gates = "sum over its gates of mean off current x supply voltage";

Figure::Input given(std::string_view key, double value, std::string_view unit = "") {
  return {std::string(key), value, std::string(unit), "hardware description"};
}

class Budget {
 public:
  explicit Budget(FigureBook& book) : book_(&book) {}

  void add(const Row& row, std::int64_t owners) {
    const std::int64_t count = row.per_owner * owners;
    rows_.push_back({std::string(row.name), count, to_um2(row.one.area_m2), to_uw(row.one.leakage_w)});
    add_figure("area", row, to_um2(row.one.area_m2), "um2", row.area_formula, row.source, count);
    add_figure("leakage", row, to_uw(row.one.leakage_w), "uW", row.leakage_formula, row.source, count);
  }

  const std::vector<ComponentBudget>& rows() const { return rows_; }

 private:
  void add_figure(std::string_view component, const Row& row, double value, std::string_view unit,
                  std::string_view formula, std::string_view source, std::int64_t count) {
    book_->add(component, row.name, value, unit, formula).source(source);
    for (const Figure::Input& input : row.inputs) book_->input(input.name, input.value, input.unit, input.source);
    book_->input("instances on the chip", static_cast<double>(count), "", "hardware description and mapping");
  }

  FigureBook* book_;
  std::vector<ComponentBudget> rows_;
};

Figure::Input flip_flop_area(const ChipParts& parts) {
  return {"area of a flip-flop", to_um2(parts.flip_flop.block.area_m2), "um2",
          "docs/models/circuits.md, \"Flip-flop\""};
}

Figure::Input width(std::string_view name, double bits) {
  return {std::string(name), bits, "bit", "docs/models/circuits.md, \"Widths\""};
}

std::vector<Row> array_rows(const ChipParts& parts) {
  const Hardware& hardware = parts.hardware;
  const std::int64_t rows = hardware.crossbar.rows, cols = hardware.crossbar.cols;
  const Figure::Input row_count = given("crossbar.rows", hardware.crossbar.rows);
  const Figure::Input col_count = given("crossbar.cols", hardware.crossbar.cols);
  const double further_digit_flip_flops = static_cast<double>(hardware.input.digit_bits - 1) * hardware.crossbar.rows;
  const double cell_area = parts.array.area_m2 / static_cast<double>(rows * cols);
  return {
      {"cells",
       rows * cols,
       {cell_area, 0},
       "cell height x cell width",
       no_data,
       of_section("Cell array"),
       {{"feature size", parts.node.feature_size_m, "m", parts.node.file},
        {"cell height", parts.cell.height_features, "features", parts.cell.file},
        {"cell width", parts.cell.width_features, "features", parts.cell.file}}},
      {"wordline drivers",
       1,
       parts.drivers.block + further_digit_flip_flops * parts.flip_flop.block,
       "per wordline a flip-flop and four pass gates in columns along the array, and a flip-flop per further digit bit",
       "flip-flops; no data for the pass gates",
       of_section("Wordline drivers"),
       {row_count, given("input.digit_bits", hardware.input.digit_bits, "bit"), flip_flop_area(parts)}},
      {"row-group decoders",
       1,
       parts.group_decoder.block,
       "decoder over the crossbar's row groups; 0 for one group",
       of_gates,
       of_section("Decoders"),
       {{"row groups", static_cast<double>(parts.widths.row_groups), "", "crossbar.rows / ou.rows"}}},
      {"source-line switches",
       1,
       parts.source_switches.block,
       "per column two pass gates and a flip-flop",
       "flip-flops; no data for the pass gates",
       of_section("Wordline drivers"),
       {col_count, flip_flop_area(parts)}},
      {"level shifters",
       2 * rows + cols,
       {parts.level_shifters.line_area_m2, 0},
       "alpha x three stages on every wordline, bitline and source line; 0 for write voltages up to 1.5 V",
       no_data,
       of_section("Wordline drivers"),
       {{"alpha", parts.node.calibration.alpha, "", parts.node.file + ": " + parts.node.calibration.source},
        {"write voltage", parts.cell.write_v, "V", parts.cell.file}}},
      {"column multiplexers",
       1,
       {parts.mux.area_m2 + parts.mux.decoder.block.area_m2, parts.mux.decoder.block.leakage_w},
       "row length x height of the pass gates or of their decoder, and the decoder; 0 with one converter per column",
       "the decoder; no data for the pass gates",
       of_section("Column multiplexer"),
       {{"columns per converter", static_cast<double>(parts.mux.columns_per_adc), "",
         "crossbar.cols / adc.per_crossbar"}}},
  };
}

std::vector<Row> converter_rows(const ChipParts& parts) {
  const Readout& readout = parts.readout;
  const int adcs = parts.hardware.adc.per_crossbar;
  std::vector<Row> rows = {
      {"adc", adcs, {readout.area_m2, 0}, readout.area.formula, no_data, readout.area.source, readout.area.inputs}};
  if (readout.encoder) {
    rows.push_back({"encoders",
                    1,
                    {.area_m2 = encoder_bank_area(*readout.encoder, parts.array, adcs),
                     .leakage_w = adcs * readout.encoder->leakage_w},
                    "rows of encoders below the array, whose whole width counts; 0 for 1 bit, which needs none",
                    of_gates,
                    of_section("Flash converter"),
                    {readout.area.inputs.front(), given("adc.per_crossbar", adcs)}});
  }
  return rows;
}

std::vector<Row> accumulation_rows(const ChipParts& parts) {
  const SumWidths& widths = parts.widths;
  const Block flip_flop = parts.flip_flop.block;
  const double outputs = widths.outputs_per_block;
  const Figure::Input output_count = {"outputs per block", outputs, "", "docs/models/circuits.md, \"Widths\""};
  std::vector<Row> rows = {
      {"shift-adders",
       parts.hardware.adc.per_crossbar,
       parts.shift_add_unit,
       "a ripple adder per converter",
       of_gates,
       of_section("Accumulation"),
       {width("partial sum", widths.partial_bits)}},
      {"partial-sum registers",
       1,
       static_cast<double>(widths.partial_store_bits) * flip_flop,
       "a flip-flop per bit of every output's partial sum",
       of_gates,
       of_section("Accumulation"),
       {width("bits of all partial sums", widths.partial_store_bits), flip_flop_area(parts)}},
  };
  if (parts.digit_tree) {
    rows.push_back({"offset trees",
                    1,
                    parts.digit_tree->block + parts.row_sum.block,
                    "popcount tree over a row group, and adder and register that sum its digits",
                    of_gates,
                    of_section("Offset correction"),
                    {given("ou.rows", parts.hardware.ou.rows), width("sum of activations", widths.row_sum_bits)}});
  }
  Block accumulators = outputs * parts.accumulator.adder.block + 2.0 * widths.accumulator_store_bits * flip_flop;
  if (parts.offset_adder) accumulators += outputs * parts.offset_adder->block;
  rows.push_back({"accumulator banks",
                  1,
                  accumulators,
                  "an adder per output of a block (with offset cells also a subtractor), two banks of registers",
                  of_gates,
                  of_section("Accumulation"),
                  {output_count, width("accumulator", widths.accumulator_bits),
                   width("bits of one bank", widths.accumulator_store_bits), flip_flop_area(parts)}});
  rows.push_back({"gate units",
                  1,
                  parts.gate.block,
                  "per output of a block magnitude and comparator, an OR tree, threshold and mask registers; built "
                  "whether or not a layer has a gate",
                  of_gates,
                  of_section("Gate"),
                  {output_count,
                   width("partial sum", widths.partial_bits),
                   {"threshold registers", static_cast<double>(parts.gate_thresholds), "", "outputs of 1-bit weights"},
                   {"mask bits", static_cast<double>(parts.gate_mask_bits), "", "row groups x column blocks"}}});
  if (parts.input_tree) {
    rows.push_back({"input sums",
                    1,
                    parts.input_sum_block(),
                    "a tree of adders over a row group's activations and a register of its sum",
                    of_gates,
                    of_section("Gate"),
                    {given("ou.rows", parts.hardware.ou.rows), width("activation", max_activation_bits),
                     width("sum", parts.input_tree->result_bits), flip_flop_area(parts)}});
  }
  if (parts.index) {
    rows.push_back({"index memories",
                    1,
                    parts.index->block,
                    "a register-file core: a flip-flop per OU of the crossbar and a line decoder",
                    of_gates,
                    of_section("Gate"),
                    {{"lines", static_cast<double>(parts.index->lines), "", "row groups"},
                     {"bits of a line", static_cast<double>(parts.index->line_bits), "bit", "column blocks"},
                     flip_flop_area(parts)}});
  }
  rows.push_back({"input registers",
                  1,
                  static_cast<double>(max_activation_bits) * parts.hardware.crossbar.rows * flip_flop,
                  "8 flip-flops per wordline",
                  of_gates,
                  of_section("Buffers"),
                  {given("crossbar.rows", parts.hardware.crossbar.rows), flip_flop_area(parts)}});
  return rows;
}

Row buffer_row(std::string_view name, const Buffer& buffer, const ChipParts& parts) {
  return {name,
          buffer.cores,
          buffer.core.block,
          "a register-file core: a flip-flop per bit and a line decoder",
          of_gates,
          of_section("Buffers"),
          {{"lines of a core", static_cast<double>(buffer.core.lines), "", "DNN+NeuroSim V1.3 default core"},
           {"bits of a line", static_cast<double>(buffer.core.line_bits), "bit", "DNN+NeuroSim V1.3 default core"},
           flip_flop_area(parts)}};
}

std::vector<Row> tile_rows(const ChipParts& parts) {
  const ChipSpec& chip = parts.hardware.chip;
  return {
      buffer_row("tile buffers", parts.tile_buffer, parts),
      {"adder trees",
       std::int64_t{chip.crossbars_per_tile} * chip.vector_lanes,
       parts.tree_adder.block,
       "a 32-bit adder with its register per crossbar and vector lane",
       of_gates,
       of_section("Adders"),
       {given("chip.crossbars_per_tile", chip.crossbars_per_tile), given("chip.vector_lanes", chip.vector_lanes)}},
      {"vector units",
       chip.vector_lanes,
       parts.lane.block,
       "a lane: two 32 x 32 bit multipliers, three 64-bit adders, shifter, clamp, pooling, registers",
       of_gates,
       of_section("Vector unit"),
       {given("chip.vector_lanes", chip.vector_lanes), flip_flop_area(parts)}},
  };
}

double side_of(const std::vector<ComponentBudget>& rows) {
  double area_um2 = 0;
  for (const ComponentBudget& row : rows) area_um2 += static_cast<double>(row.count) * row.area_um2;
  return std::sqrt(area_um2 * 1e-12);
}

/// A square chip with the global buffer at one edge and tiles of equal size below the tree.
HTreeShape tree_of(const ChipParts& parts, int tiles, double side_m) {
  HTreeShape tree;
  while (tree.rows * static_cast<std::int64_t>(tree.rows) < tiles) tree.rows *= 2;
  tree.cols = tree.rows;
  tree.unit_height_m = tree.unit_width_m = side_m / tree.rows;
  tree.trunk_units = tree.rows / 2.0;
  tree.bus_bits = parts.hardware.chip.link_bits;
  tree.fold = 4;  // layers of repeaters above each other: DNN+NeuroSim V1.3, chip level
  return tree;
}

}  // namespace

ChipFloorplan make_floorplan(const ChipParts& parts, const ChipSize& size, FigureBook& book) {
  Budget budget(book);
  double tile_area_m2 = 0;
  const double per_tile = parts.hardware.chip.crossbars_per_tile;
  for (const auto& rows : {array_rows(parts), converter_rows(parts), accumulation_rows(parts)}) {
    for (const Row& row : rows) {
      budget.add(row, size.crossbars);
      tile_area_m2 += per_tile * static_cast<double>(row.per_owner) * row.one.area_m2;
    }
  }
  for (const Row& row : tile_rows(parts)) {
    budget.add(row, size.tiles);
    tile_area_m2 += static_cast<double>(row.per_owner) * row.one.area_m2;
  }
  budget.add(buffer_row("global buffer", parts.global_buffer, parts), 1);

  ChipFloorplan plan;
  plan.tile_side_m = std::sqrt(tile_area_m2);
  plan.chip_side_m = side_of(budget.rows());
  plan.tree = tree_of(parts, size.tiles, plan.chip_side_m);
  const Block tree = {.area_m2 = h_tree_area(parts.tree_wire, plan.tree),
                      .leakage_w = h_tree_leakage(parts.tree_wire, plan.tree)};
  budget.add({"h-tree",
              1,
              tree,
              "strips of repeaters along the tree and its trunk, four layers above each other",
              "inverter leakage / repeater spacing x length of all wires x chip.link_bits",
              of_section("Wires"),
              {{"side of the chip", plan.chip_side_m * 1e3, "mm", "square root of the area of all other components"},
               {"levels of the tree", static_cast<double>(plan.tree.levels()), "", "tiles on a square grid"},
               {"length of all wires of one bit", plan.tree.wire_m() * 1e3, "mm", "docs/models/circuits.md, \"Wires\""},
               given("chip.link_bits", parts.hardware.chip.link_bits, "bit")}},
             1);
  plan.budget = budget.rows();
  return plan;
}

}  // namespace cimcycle
