// SPDX-License-Identifier: Apache-2.0
// The rows of the key table.
#include "hardware/keys.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

#include "hardware/key_row.h"
#include "hardware/neurosim_keys.h"
#include "hardware/words.h"

namespace cimcycle {

namespace {

using namespace key_rows;

using H = Hardware;

// Ranges: what the numerics and counters hold. An OU read sums at most ou.rows x 15 x 255, so that tables of one entry
// per sum stay in memory and sums in 32 bits; tiles x crossbars_per_tile is an int. Wider than any published macro.
constexpr double max_lines = 4096;
constexpr double max_cell_bits = 4;
constexpr double max_digit_bits = 8;
constexpr double max_adc_bits = 12;
constexpr double max_tiles = 100000;
constexpr double max_crossbars_per_tile = 4096;
constexpr double max_buffer_bits = 1 << 30;
constexpr double max_port_bits = 1 << 16;
constexpr double max_sum = 1 << 24;
constexpr double max_step = 1 << 20;
constexpr double max_name = 200;
constexpr double max_path = 1024;
constexpr std::size_t max_levels = (1 << 12) - 1;
static_assert(max_lines * 15 * 255 < max_sum);
static_assert(max_tiles * max_crossbars_per_tile < 2147483647.0);

constexpr Key chip_keys[] = {
    row<&H::name>("name", KeyType::text, "", 1, max_name, "free text that names the chip in reports"),

    number<&H::crossbar, &CrossbarSpec::rows>("crossbar.rows", "count", 1, max_lines, "wordlines of a crossbar"),
    number<&H::crossbar, &CrossbarSpec::cols>("crossbar.cols", "count", 1, max_lines, "bitlines of a crossbar"),

    number<&H::ou, &OuSpec::rows>("ou.rows", "count", 1, max_lines, "wordlines that one OU read switches on"),
    number<&H::ou, &OuSpec::cols>("ou.cols", "count", 1, max_lines, "bitlines that one OU read converts"),

    number<&H::cell, &CellSpec::bits>("cell.bits", "bit", 1, max_cell_bits, "weight bits stored in a cell"),
    row<&H::cell, &CellSpec::model>("cell.model", KeyType::file, "", 1, max_path,
                                    "the cell: a name in tech/cells, or a path that ends in .json"),

    number<&H::input, &InputSpec::digit_bits>("input.digit_bits", "bit", 1, max_digit_bits,
                                              "activation bits applied in one read"),

    word<hardware_words::adc_type, &H::adc, &AdcSpec::type>("adc.type", "circuit of the converters"),
    word<hardware_words::adc_transfer, &H::adc, &AdcSpec::transfer>("adc.transfer",
                                                                    "how a bitline sum becomes the value that is used"),
    number<&H::adc, &AdcSpec::bits>("adc.bits", "bit", 1, max_adc_bits,
                                    "resolution of a conversion (transfer ideal: not used)"),
    number<&H::adc, &AdcSpec::per_crossbar>("adc.per_crossbar", "count", 1, max_lines,
                                            "converters of a crossbar; column c uses converter c mod per_crossbar"),
    boolean<&H::adc, &AdcSpec::sample_and_hold>("adc.sample_and_hold",
                                                "bitlines are sampled, so that wordlines fall while converters work"),
    list<&H::adc, &AdcSpec::levels>("adc.levels", "sum", max_levels, 1, max_sum,
                                    "ascending thresholds, at most 2^adc.bits - 1; transfer levels only"),
    list<&H::adc, &AdcSpec::level_values>(
        "adc.level_values", "sum", max_levels + 1, 0, max_sum,
        "value of 0, 1, 2, ... thresholds reached, first 0; null: 0 and the thresholds; transfer levels only"),
    number<&H::adc, &AdcSpec::calibrated_step>(
        "adc.calibrated_step", "sum", 1, max_step,
        "step of layers whose network file gives none; null: every layer must give one; transfer calibrated only",
        Absence::null),

    word<hardware_words::cell_mapping, &H::mapping, &MappingSpec::cells>("mapping.cells",
                                                                         "how signed weight parts are stored in cells"),
    boolean<&H::mapping, &MappingSpec::flip>(
        "mapping.flip", "columns are stored inverted where that lowers their sum; offset cells only"),
    word<hardware_words::subtract, &H::mapping, &MappingSpec::subtract>(
        "mapping.subtract", "where a differential pair is subtracted; digital with other cells"),
    word<hardware_words::offset_sum, &H::mapping, &MappingSpec::offset_sum>(
        "mapping.offset_sum", "where the sum of activations comes from; digital with other cells than offset"),
    word<hardware_words::lsb_placement, &H::mapping, &MappingSpec::lsb>("mapping.lsb", "where LSB slices are stored"),
    word<hardware_words::row_spread, &H::mapping, &MappingSpec::rows>("mapping.rows",
                                                                      "how the rows of a layer fill crossbars"),

    word<hardware_words::row_policy, &H::schedule, &ScheduleSpec::row_policy>("schedule.row_policy",
                                                                              "which OU reads are issued"),
    word<hardware_words::zero_weights, &H::schedule, &ScheduleSpec::zero_weights>(
        "schedule.zero_weights", "how OU groups whose weights are all zero are treated"),
    word<hardware_words::dataflow, &H::schedule, &ScheduleSpec::dataflow>("schedule.dataflow",
                                                                          "how layers follow each other"),

    word<hardware_words::mask_known, &H::gate, &GateSpec::mask_known>(
        "gate.mask_known", "when the mask of a layer without low bits and with a gate max or mean is known"),
    boolean<&H::gate, &GateSpec::input_sums>(
        "gate.input_sums", "adders sum the activations of a row group as they are loaded, for gates on inputs"),

    word<hardware_words::array_current, &H::array, &ArraySpec::current>("array.current",
                                                                        "model of the energy of the cell current"),

    number<&H::clock, &ClockSpec::period_ns>("clock.period_ns", "ns", 0.01, 10000,
                                             "clock period; auto: the sense path of the circuits", Absence::automatic),

    number<&H::chip, &ChipSpec::tiles>("chip.tiles", "count", 1, max_tiles,
                                       "tiles of the chip; auto: what the network needs", Absence::automatic),
    number<&H::chip, &ChipSpec::crossbars_per_tile>("chip.crossbars_per_tile", "count", 1, max_crossbars_per_tile,
                                                    "crossbars of a tile"),
    number<&H::chip, &ChipSpec::tile_buffer_bits>("chip.tile_buffer_bits", "bit", 1, max_buffer_bits,
                                                  "capacity of a tile's input buffer"),
    number<&H::chip, &ChipSpec::tile_port_bits>("chip.tile_port_bits", "bit/cycle", 1, max_port_bits,
                                                "width of its read port towards the input registers"),
    number<&H::chip, &ChipSpec::global_buffer_bits>(
        "chip.global_buffer_bits", "bit", 1, max_buffer_bits,
        "capacity of the chip's activation buffer; auto: what the network needs", Absence::automatic),
    number<&H::chip, &ChipSpec::global_port_bits>("chip.global_port_bits", "bit/cycle", 1, max_port_bits,
                                                  "width of its read port and of its write port"),
    number<&H::chip, &ChipSpec::link_bits>("chip.link_bits", "bit/cycle", 1, max_port_bits,
                                           "width of the H-tree between global buffer and tile"),
    number<&H::chip, &ChipSpec::vector_lanes>("chip.vector_lanes", "count", 1, max_lines,
                                              "outputs that a tile's vector unit finishes per cycle"),

    row<&H::tech, &TechSpec::node>("tech.node", KeyType::file, "", 1, max_path,
                                   "the technology: a name in tech/nodes, or a path that ends in .json"),
};

constexpr auto keys = [] {
  std::array<Key, std::size(chip_keys) + std::size(neurosim_keys)> result{};
  std::ranges::copy(neurosim_keys, std::ranges::copy(chip_keys, result.begin()).out);
  return result;
}();

constexpr auto paths = [] {
  std::array<std::string_view, std::size(keys)> result{};
  std::ranges::transform(keys, result.begin(), &Key::path);
  return result;
}();

constexpr std::string_view group_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

constexpr std::size_t group_count = [] {
  std::size_t count = 0;
  std::string_view last;
  for (const Key& key : keys) {
    if (const std::string_view group = group_of(key.path); group != last) {
      ++count;
      last = group;
    }
  }
  return count;
}();

constexpr auto groups = [] {
  std::array<std::string_view, group_count> result{};
  std::size_t count = 0;
  for (const Key& key : keys) {
    const std::string_view group = group_of(key.path);
    if (!group.empty() && (count == 0 || result[count - 1] != group)) result[count++] = group;
  }
  return result;
}();

}  // namespace

std::string_view Key::group() const { return group_of(path); }

std::string_view Key::section() const { return group().substr(0, group().find('.')); }

std::string_view Key::leaf() const { return path.substr(group().empty() ? 0 : group().size() + 1); }

std::span<const Key> key_table() { return keys; }

std::span<const std::string_view> key_groups() { return groups; }

std::span<const std::string_view> key_paths() { return paths; }

const Key* find_key(std::string_view path) {
  const auto found = std::ranges::find(keys, path, &Key::path);
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace cimcycle
