// SPDX-License-Identifier: Apache-2.0
// Rules: DNN+NeuroSim V1.3.
#include "neurosim/layer_cost.h"

#include <algorithm>
#include <cmath>

#include "circuits/flip_flop.h"

namespace cimcycle::neurosim {

namespace {

using D = NeurosimDeviations;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

Tally LayerCosts::crossbar(std::size_t index, const Slice& slice) {
  Tally tally;
  if (clock_pass_) return tally;
  const CrossbarModel& model = h_.crossbar;
  const LayerPlan& place = plan_.layers[index];
  const PlaneSums& sums = sums_.of(index, slice, place.vectors * setup_.input_bits);
  // Bit planes that the crossbar works on.
  const bool skips = setup_.parallel && !setup_.deviates(&D::no_zero_skipping);
  const auto all = static_cast<double>(sums.planes - (skips ? sums.empty_planes : 0));
  const auto ones = static_cast<double>(sums.ones);
  // Share of multiplexer phases and of rows that are needed; DNN+NeuroSim takes all.
  double phases = 1, rows = 1;
  if (!setup_.deviates(&D::fixed_costs)) {
    phases = std::ceil(static_cast<double>(slice.cols) / setup_.adcs) / setup_.mux;
    rows = static_cast<double>(slice.rows) / setup_.rows;
  }
  // Row groups that hold weights; DNN+NeuroSim V1.4 reads all.
  double groups = 1;
  if (setup_.v14() && !setup_.deviates(&D::averaged_row_groups)) {
    groups = std::ceil(static_cast<double>(slice.rows) / setup_.row_parallel) / setup_.row_groups;
  }
  tally.adc = {groups * phases * model.adc_latency.of(all, ones),
               phases * model.adc_j.of(all, ones) + sums.conversion_j};
  if (!setup_.spec.synchronous) tally.adc.latency += phases * setup_.mux * sums.sense_s * setup_.calibration.beta;
  tally.accumulation = {phases * model.accumulation_latency.of(all, ones), phases * model.accumulation_j.of(all, ones)};
  tally.other = {phases * model.other_latency.of(all, ones), phases * model.other_j.of(rows * all, ones)};
  return tally;
}

Tally LayerCosts::pe(std::size_t index, const Part& part, PeCopies copies) {
  const LayerPlan& place = plan_.layers[index];
  const TileModel& tile = h_.tile(place.novel);
  const PeModel& model = tile.pe;
  const bool copied = copies.rows * copies.cols > 1;
  const bool whole = copied && copies.rows >= model.crossbars && copies.cols >= model.crossbars;

  Tally tally;
  double trees = 0;
  for (std::int64_t row = 0; row < part.rows; row += setup_.rows) {
    for (std::int64_t col = 0; col < part.cols; col += setup_.cols) {
      const Slice slice = {.row = part.row + row,
                           .col = part.col + col,
                           .rows = static_cast<int>(std::min<std::int64_t>(setup_.rows, part.rows - row)),
                           .cols = static_cast<int>(std::min<std::int64_t>(setup_.cols, part.cols - col))};
      tally.beside(crossbar(index, slice));
      ++trees;
    }
  }
  if (!whole) {
    // Elements that hold copies count their adder tree once per crossbar.
    if (!copied) trees = 1;
    const TreeBank bank = make_tree_bank(setup_, ticks_, static_cast<int>(ceil_div(part.rows, setup_.rows)),
                                         partial_sum_bits(setup_), model.trees);
    leakage_.pe[place.novel] = bank.leakage_w;
    const double events = static_cast<double>(place.vectors) * setup_.weight_events();
    Tally::add(tally.accumulation, events * bank.event_latency, trees * events * bank.event_j);
  }
  if (copied) {
    const int by = whole ? model.crossbars * model.crossbars : copies.rows * copies.cols;
    tally.divide_latency(by);
  }

  // Registers and buses; integer divisions from left to right.
  const FlipFlop flip_flop = make_flip_flop(setup_.node, setup_.flip_flops());
  const auto bit_planes = static_cast<std::int64_t>(planes(place));
  const std::int64_t outputs = part.cols / setup_.slices;
  const auto input_register = static_cast<std::int64_t>(model.input_register_bits);
  const auto output_register = static_cast<std::int64_t>(model.output_register_bits);
  const auto input_events = static_cast<double>(part.rows * bit_planes / input_register);
  const auto output_events =
      static_cast<double>(outputs * partial_sum_bits(setup_) * bit_planes / setup_.input_bits / output_register);
  const double register_time = setup_.spec.synchronous ? 1 : 0.5 / setup_.initial_clock_hz();
  tally.add_buffer(
      (input_events + output_events) * register_time,
      (input_events * model.input_register_bits + output_events * model.output_register_bits) * flip_flop.energy_j);
  const double lines = static_cast<double>(part.rows * bit_planes) / setup_.rows;
  const double output_bits = static_cast<double>(outputs * model.output_bits * place.vectors);
  double bus_time = 0;
  if (!setup_.spec.synchronous) {
    bus_time = model.input_bus_s * lines + model.output_bus_s * output_bits / (model.crossbars * setup_.cols);
  }
  tally.add_interconnect(bus_time, lines * setup_.rows * model.input_bus_j + output_bits * model.output_bus_j);
  return tally;
}

void LayerCosts::add_accumulation(Tally& tally, bool novel, int inputs, double events, bool use_leakage) {
  const TileModel& model = h_.tile(novel);
  const TreeBank bank = make_tree_bank(setup_, ticks_, inputs, model.sum_bits, model.trees);
  if (use_leakage) leakage_.accumulation[novel] = bank.leakage_w;
  Tally::add(tally.accumulation, events * bank.event_latency, events * bank.event_j);
}

void LayerCosts::add_tile_traffic(Tally& tally, const TileModel& tile, double input_bits, double output_bits) const {
  // V1.4 charges half of the bits to writing and half to reading.
  const double share = setup_.v14() ? 0.5 : 1;
  const double latency = 2 * share * (tile.input.latency(input_bits) + tile.output.latency(output_bits));
  tally.add_buffer(latency, share * (input_bits * (tile.input.read_bit_j + tile.input.write_bit_j) +
                                     output_bits * (tile.output.read_bit_j + tile.output.write_bit_j)));
  tally.add_interconnect((input_bits + output_bits) / tile.wires.bus_bits * tile.wires.event_latency,
                         input_bits * tile.wires.input_bit_j + output_bits * tile.wires.output_bit_j);
}

Tally LayerCosts::novel_tile(std::size_t index, int x, int y) {
  const NeurosimLayer& layer = trace_.layers[index];
  const LayerPlan& place = plan_.layers[index];
  const std::int64_t side = plan_.novel_pe;
  const std::int64_t rows = std::min(side * plan_.novel_pes, place.rows - x * side * plan_.novel_pes);
  const std::int64_t pe_rows = layer.channels / place.tile_rows, pe_cols = place.cols / place.tile_cols;
  Tally tally;
  for (int k = 0; k < plan_.novel_pes; ++k) {
    const std::int64_t row = x * side + k * std::int64_t{layer.channels}, col = y * side;
    // Tiles that do not share a layer evenly reach beyond it.
    const Part part = {.row = row,
                       .col = col,
                       .rows = std::min(pe_rows, place.rows - row),
                       .cols = std::min(pe_cols, place.cols - col)};
    if (!part.empty()) tally.beside(pe(index, part, {}));
  }
  tally.divide_latency(place.speed_up());
  const double events = static_cast<double>(place.vectors) * setup_.weight_events();
  if (!clock_pass_) add_accumulation(tally, true, plan_.novel_pes, events, true);
  const double outputs = std::floor(static_cast<double>(pe_cols) / setup_.slices);
  const TileModel& tile = h_.novel;
  add_tile_traffic(
      tally, tile, static_cast<double>(rows) * planes(place) / std::sqrt(plan_.novel_pes),
      outputs * tile.output_bits * static_cast<double>(place.vectors) / (setup_.v14() ? 1 : plan_.novel_pes));
  return tally;
}

Tally LayerCosts::conventional_tile(std::size_t index, const Part& part) {
  const LayerPlan& place = plan_.layers[index];
  const TileModel& tile = h_.conventional;
  const int p = tile.pes, side = plan_.conventional_pe;
  const int copy_rows = place.copy_rows(), copy_cols = place.copy_cols();
  const double events = static_cast<double>(place.vectors) * std::ceil(static_cast<double>(setup_.mux) / setup_.slices);
  Tally tally;
  if (place.speed_up() > 1 && copy_rows >= p && copy_cols >= p) {
    const PeCopies copies = {static_cast<int>(ceil_div(copy_rows, p)), static_cast<int>(ceil_div(copy_cols, p))};
    tally = pe(index, part, copies);
    tally.divide_latency(p * p);
  } else {
    const bool divided = place.speed_up() > 1;
    const bool recounts = !divided && setup_.deviates(&D::recounted_empty_pes);
    const std::int64_t rows = divided ? ceil_div(part.rows, side) : p, cols = divided ? ceil_div(part.cols, side) : p;
    Tally last;
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        const Part piece = {.row = part.row + i * side,
                            .col = part.col + j * side,
                            .rows = std::min<std::int64_t>(side, part.rows - i * side),
                            .cols = std::min<std::int64_t>(side, part.cols - j * side)};
        if (!piece.empty()) {
          last = pe(index, piece, {});
        } else if (!recounts) {
          continue;
        }
        tally.beside(last);
      }
    }
    if (divided) tally.divide_latency(place.speed_up());
    const int inputs = divided ? static_cast<int>(ceil_div(part.rows, side)) : p;
    if (!divided || inputs > 1) add_accumulation(tally, false, inputs, events, true);
  }
  const double outputs = std::floor(static_cast<double>(part.cols) / setup_.slices);
  add_tile_traffic(tally, tile, static_cast<double>(part.rows) * planes(place),
                   outputs * tile.output_bits * static_cast<double>(place.vectors));
  return tally;
}

void LayerCosts::add_global_bus(const LayerPlan& place, double out, double in, Tally& tally) const {
  const ChipModel& chip = h_.chip;
  if (setup_.spec.global_bus == GlobalBus::xy_bus) {
    const double side = h_.tile(place.novel).side_m, tiles = plan_.tiles();
    const double rows = std::ceil(std::sqrt(tiles)), cols = std::ceil(tiles / rows);
    const double input_m = side * std::ceil(cols / 2);
    const double output_m = side * (plan_.grid_rows - std::ceil(rows / 2) - 1);
    const double bus = plan_.global_bus_bits;
    const double latency = ticks_.of(input_m * chip.bus_rows_s_per_m) * std::ceil(out / bus * rows / place.tile_rows) +
                           ticks_.of(output_m * chip.bus_cols_s_per_m) * std::ceil(in / bus * cols / place.tile_cols);
    tally.add_interconnect(latency, chip.bus_bit_per_m_j * (setup_.spec.input_toggle * out * input_m +
                                                            setup_.spec.output_toggle * in * output_m));
    return;
  }
  const WireTree& wires = place.novel ? chip.novel_wires : chip.conventional_wires;
  if (setup_.v14()) {
    const double width = std::ceil(plan_.global_bus_bits * place.tiles() / plan_.tiles());
    const double toggled =
        std::ceil(setup_.spec.input_toggle * out / width) + std::ceil(setup_.spec.output_toggle * in / width);
    tally.add_interconnect(std::ceil((out + in) / width) * wires.event_latency, width * toggled * wires.bit_j);
    return;
  }
  const double transfers = std::ceil((out + in) / wires.bus_bits);
  tally.add_interconnect(transfers * wires.event_latency, transfers * wires.bus_bits * wires.bit_j);
}

void LayerCosts::add_chip(std::size_t index, Tally& tally) const {
  const NeurosimLayer& layer = trace_.layers[index];
  const LayerPlan& place = plan_.layers[index];
  const ChipModel& chip = h_.chip;
  const auto vectors = static_cast<double>(place.vectors);
  const double register_time = setup_.spec.synchronous ? 1 : 0.5 / setup_.initial_clock_hz();
  const double activations = std::ceil(vectors * layer.filters / chip.units);
  Tally::add(tally.other, activations * register_time, activations * chip.units * chip.activation_unit_j);

  const int adders = place.tile_rows * place.pipeline_copies;
  if (adders > 1) {
    const TreeBank bank = make_tree_bank(setup_, ticks_, adders, chip.sum_bits, chip.units);
    const double values = static_cast<double>(place.cols) / (setup_.v14() ? setup_.slices : 1);
    const double events = std::ceil(values * vectors / chip.units);
    Tally::add(tally.accumulation, events * bank.event_latency, events * bank.event_j);
  }
  if (layer.pooled) {
    // DNN+NeuroSim multiplies by three where it means to divide.
    const double width = place.novel ? plan_.novel_pe / 3.0 : plan_.conventional_tile;
    const double quarter = vectors / 4;
    double events = std::ceil(quarter / width), charged = std::ceil(std::floor(quarter) / width);
    if (setup_.v14()) events = charged = std::ceil(quarter * layer.filters / chip.pool_units);
    Tally::add(tally.other, events * chip.pool_latency, charged * chip.pool_units * chip.pool_unit_j);
  }
  // What goes out to the layer's tiles and what comes back.
  const double out =
      static_cast<double>(place.rows) * setup_.input_bits * vectors / (place.novel ? std::sqrt(plan_.novel_pes) : 1);
  const double in = static_cast<double>(layer.filters) * setup_.input_bits * vectors / (layer.pooled ? 4 : 1);
  const double waits = !setup_.v14() && setup_.deviates(&D::serialized_global_buffer)
                           ? std::ceil(static_cast<double>(plan_.tiles()) / place.tiles())
                           : 1;
  tally.add_buffer((chip.buffer.latency(out) + chip.buffer.latency(in)) * waits,
                   out * chip.buffer.read_bit_j + in * chip.buffer.write_bit_j);
  add_global_bus(place, out, in, tally);
}

Tally LayerCosts::tile(std::size_t index, int x, int y) {
  const LayerPlan& place = plan_.layers[index];
  if (place.novel) return novel_tile(index, x, y);
  const std::int64_t side = plan_.conventional_tile;
  return conventional_tile(index, {.row = x * side,
                                   .col = y * side,
                                   .rows = std::min(side, place.rows - x * side),
                                   .cols = std::min(side, place.cols - y * side)});
}

void LayerCosts::clock_pass() {
  clock_pass_ = true;
  for (std::size_t i = 0; i < plan_.layers.size(); ++i) cost(i);
  clock_pass_ = false;
}

LayerCost LayerCosts::cost(std::size_t index) {
  const LayerPlan& place = plan_.layers[index];
  const TileModel& model = h_.tile(place.novel);
  LayerCost cost;
  for (int x = 0; x < place.tile_rows; ++x) {
    for (int y = 0; y < place.tile_cols; ++y) cost.tally.beside(tile(index, x, y));
  }
  add_chip(index, cost.tally);
  const bool stale = setup_.deviates(&D::last_call_tree_leakage);
  const double pe_tree = stale ? leakage_.pe[place.novel] : model.pe.built_tree_leakage_w;
  const double accumulation = stale ? leakage_.accumulation[place.novel] : model.built_accumulation_leakage_w;
  cost.tile_leakage_w = model.pe_count * (model.pe.fixed_leakage_w + pe_tree) + accumulation + model.fixed_leakage_w;
  return cost;
}

}  // namespace cimcycle::neurosim
