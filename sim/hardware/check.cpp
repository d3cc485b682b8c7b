// SPDX-License-Identifier: Apache-2.0
// Values of the hardware description against each other.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "hardware/keys.h"

namespace cimcycle {

namespace {

std::string_view word(std::span<const std::string_view> words, auto value) {
  return words[static_cast<std::size_t>(value)];
}

void check_single_values(const Hardware& hardware, const std::string& file) {
  for (const Key& key : key_table()) {
    if (!key.section_exists(hardware)) continue;
    const nlohmann::json value = key.read(hardware);
    if (value.is_null() && key.absence != Absence::never) continue;
    if (const auto problem = problem_of(key, value)) fail_input("{}: {}: {}", file, key.path, *problem);
  }
}

void check_operation_unit(const Hardware& h, const std::string& file) {
  if (h.ou.rows > h.crossbar.rows) {
    fail_input("{}: ou.rows = {} exceeds crossbar.rows = {}; allowed: 1 to {}", file, h.ou.rows, h.crossbar.rows,
               h.crossbar.rows);
  }
  if (h.ou.cols > h.crossbar.cols) {
    fail_input("{}: ou.cols = {} exceeds crossbar.cols = {}; allowed: 1 to {}", file, h.ou.cols, h.crossbar.cols,
               h.crossbar.cols);
  }
}

void check_cells(const Hardware& h, const std::string& file) {
  const std::string_view cells = word(cell_mapping_words, h.mapping.cells);
  if (h.mapping.cells == CellMapping::twos_complement && h.cell.bits != 1) {
    fail_input(
        "{}: mapping.cells = twos_complement does not work with cell.bits = {}; allowed: cell.bits 1, or "
        "mapping.cells offset or differential",
        file, h.cell.bits);
  }
  if (h.mapping.cells == CellMapping::differential && h.crossbar.cols < 2) {
    fail_input(
        "{}: mapping.cells = differential does not work with crossbar.cols = {}; allowed: crossbar.cols 2 to {:.0f}",
        file, h.crossbar.cols, find_key("crossbar.cols")->max);
  }
  if (h.mapping.cells == CellMapping::differential && h.ou.cols < 2) {
    fail_input("{}: mapping.cells = differential does not work with ou.cols = {}; allowed: ou.cols 2 to {}", file,
               h.ou.cols, h.crossbar.cols);
  }
  if (h.mapping.flip && h.mapping.cells != CellMapping::offset) {
    fail_input("{}: mapping.flip = true does not work with mapping.cells = {}; allowed: flip false, or cells offset",
               file, cells);
  }
  if (h.mapping.subtract == Subtract::analog && h.mapping.cells != CellMapping::differential) {
    fail_input(
        "{}: mapping.subtract = analog does not work with mapping.cells = {}; allowed: subtract digital, or cells "
        "differential",
        file, cells);
  }
  if (h.mapping.offset_sum == OffsetSum::unit_column && h.mapping.cells != CellMapping::offset) {
    fail_input(
        "{}: mapping.offset_sum = unit_column does not work with mapping.cells = {}; allowed: offset_sum digital, "
        "or cells offset",
        file, cells);
  }
}

void check_level_values(const AdcSpec& adc, const Hardware& h, const std::string& file) {
  if (adc.level_values.empty()) return;
  if (adc.level_values.size() != adc.levels.size() + 1) {
    fail_input("{}: adc.level_values has {} values and adc.levels {}; allowed: {} values, one more than levels", file,
               adc.level_values.size(), adc.levels.size(), adc.levels.size() + 1);
  }
  if (adc.level_values.front() != 0) {
    fail_input("{}: adc.level_values starts with {}; allowed: 0, the value of no threshold reached", file,
               adc.level_values.front());
  }
  // A value above every possible sum is no reconstruction of one, and accumulators are not made for it.
  const int largest = h.ou.rows * ((1 << h.cell.bits) - 1) * ((1 << h.input.digit_bits) - 1);
  for (std::size_t i = 0; i < adc.levels.size() && adc.levels[i] <= largest; ++i) {
    if (adc.level_values[i + 1] <= largest) continue;
    fail_input(
        "{}: adc.level_values[{}] = {} exceeds the largest sum of an OU read, {}, from ou.rows = {}, cell.bits = {}, "
        "input.digit_bits = {}; allowed: 0 to {}",
        file, i + 1, adc.level_values[i + 1], largest, h.ou.rows, h.cell.bits, h.input.digit_bits, largest);
  }
}

void check_levels(const AdcSpec& adc, const Hardware& h, const std::string& file) {
  if (adc.levels.empty()) {
    fail_input("{}: adc.transfer = levels needs adc.levels, found none; allowed: 1 to {} ascending thresholds", file,
               (1 << adc.bits) - 1);
  }
  if (adc.levels.size() > (std::size_t{1} << adc.bits) - 1) {
    fail_input("{}: adc.levels has {} thresholds, more than adc.bits = {} can tell apart; allowed: 1 to {}", file,
               adc.levels.size(), adc.bits, (1 << adc.bits) - 1);
  }
  const auto step = std::ranges::adjacent_find(adc.levels, std::greater_equal{});
  if (step != adc.levels.end()) {
    const auto index = step - adc.levels.begin();
    fail_input("{}: adc.levels[{}] = {} is followed by adc.levels[{}] = {}; allowed: ascending thresholds", file, index,
               *step, index + 1, *(step + 1));
  }
  check_level_values(adc, h, file);
}

// Keys that belong to one transfer must not stand beside another: they would be read as if they mattered.
void check_transfer(const Hardware& h, const std::string& file) {
  const AdcSpec& adc = h.adc;
  const auto belongs = [&](bool given, std::string_view key, AdcTransfer transfer) {
    if (!given || adc.transfer == transfer) return;
    fail_input("{}: {} is given, but adc.transfer = {}; allowed: {} null, or transfer {}", file, key,
               word(adc_transfer_words, adc.transfer), key, word(adc_transfer_words, transfer));
  };
  belongs(!adc.levels.empty(), "adc.levels", AdcTransfer::levels);
  belongs(!adc.level_values.empty(), "adc.level_values", AdcTransfer::levels);
  belongs(adc.calibrated_step.has_value(), "adc.calibrated_step", AdcTransfer::calibrated);
  if (adc.transfer == AdcTransfer::levels) check_levels(adc, h, file);
}

void check_readout(const Hardware& h, const std::string& file) {
  if (h.adc.type == AdcType::charge_decrement && h.array.current != ArrayCurrent::physical) {
    fail_input(
        "{}: adc.type = charge_decrement does not work with array.current = {}, which has no data for it; allowed: "
        "current physical, or type flash or sar",
        file, word(array_current_words, h.array.current));
  }
}

}  // namespace

void check_hardware(const Hardware& hardware, const std::string& file) {
  check_single_values(hardware, file);
  check_operation_unit(hardware, file);
  check_cells(hardware, file);
  check_transfer(hardware, file);
  check_readout(hardware, file);
}

}  // namespace cimcycle
