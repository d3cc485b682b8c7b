// SPDX-License-Identifier: Apache-2.0
// The section `neurosim` of the hardware description: the options of DNN+NeuroSim that no other key states, and one
// switch per known deviation of its model. Read by the composer (sim/neurosim); the cycle simulator ignores it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cimcycle {

struct Hardware;

/// Whose composition is followed.
enum class NeurosimVersion { v1_3, v1_4 };
/// How the weights of a convolution are laid out: kernel positions on separate processing elements, or unrolled.
enum class NeurosimMapping { novel, conventional };
/// What the multilevel sense amplifiers compare.
enum class SenseMode { current, voltage };
/// What buffers are built of.
enum class BufferKind { register_file, sram };
/// What connects the tiles.
enum class GlobalBus { h_tree, xy_bus };

/// The words of each enum as they stand in JSON, in the order of its enumerators.
extern const std::span<const std::string_view> neurosim_version_words, neurosim_mapping_words, sense_mode_words,
    buffer_kind_words, global_bus_words;

/// Factors between the models and a laid-out circuit (used if `validated`). They replace those of the technology file,
/// which serve the cycle simulator.
struct NeurosimCalibration {
  double alpha = 0;    ///< wiring area of level shifters
  double beta = 0;     ///< length of the sense path
  double gamma = 0;    ///< activity of flip-flops in accumulators
  double delta = 0;    ///< activity of adders
  double epsilon = 0;  ///< activity of control logic
  double zeta = 0;     ///< divides the energy efficiency
};

/// One switch per deviation: true follows NeuroSim, false does what its name's meaning says instead
/// (docs/models/neurosim.md, "Deviations").
struct NeurosimDeviations {
  bool stale_clock = false;
  bool valid_convolution = false;
  bool input_size_operations = false;
  bool recounted_empty_pes = false;
  bool shared_buffer_cores = false;
  bool squared_tile_tree = false;
  bool wide_tree_wires = false;
  bool doubled_tree_delay = false;
  bool overshooting_repeaters = false;
  bool unreachable_flat_region = false;
  bool free_register_writes = false;
  bool free_sram_precharge = false;
  bool mux_as_high_as_decoder = false;
  bool idle_leakage_only = false;
  bool leakage_of_running_type = false;
  bool last_call_tree_leakage = false;
  bool no_peripheral_leakage = false;
  bool fixed_costs = false;
  bool no_zero_skipping = false;
  bool crosswise_cell_wires = false;
  bool hidden_shift_add = false;
  bool wordline_at_supply = false;
  bool bitline_wire_only = false;
  bool layout_ties = false;
  bool bounding_box_buses = false;
  bool serialized_global_buffer = false;
  bool zeta_in_efficiency_only = false;
  bool barrier_units = false;
  bool whole_row_groups = false;
  bool averaged_row_groups = false;
  bool bounding_box_area = false;
};

/// Rows that are read at once are `ou.rows` (all rows: parallel; 1: sequential; V1.4: rows of one group), columns that
/// share a converter crossbar.cols / adc.per_crossbar, levels 2^adc.bits; cell and transistors are files.
struct NeurosimSpec {
  NeurosimVersion version{};
  NeurosimMapping mapping{};
  SenseMode sense{};             ///< flash converters only
  bool synchronous = false;      ///< latencies are whole cycles of one clock; else seconds
  bool pipeline = false;         ///< layers work at the same time on different images
  int speed_up_degree = 0;       ///< pipeline only: how often slow layers may be duplicated
  bool validated = false;        ///< calibration factors are used; else they are 1
  double initial_clock_ghz = 0;  ///< highest clock; what stale clocks stay at
  double temperature_k = 0;      ///< 300 is the only temperature with data
  double read_pulse_ns = 0;      ///< asynchronous only
  bool chip_activation = false;  ///< the chip computes the activation function
  bool relu = false;             ///< it is a ReLU (no data for others)
  BufferKind global_buffer{};
  int global_core_lines = 0;
  int global_core_bits = 0;
  BufferKind tile_buffer{};  ///< NeuroSim calls this its PE buffer type
  int tile_core_lines = 0;
  int tile_core_bits = 0;
  double sram_cell_height_features = 0;
  double sram_cell_width_features = 0;
  GlobalBus global_bus{};  ///< V1.3 has the H-tree only
  int max_global_bus_bits = 0;
  int global_tree_fold = 0;  ///< layers of repeaters on one footprint
  double global_delay_tolerance = 0;
  double local_delay_tolerance = 0;
  double input_toggle = 0;   ///< V1.4: share of input bits that switch a wire
  double output_toggle = 0;  ///< V1.4: the same of output bits
  std::optional<int>
      columns_per_dummy;  ///< V1.4: columns that share a reference column; absent: levels of the converter
  NeurosimCalibration calibration;
  NeurosimDeviations deviations;
};

/// The leaf names of neurosim.deviations in the order of the description.
std::vector<std::string_view> neurosim_deviation_names();

/// Sets one switch of a description that has the section. Throws InputError if there is no such switch or section.
void set_neurosim_deviation(Hardware& hardware, std::string_view name, bool on);

}  // namespace cimcycle
