// SPDX-License-Identifier: Apache-2.0
// What the composer says about a chip and a trace: the shape of `neurosim` in compare.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hardware/neurosim.h"

namespace cimcycle {

struct NeurosimGroup {
  double latency_ns = 0;
  double energy_pj = 0;
};

/// ADC + accumulation + other are the whole; buffer and interconnect are parts of `other`.
struct NeurosimGroups {
  NeurosimGroup adc;
  NeurosimGroup accumulation;
  NeurosimGroup other;
  NeurosimGroup buffer;
  NeurosimGroup interconnect;
};

/// The parts add up to the chip's area in V1.3. V1.4 takes the bounding box of the crossbars, so that they do not.
struct NeurosimAreaParts {
  double array = 0;
  double ic = 0;
  double adc = 0;
  double accumulation = 0;
  double other = 0;
};

struct NeurosimChipResult {
  double area_um2 = 0;
  NeurosimAreaParts area_parts_um2;
  std::optional<double> clock_ns;  ///< absent: asynchronous
  double latency_ns = 0;           ///< of an image; pipeline: between two images
  double dynamic_energy_pj = 0;
  double leakage_energy_pj = 0;
  double leakage_power_uw = 0;
  double tops_per_watt = 0;
  NeurosimGroups groups;  ///< sums over the layers; pipeline: latencies are the largest
};

struct NeurosimLayerResult {
  std::string name;
  double latency_ns = 0;
  double dynamic_energy_pj = 0;
  double leakage_energy_pj = 0;
  double leakage_power_uw = 0;  ///< of the layer's tiles
  NeurosimGroups groups;
};

/// Where the weights of one layer went.
struct NeurosimPlacement {
  bool novel = false;  ///< kernel positions on separate processing elements
  int tiles = 0;
  int speed_up = 0;        ///< copies of the layer inside its tiles
  double utilization = 0;  ///< cells with weights / cells of the tiles
};

/// Sides are counted in cells.
struct NeurosimFloorplan {
  int novel_tile_pes = 0;  ///< processing elements of a novel tile; 0: no layer is mapped so
  int novel_pe_cells = 0;
  int conventional_tile_cells = 0;
  int conventional_pe_cells = 0;
  int tiles = 0;
  int grid_rows = 0;
  int grid_cols = 0;
  int global_bus_bits = 0;
  double utilization = 0;  ///< mean over tiles
  std::vector<NeurosimPlacement> layers;
};

struct NeurosimResult {
  NeurosimVersion version{};
  NeurosimFloorplan floorplan;
  NeurosimChipResult chip;
  std::vector<NeurosimLayerResult> layers;
};

}  // namespace cimcycle
