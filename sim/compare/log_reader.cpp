// SPDX-License-Identifier: Apache-2.0
// A table of the values to find in a log. Lines are told apart by a few words, because versions differ in the rest.
#include "compare/log_reader.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "network/limits.h"

namespace cimcycle {
namespace {

constexpr std::uintmax_t max_log_bytes = std::uintmax_t{1} << 28;

/// A value of a block (a layer, or the chip), found by how its line begins and ends before the colon.
template <class Block>
struct Row {
  std::string_view begin;
  std::string_view end;
  std::string_view unit;
  double& (*member)(Block&);
  bool required = true;
};

template <class Block>
constexpr std::array<Row<Block>, 6> breakdown = {{
    {"ADC", "readLatency is", "ns", [](Block& b) -> double& { return b.groups.adc.latency_ns; }},
    {"Accumulation", "readLatency is", "ns", [](Block& b) -> double& { return b.groups.accumulation.latency_ns; }},
    {"Other", "readLatency is", "ns", [](Block& b) -> double& { return b.groups.other.latency_ns; }},
    {"ADC", "readDynamicEnergy is", "pJ", [](Block& b) -> double& { return b.groups.adc.energy_pj; }},
    {"Accumulation", "readDynamicEnergy is", "pJ", [](Block& b) -> double& { return b.groups.accumulation.energy_pj; }},
    {"Other", "readDynamicEnergy is", "pJ", [](Block& b) -> double& { return b.groups.other.energy_pj; }},
}};

using Layer = NeurosimLayerResult;
constexpr std::array<Row<Layer>, 8> layer_rows = {{
    {"readLatency", "is", "ns", [](Layer& l) -> double& { return l.latency_ns; }},
    {"readDynamicEnergy", "is", "pJ", [](Layer& l) -> double& { return l.dynamic_energy_pj; }},
    {"leakagePower", "is", "uW", [](Layer& l) -> double& { return l.leakage_power_uw; }},
    {"leakageEnergy", "is", "pJ", [](Layer& l) -> double& { return l.leakage_energy_pj; }},
    {"buffer latency", "is", "ns", [](Layer& l) -> double& { return l.groups.buffer.latency_ns; }},
    {"buffer readDynamicEnergy", "is", "pJ", [](Layer& l) -> double& { return l.groups.buffer.energy_pj; }},
    {"ic latency", "is", "ns", [](Layer& l) -> double& { return l.groups.interconnect.latency_ns; }},
    {"ic readDynamicEnergy", "is", "pJ", [](Layer& l) -> double& { return l.groups.interconnect.energy_pj; }},
}};

/// Lines of the summary without the words that say "of the chip" and which dataflow it is.
using Chip = NeurosimChipResult;
constexpr std::array<Row<Chip>, 16> chip_rows = {{
    {"ChipArea", "", "um^2", [](Chip& c) -> double& { return c.area_um2; }},
    {"CIM array", "", "um^2", [](Chip& c) -> double& { return c.area_parts_um2.array; }},
    {"IC Area on chip", "", "um^2", [](Chip& c) -> double& { return c.area_parts_um2.ic; }},
    {"ADC", "", "um^2", [](Chip& c) -> double& { return c.area_parts_um2.adc; }},
    {"Accumulation Circuits", "", "um^2", [](Chip& c) -> double& { return c.area_parts_um2.accumulation; }},
    {"Other Peripheries", "", "um^2", [](Chip& c) -> double& { return c.area_parts_um2.other; }},
    {"clock period is", "", "ns", [](Chip& c) -> double& { return c.clock_ns ? *c.clock_ns : c.clock_ns.emplace(0.0); },
     false},
    {"readLatency is", "", "ns", [](Chip& c) -> double& { return c.latency_ns; }},
    {"readDynamicEnergy is", "", "pJ", [](Chip& c) -> double& { return c.dynamic_energy_pj; }},
    {"leakage Energy is", "", "pJ", [](Chip& c) -> double& { return c.leakage_energy_pj; }},
    {"leakage Power is", "", "uW", [](Chip& c) -> double& { return c.leakage_power_uw; }},
    {"buffer readLatency is", "", "ns", [](Chip& c) -> double& { return c.groups.buffer.latency_ns; }},
    {"buffer readDynamicEnergy is", "", "pJ", [](Chip& c) -> double& { return c.groups.buffer.energy_pj; }},
    {"ic readLatency is", "", "ns", [](Chip& c) -> double& { return c.groups.interconnect.latency_ns; }},
    {"ic readDynamicEnergy is", "", "pJ", [](Chip& c) -> double& { return c.groups.interconnect.energy_pj; }},
    {"Energy Efficiency TOPS/W", "", "", [](Chip& c) -> double& { return c.tops_per_watt; }},
}};

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Removes the first occurrence of `part`.
void remove(std::string& text, std::string_view part) {
  if (const std::size_t at = text.find(part); at != std::string::npos) text.erase(at, part.size());
}

/// A summary line in the form of chip_rows.
std::string summary_label(std::string_view label) {
  std::string text(label);
  for (const std::string_view part : {" (per image)", "Chip ", "Total ", "total ", "layer-by-layer "}) {
    remove(text, part);
  }
  if (text.starts_with("pipeline-system-clock-cycle")) return "readLatency is";
  for (const std::string_view part : {"pipeline-system ", "pipeline-system-"}) remove(text, part);
  return std::string(trimmed(text));
}

/// Which values of a block have been found.
template <class Block, std::size_t count>
struct Found {
  std::array<bool, count> rows{};
  std::array<bool, 6> groups{};
};

class LogReader {
 public:
  LogReader(const std::string& text, const std::string& name, NeurosimVersion version) : text_(text), name_(name) {
    result_.version = version;
  }

  NeurosimResult read() {
    std::string_view rest = text_;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      ++line_;
      take(trimmed(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    finish();
    return std::move(result_);
  }

 private:
  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) const {
    fail_input("{}: line {}: {}", name_, line_, fmt::format(text, std::forward<Args>(args)...));
  }

  double value_of(std::string_view text, std::string_view unit) const {
    const std::string_view whole = trimmed(text);
    double value = 0;
    const auto [stop, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
    const std::string_view found(stop, static_cast<std::size_t>(whole.data() + whole.size() - stop));
    if (error != std::errc() || !std::isfinite(value) || found != unit) {
      fail("found \"{}\", expected a number{}{}", printable(whole), unit.empty() ? "" : " in ", unit);
    }
    return value;
  }

  template <class Block, std::size_t count>
  bool take_row(const std::array<Row<Block>, count>& rows, std::array<bool, count>& found, Block& block,
                std::string_view label, std::string_view value) {
    for (std::size_t i = 0; i < count; ++i) {
      const Row<Block>& row = rows[i];
      if (!label.starts_with(row.begin) || !label.ends_with(row.end)) continue;
      if (found[i]) fail("{} is stated twice", row.begin);
      row.member(block) = value_of(value, row.unit);
      return found[i] = true;
    }
    return false;
  }

  void take(std::string_view line) {
    if (const std::size_t error = line.find("ERROR"); error != std::string_view::npos) {
      fail("NeuroSim ended with an error: {}", printable(line));
    }
    if (line.find("Estimation of Layer") != std::string_view::npos) return begin_layer();
    if (line.find(" Summary ") != std::string_view::npos) in_summary_ = true;
    const std::size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) return;
    std::string_view label = trimmed(line.substr(0, colon));
    const std::string_view value = line.substr(colon + 1);
    if (label.starts_with("-----------")) {
      label = trimmed(label.substr(label.find_first_not_of('-')));
      if (in_summary_) {
        take_row(breakdown<Chip>, chip_found_.groups, result_.chip, label, value);
      } else if (!result_.layers.empty()) {
        take_row(breakdown<Layer>, layer_found_.groups, result_.layers.back(), label, value);
      }
      return;
    }
    if (in_summary_) {
      take_row(chip_rows, chip_found_.rows, result_.chip, summary_label(label), value);
      return;
    }
    const std::size_t owner = label.find("'s ");
    if (result_.layers.empty() || !label.starts_with("layer") || owner == std::string_view::npos) return;
    take_row(layer_rows, layer_found_.rows, result_.layers.back(), label.substr(owner + 3), value);
  }

  void begin_layer() {
    finish_layer();
    if (result_.layers.size() == limits::layers) fail("more than {} layers", limits::layers);
    layer_found_ = {};
    NeurosimLayerResult& layer = result_.layers.emplace_back();
    layer.name = fmt::format("layer{}", result_.layers.size());
  }

  template <class Block, std::size_t count>
  void check(const std::array<Row<Block>, count>& rows, const std::array<bool, count>& found,
             const std::string& of) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (found[i] || !rows[i].required) continue;
      fail_input("{}: {}: no line states \"{}{}{}\"; expected the whole output of a NeuroSim run", name_, of,
                 rows[i].begin, rows[i].end.empty() ? "" : " ... ", rows[i].end);
    }
  }

  void finish_layer() const {
    if (result_.layers.empty()) return;
    check(layer_rows, layer_found_.rows, result_.layers.back().name);
    check(breakdown<Layer>, layer_found_.groups, result_.layers.back().name);
  }

  void finish() const {
    if (result_.layers.empty()) fail_input("{}: no layer is estimated; expected the output of a NeuroSim run", name_);
    finish_layer();
    check(chip_rows, chip_found_.rows, "summary");
    check(breakdown<Chip>, chip_found_.groups, "summary");
  }

  const std::string& text_;
  const std::string& name_;
  NeurosimResult result_;
  std::int64_t line_ = 0;
  bool in_summary_ = false;
  Found<Layer, layer_rows.size()> layer_found_;
  Found<Chip, chip_rows.size()> chip_found_;
};

}  // namespace

NeurosimResult read_neurosim_log(const std::filesystem::path& file, NeurosimVersion version) {
  return parse_neurosim_log(read_file(file, max_log_bytes), printable(file.string()), version);
}

NeurosimResult parse_neurosim_log(const std::string& text, const std::string& name, NeurosimVersion version) {
  return LogReader(text, name, version).read();
}

}  // namespace cimcycle
