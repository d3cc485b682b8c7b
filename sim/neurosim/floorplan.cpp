// SPDX-License-Identifier: Apache-2.0
// Rules of DNN+NeuroSim V1.3.
#include "neurosim/floorplan.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"

namespace cimcycle::neurosim {

namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t next_power_of_two(std::int64_t value) {
  std::int64_t power = 1;
  while (power < value) power *= 2;
  return power;
}

/// Positions of the kernel size that most layers with a kernel have; 0: none.
int common_kernel(const NeurosimTrace& trace) {
  std::map<int, int> uses;
  for (const NeurosimLayer& layer : trace.layers) {
    const int positions = layer.kernel_height * layer.kernel_width;
    if (positions != 1) ++uses[positions];
  }
  int common = 0;
  for (const auto& [positions, count] : uses) {
    if (common == 0 || count > uses[common]) common = positions;
  }
  return common;
}

std::int64_t widest(const std::vector<LayerPlan>& layers, bool novel) {
  std::int64_t cells = 0;
  for (const LayerPlan& layer : layers) {
    if (layer.novel == novel) cells = std::max(cells, next_power_of_two(layer.cols));
  }
  return cells;
}

bool any(const std::vector<LayerPlan>& layers, bool novel) {
  return std::ranges::any_of(layers, [&](const LayerPlan& layer) { return layer.novel == novel; });
}

/// Share of the cells of novel tiles that hold weights.
double novel_utilization(const std::vector<LayerPlan>& layers, int pes, std::int64_t side) {
  double used = 0, built = 0;
  for (const LayerPlan& layer : layers) {
    if (!layer.novel) continue;
    used += static_cast<double>(layer.rows * layer.cols);
    const std::int64_t tiles = ceil_div(layer.rows / pes, side) * ceil_div(layer.cols, side);
    built += static_cast<double>(tiles * pes * side * side);
  }
  return used / built;
}

/// Copies of a block of `length` lines that fit beside each other into `whole` lines cut in parts of `part`.
int copies(std::int64_t length, std::int64_t whole, std::int64_t part) {
  return static_cast<int>(std::max<std::int64_t>(1, (whole / part) / ceil_div(length, part)));
}

struct Copies {
  int rows = 1;
  int cols = 1;
};

Copies copies_in(std::int64_t rows, std::int64_t cols, std::int64_t whole, std::int64_t part_rows,
                 std::int64_t part_cols) {
  if (rows > whole && cols > whole) return {};
  return {copies(rows, whole, part_rows), copies(cols, whole, part_cols)};
}

double conventional_utilization(const std::vector<LayerPlan>& layers, std::int64_t tile, std::int64_t pe) {
  double used = 0, built = 0;
  for (const LayerPlan& layer : layers) {
    if (layer.novel) continue;
    const Copies c = pe > 0 ? copies_in(layer.rows, layer.cols, tile, pe, pe) : Copies{};
    used += static_cast<double>(layer.rows * layer.cols * c.rows * c.cols);
    built += static_cast<double>(ceil_div(layer.rows, tile) * ceil_div(layer.cols, tile) * tile * tile);
  }
  return used / built;
}

/// From `largest` downwards, halved while above `smallest`: the side with the best utilization, the larger one among
/// equals. `best` is what a side must exceed, and what the found one reaches; `side` is kept if none does.
template <class Utilization>
void search_side(std::int64_t largest, std::int64_t smallest, Utilization&& utilization, double& best,
                 std::int64_t& side) {
  for (std::int64_t tried = largest; tried > smallest; tried /= 2) {
    const double reached = utilization(tried);
    if (reached <= best) continue;
    best = reached;
    side = tried;
  }
}

void plan_novel(const Setup& setup, Floorplan& plan) {
  const std::int64_t smallest = 2 * std::int64_t{setup.rows};
  const std::int64_t largest = widest(plan.layers, true);
  if (largest < smallest) {
    fail_input(
        "neurosim.mapping = novel: the widest convolution takes {} columns of cells, a processing element of two "
        "crossbars {}; use smaller crossbar.rows and crossbar.cols, or smaller cell.bits",
        largest, smallest);
  }
  std::int64_t best_side = smallest;
  double best = 0;
  search_side(
      largest, smallest, [&](std::int64_t side) { return novel_utilization(plan.layers, plan.novel_pes, side); }, best,
      best_side);
  plan.novel_pe = static_cast<int>(best_side);
}

void plan_conventional(const Setup& setup, Floorplan& plan) {
  const std::int64_t smallest = 4 * std::int64_t{setup.rows};
  std::int64_t largest = widest(plan.layers, false);
  if (setup.spec.mapping == NeurosimMapping::novel) {
    largest = std::max(largest, smallest);
  } else if (largest < smallest) {
    fail_input(
        "neurosim.mapping = conventional: the widest layer takes {} columns of cells, a tile of four by four crossbars "
        "{}; use smaller crossbar.rows and crossbar.cols, or smaller cell.bits",
        largest, smallest);
  }
  std::int64_t best_tile = smallest;
  double best = 0;
  search_side(
      largest, smallest, [&](std::int64_t tile) { return conventional_utilization(plan.layers, tile, 0); }, best,
      best_tile);
  std::int64_t best_pe = best_tile / 2;
  search_side(
      best_tile / 2, 2 * std::int64_t{setup.rows},
      [&](std::int64_t pe) { return conventional_utilization(plan.layers, best_tile, pe); }, best, best_pe);
  plan.conventional_tile = static_cast<int>(best_tile);
  plan.conventional_pe = static_cast<int>(best_pe);
}

void place(const Setup& setup, const Floorplan& plan, const NeurosimLayer& layer, LayerPlan& place) {
  const std::int64_t pe = place.novel ? plan.novel_pe : plan.conventional_pe;
  const std::int64_t tile = place.novel ? plan.novel_pe : plan.conventional_tile;
  const std::int64_t rows = place.novel ? layer.channels : place.rows;
  place.tile_rows = static_cast<int>(ceil_div(rows, tile));
  place.tile_cols = static_cast<int>(ceil_div(place.cols, tile));
  if (!place.novel) {
    const Copies c = copies_in(rows, place.cols, tile, pe, pe);
    place.pe_copy_rows = c.rows;
    place.pe_copy_cols = c.cols;
  }
  const Copies c = copies_in(rows, place.cols, pe, setup.rows, setup.cols);
  place.crossbar_copy_rows = c.rows;
  place.crossbar_copy_cols = c.cols;
}

/// Duplication of slow layers by whole tiles.
void duplicate_for_pipeline(const Setup& setup, const NeurosimTrace& trace, Floorplan& plan) {
  int largest = 1, smallest = 0;
  for (const NeurosimLayer& layer : trace.layers) {
    largest = std::max(largest, layer.input_height);
    if (layer.kernel_height * layer.kernel_width == 1) continue;
    smallest = smallest == 0 ? layer.input_height : std::min(smallest, layer.input_height);
  }
  if (smallest == 0) return;
  const int degree = std::max(1, std::min(setup.spec.speed_up_degree, largest / smallest));
  const double bound = std::ceil(static_cast<double>(largest) / degree);
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    LayerPlan& layer = plan.layers[i];
    const double ratio = trace.layers[i].input_height / bound;
    const double wanted = std::ceil(ratio * ratio);
    layer.pipeline_copies = std::max(1, static_cast<int>(std::ceil(wanted / layer.speed_up())));
  }
}

double bus_bits(const Setup& setup, const Floorplan& plan) {
  double bits = 0;
  for (const LayerPlan& layer : plan.layers) {
    const double side = layer.novel ? plan.novel_pe * std::ceil(std::sqrt(plan.novel_pes)) : plan.conventional_tile;
    const double width = side + side / setup.mux;
    bits += setup.spec.pipeline ? width * layer.tiles() : width;
  }
  while (bits > setup.spec.max_global_bus_bits) bits /= 2;
  return bits;
}

}  // namespace

double Floorplan::tile_cells(const LayerPlan& layer) const {
  return layer.novel ? static_cast<double>(novel_pes) * novel_pe * novel_pe
                     : static_cast<double>(conventional_tile) * conventional_tile;
}

double Floorplan::layer_utilization(const LayerPlan& layer) const {
  return static_cast<double>(layer.rows * layer.cols) * layer.speed_up() / (layer.tiles() * tile_cells(layer));
}

Floorplan plan(const Setup& setup, const NeurosimTrace& trace) {
  Floorplan plan;
  if (setup.spec.mapping == NeurosimMapping::novel) plan.novel_pes = common_kernel(trace);
  for (const NeurosimLayer& layer : trace.layers) {
    LayerPlan place;
    place.rows = layer.rows();
    place.cols = std::int64_t{layer.filters} * setup.slices;
    place.novel =
        plan.novel_pes != 0 && layer.kernel_height * layer.kernel_width == plan.novel_pes && place.rows >= setup.rows;
    place.vectors = setup.deviates(&NeurosimDeviations::valid_convolution) ? valid_vectors(layer)
                                                                           : layer.input.columns / setup.input_bits;
    plan.layers.push_back(place);
  }
  if (any(plan.layers, true)) {
    plan_novel(setup, plan);
  } else {
    plan.novel_pes = 0;
  }
  if (any(plan.layers, false)) plan_conventional(setup, plan);
  for (std::size_t i = 0; i < plan.layers.size(); ++i) place(setup, plan, trace.layers[i], plan.layers[i]);
  if (setup.spec.pipeline) duplicate_for_pipeline(setup, trace, plan);
  for (const LayerPlan& layer : plan.layers) {
    (layer.novel ? plan.novel_tiles : plan.conventional_tiles) += layer.tiles();
    plan.utilization += layer.tiles() * plan.layer_utilization(layer);
  }
  plan.utilization /= plan.tiles();
  plan.grid_rows = static_cast<int>(std::ceil(std::sqrt(plan.tiles())));
  plan.grid_cols = static_cast<int>(ceil_div(plan.tiles(), plan.grid_rows));
  plan.global_bus_bits = bus_bits(setup, plan);
  return plan;
}

}  // namespace cimcycle::neurosim
