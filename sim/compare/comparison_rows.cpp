// SPDX-License-Identifier: Apache-2.0
#include "compare/comparison_rows.h"

#include <array>

namespace cimcycle {
namespace {

template <class Block>
struct Quantity {
  std::string_view name;
  std::string_view unit;
  std::optional<double> (*of)(const Block&);
};

using Value = std::optional<double>;

/// Layers and chips have groups of the same names.
template <class Block>
constexpr std::array<Quantity<Block>, 10> group_quantities = {{
    {"adc latency", "ns", [](const Block& b) -> Value { return b.groups.adc.latency_ns; }},
    {"accumulation latency", "ns", [](const Block& b) -> Value { return b.groups.accumulation.latency_ns; }},
    {"other latency", "ns", [](const Block& b) -> Value { return b.groups.other.latency_ns; }},
    {"buffer latency", "ns", [](const Block& b) -> Value { return b.groups.buffer.latency_ns; }},
    {"interconnect latency", "ns", [](const Block& b) -> Value { return b.groups.interconnect.latency_ns; }},
    {"adc energy", "pJ", [](const Block& b) -> Value { return b.groups.adc.energy_pj; }},
    {"accumulation energy", "pJ", [](const Block& b) -> Value { return b.groups.accumulation.energy_pj; }},
    {"other energy", "pJ", [](const Block& b) -> Value { return b.groups.other.energy_pj; }},
    {"buffer energy", "pJ", [](const Block& b) -> Value { return b.groups.buffer.energy_pj; }},
    {"interconnect energy", "pJ", [](const Block& b) -> Value { return b.groups.interconnect.energy_pj; }},
}};

using Chip = NeurosimChipResult;
constexpr std::array<Quantity<Chip>, 12> chip_quantities = {{
    {"area", "um2", [](const Chip& c) -> Value { return c.area_um2; }},
    {"array area", "um2", [](const Chip& c) -> Value { return c.area_parts_um2.array; }},
    {"interconnect area", "um2", [](const Chip& c) -> Value { return c.area_parts_um2.ic; }},
    {"adc area", "um2", [](const Chip& c) -> Value { return c.area_parts_um2.adc; }},
    {"accumulation area", "um2", [](const Chip& c) -> Value { return c.area_parts_um2.accumulation; }},
    {"other area", "um2", [](const Chip& c) -> Value { return c.area_parts_um2.other; }},
    {"clock", "ns", [](const Chip& c) -> Value { return c.clock_ns; }},
    {"latency", "ns", [](const Chip& c) -> Value { return c.latency_ns; }},
    {"dynamic energy", "pJ", [](const Chip& c) -> Value { return c.dynamic_energy_pj; }},
    {"leakage energy", "pJ", [](const Chip& c) -> Value { return c.leakage_energy_pj; }},
    {"leakage power", "uW", [](const Chip& c) -> Value { return c.leakage_power_uw; }},
    {"efficiency", "TOPS/W", [](const Chip& c) -> Value { return c.tops_per_watt; }},
}};

using Layer = NeurosimLayerResult;
constexpr std::array<Quantity<Layer>, 3> layer_quantities = {{
    {"latency", "ns", [](const Layer& l) -> Value { return l.latency_ns; }},
    {"dynamic energy", "pJ", [](const Layer& l) -> Value { return l.dynamic_energy_pj; }},
    {"leakage energy", "pJ", [](const Layer& l) -> Value { return l.leakage_energy_pj; }},
}};

/// The block of one source that a row is about; null if the source is absent.
template <class Block>
struct Sources {
  const Block *composer = nullptr, *log = nullptr, *valid = nullptr, *padded = nullptr;
};

template <class Block, std::size_t count>
void add_rows(std::vector<ComparisonRow>& rows, const std::string& scope,
              const std::array<Quantity<Block>, count>& quantities, const Sources<Block>& from) {
  for (const Quantity<Block>& quantity : quantities) {
    const auto value = [&](const Block* block) { return block == nullptr ? std::nullopt : quantity.of(*block); };
    rows.push_back({scope, quantity.name, quantity.unit, value(from.composer), value(from.log), value(from.valid),
                    value(from.padded)});
  }
}

const Chip* chip_of(const std::optional<NeurosimResult>& result) { return result ? &result->chip : nullptr; }
const Layer* layer_of(const std::optional<NeurosimResult>& result, std::size_t index) {
  return result ? &result->layers.at(index) : nullptr;
}

}  // namespace

std::vector<ComparisonRow> chip_rows(const Comparison& comparison) {
  const Sources<Chip> from{&comparison.neurosim.chip, chip_of(comparison.log), chip_of(comparison.simulated_valid),
                           chip_of(comparison.simulated_padded)};
  std::vector<ComparisonRow> rows;
  add_rows(rows, "chip", chip_quantities, from);
  add_rows(rows, "chip", group_quantities<Chip>, from);
  return rows;
}

std::vector<ComparisonRow> layer_rows(const Comparison& comparison) {
  std::vector<ComparisonRow> rows;
  for (std::size_t i = 0; i < comparison.neurosim.layers.size(); ++i) {
    const Layer& layer = comparison.neurosim.layers[i];
    const Sources<Layer> from{&layer, layer_of(comparison.log, i), layer_of(comparison.simulated_valid, i),
                              layer_of(comparison.simulated_padded, i)};
    add_rows(rows, layer.name, layer_quantities, from);
    add_rows(rows, layer.name, group_quantities<Layer>, from);
  }
  return rows;
}

std::optional<double> ratio_of(const std::optional<double>& value, const std::optional<double>& reference) {
  if (!value || !reference || *reference == 0) return std::nullopt;
  return *value / *reference;
}

}  // namespace cimcycle
