// SPDX-License-Identifier: Apache-2.0
// The hardware description: what one JSON file says about the chip, parsed and checked, as plain structs.
//
// Every value stands in a JSON file (tech/chips/*.json or the user's own, with "base" inheritance) or in --set; there
// is no default in the code. Units are in the names. After load_hardware nobody reads a key by text.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/neurosim.h"

namespace cimcycle {

/// How a weight path is stored in cells.
enum class CellMapping { offset, twos_complement, differential };
/// Where the two columns of a differential pair are subtracted: after two conversions, or before one.
enum class Subtract { digital, analog };
/// Where the sum of a row group's activations comes from.
enum class OffsetSum { digital, unit_column };
/// Whether the MSB and LSB slices of an output block share a crossbar.
enum class LsbPlacement { same_crossbar, separate_crossbars };
/// How the row groups of a layer are spread over crossbars.
enum class RowSpread { even, fill };
/// Which OU reads are issued.
enum class RowPolicy { all, skip_zero_groups };
/// Whether OU groups (row group x output block) whose weights are all zero are read.
enum class ZeroWeights { read, skip };
/// Whether layers follow each other or overlap.
enum class Dataflow { layer_by_layer };
/// Circuit family of the converter.
enum class AdcType { flash, sar, charge_decrement };
/// How a bitline sum becomes a code and a reconstructed value.
enum class AdcTransfer { ideal, clip, full_scale, calibrated, levels };
/// When the mask of a pruning-mode layer (lb = 0 with a gate max or mean) is known.
enum class MaskKnown { after_read, oracle, static_ };
/// Model of the cell current's energy.
enum class ArrayCurrent { neurosim_fit, physical };

/// The words of each enum as they stand in JSON, in the order of its enumerators.
extern const std::span<const std::string_view> cell_mapping_words, subtract_words, offset_sum_words,
    lsb_placement_words, row_spread_words, row_policy_words, zero_weights_words, dataflow_words, adc_type_words,
    adc_transfer_words, mask_known_words, array_current_words;

struct CrossbarSpec {
  int rows = 0;  ///< wordlines
  int cols = 0;  ///< bitlines
};

struct OuSpec {
  int rows = 0;  ///< wordlines of one operation unit
  int cols = 0;  ///< bitlines of one operation unit
};

struct CellSpec {
  int bits = 0;       ///< bits stored per cell, 1 to 4
  std::string model;  ///< file in tech/cells (without .json) or a path
};

struct InputSpec {
  int digit_bits = 0;  ///< bits of the activation applied in one read, 1 to 8
};

struct AdcSpec {
  AdcType type{};
  AdcTransfer transfer{};
  int bits = 0;          ///< resolution, 1 to 12 (not used by `ideal`, which is priced as the smallest lossless one)
  int per_crossbar = 0;  ///< converters per crossbar; column c uses converter c mod per_crossbar
  bool sample_and_hold = false;   ///< the bitline value is held, so that wordlines may fall during the conversion
  std::vector<int> levels;        ///< `levels`: ascending thresholds, at most 2^bits - 1
  std::vector<int> level_values;  ///< `levels`: value of 0, 1, 2, ... thresholds passed (empty: 0 and the thresholds)
  std::optional<int> calibrated_step;  ///< `calibrated`: step for layers whose network file gives none
};

struct MappingSpec {
  CellMapping cells{};
  bool flip = false;  ///< store a column inverted where that lowers its sum (only with offset)
  Subtract subtract{};
  OffsetSum offset_sum{};
  LsbPlacement lsb{};
  RowSpread rows{};
};

struct ScheduleSpec {
  RowPolicy row_policy{};
  ZeroWeights zero_weights{};
  Dataflow dataflow{};
};

struct GateSpec {
  MaskKnown mask_known{};
  bool input_sums = false;  ///< adders sum the activations of a row group as they are loaded, for gates on inputs
};

struct ArraySpec {
  ArrayCurrent current{};
};

struct ClockSpec {
  /// Clock period in ns; absent: derived from the circuits (design: beta x the sense path).
  std::optional<double> period_ns;
};

/// What stands around the crossbars. Buffers are double-ended: one read and one write port of `port_bits` each.
struct ChipSpec {
  std::optional<int> tiles;  ///< tiles on the chip; absent ("auto"): what the network needs
  int crossbars_per_tile = 0;
  int tile_buffer_bits = 0;  ///< capacity of a tile's input buffer
  int tile_port_bits = 0;    ///< width of its read port towards the crossbars' input registers, per cycle
  /// Capacity of the chip's activation buffer; absent ("auto"): what the network needs.
  std::optional<int> global_buffer_bits;
  int global_port_bits = 0;  ///< width of its read port and of its write port, per cycle
  int link_bits = 0;         ///< width of the H-tree between the global buffer and a tile, per cycle
  int vector_lanes = 0;      ///< outputs that a tile's vector unit finishes per cycle
};

struct TechSpec {
  std::string node;  ///< file in tech/nodes (without .json) or a path
};

struct Hardware {
  std::string name;  ///< free text, printed in reports
  CrossbarSpec crossbar;
  OuSpec ou;
  CellSpec cell;
  InputSpec input;
  AdcSpec adc;
  MappingSpec mapping;
  ScheduleSpec schedule;
  GateSpec gate;
  ArraySpec array;
  ClockSpec clock;
  ChipSpec chip;
  TechSpec tech;
  std::optional<NeurosimSpec> neurosim;  ///< absent: no section of that name
};

/// The hardware file that a user named: a file as find_shipped finds it, or a shipped chip without folder and ending
/// ("ou16-adc5-22nm"). Throws InputError, which names the shipped chips, if there is neither.
std::filesystem::path find_hardware(const std::string& name);

/// Reads a hardware file, follows "base", applies `overrides` ("key.path=value", in order), checks every value and
/// every pair of values. Throws InputError; unknown keys and words name the nearest known one.
Hardware load_hardware(const std::filesystem::path& file, std::span<const std::string> overrides = {});

/// Checks values against each other (OU within crossbar, ADC levels ascending, flip only with offset, ...).
/// load_hardware calls it; call it again after changing a Hardware in code. `file` stands in front of messages.
void check_hardware(const Hardware& hardware, const std::string& file);

/// Every key with its resolved value, in the order of the description (what report.json shows).
nlohmann::ordered_json to_json(const Hardware& hardware);

/// Names the parts of the description on which numerics and energy depend; equal hashes mean an equal chip.
std::string hardware_hash(const Hardware& hardware);

/// One documented key, for the schema in docs/ and for --help.
struct KeyDoc {
  std::string path;     ///< "adc.bits"
  std::string type;     ///< "integer", "number", "boolean", "word", "text", "integers"
  std::string unit;     ///< "bit", "ns", "count", ...
  std::string meaning;  ///< one sentence
  std::string range;    ///< "1 to 12" or the allowed words
  struct Word {
    std::string name;
    std::string meaning;
  };
  std::vector<Word> words;  ///< of a word: what each one means
};

/// All keys in the order of the description.
std::vector<KeyDoc> hardware_keys();

/// JSON Schema of a hardware file, generated from the key table (a test compares it with docs/formats).
nlohmann::ordered_json hardware_schema();

}  // namespace cimcycle
