// SPDX-License-Identifier: Apache-2.0
#include "neurosim_runs.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>

#include "base/error.h"
#include "base/json_object.h"
#include "compare/param_import.h"
#include "compare/trace_reader.h"
#include "temporary_folder.h"

namespace cimcycle::test {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The options of a run as lines `name = value;`, those that name another option last.
std::string option_lines(const json& config) {
  std::string values, references;
  for (const auto& [name, value] : config.items()) {
    // The bits are stated by the trace.
    if (name == "synapseBit" || name == "numBitInput") continue;
    std::string shown = value.get<std::string>();
    shown.resize(std::min(shown.find(" ("), shown.size()));  // a note of the recorder
    (config.contains(shown) ? references : values) += name + " = " + shown + ";\n";
  }
  return values + references;
}

/// The switch that a probe of the recorded program turned off.
void apply_probe(const std::string& run, Hardware& hardware) {
  if (run.find("cmloopfix") != std::string::npos) set_neurosim_deviation(hardware, "recounted_empty_pes", false);
}

void add(RunComparison& result, const json& record, const std::string& key, const std::string& name,
         const std::string& group, double composed) {
  const auto found = record.find(key);
  if (found == record.end() || !found->is_number()) return;
  result.figures.push_back({name, group, composed, found->get<double>()});
}

void add_groups(RunComparison& result, const json& record, const std::string& where, const NeurosimGroups& g) {
  const auto group = [&](const std::string& name, const std::string& latency, const std::string& energy,
                         const NeurosimGroup& value) {
    add(result, record, latency, where + " " + name + " latency", name, value.latency_ns);
    add(result, record, energy, where + " " + name + " energy", name, value.energy_pj);
  };
  group("adc", "ADC_readLatency_ns", "ADC_readDynamicEnergy_pJ", g.adc);
  group("accumulation", "Accumulation_readLatency_ns", "Accumulation_readDynamicEnergy_pJ", g.accumulation);
  group("other", "Other_readLatency_ns", "Other_readDynamicEnergy_pJ", g.other);
  group("buffer", "buffer_latency_ns", "buffer_readDynamicEnergy_pJ", g.buffer);
  group("interconnect", "ic_latency_ns", "ic_readDynamicEnergy_pJ", g.interconnect);
}

void add_chip(RunComparison& result, const json& record, const NeurosimResult& r, bool pipeline) {
  const NeurosimChipResult& chip = r.chip;
  const auto total = [&](const std::string& key, const std::string& name, double value) {
    add(result, record, key, "chip " + name, name, value);
  };
  total("area_total_um2", "area", chip.area_um2);
  total("area_array_um2", "area", chip.area_parts_um2.array);
  total("area_ic_um2", "area", chip.area_parts_um2.ic);
  total("area_adc_um2", "area", chip.area_parts_um2.adc);
  total("area_accum_um2", "area", chip.area_parts_um2.accumulation);
  total("area_other_um2", "area", chip.area_parts_um2.other);
  if (chip.clock_ns) total("clock_period_ns", "clock", *chip.clock_ns);
  const std::string mode = pipeline ? "pipeline-system_" : "total_";
  total(pipeline ? "pipeline-system-clock-cycle_ns" : "layer-by-layer_readLatency_ns", "latency", chip.latency_ns);
  total(mode + "readDynamicEnergy_pJ", "dynamic energy", chip.dynamic_energy_pj);
  total(mode + "leakage_Energy_pJ", "leakage", chip.leakage_energy_pj);
  total(mode + "leakage_Power_uW", "leakage", chip.leakage_power_uw);
  total("Energy Efficiency TOPS/W", "tops_per_watt", chip.tops_per_watt);
  add_groups(result, record, "chip", chip.groups);
}

}  // namespace

std::vector<std::string> recorded_runs(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / "results")) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

const NeurosimTrace& RunComparer::trace(const std::string& name) {
  const auto [place, is_new] = traces_.try_emplace(name);
  if (is_new) place->second = read_neurosim_trace(folder_ / "traces" / (name + ".tar.gz"), 2).trace;
  return place->second;
}

RunComparison RunComparer::compare(const std::string& run) {
  const json record = read_json(folder_ / "results" / (run + ".json"));
  RunComparison result;
  result.name = run;
  result.crashed = record.at("rc") != 0;
  try {
    const auto version = record.at("version") == "1.4" ? NeurosimVersion::v1_4 : NeurosimVersion::v1_3;
    const ParamImport params =
        import_neurosim_params(option_lines(record.at("config_full")), run + ".json", run, "cell.json", version);
    const ScratchFolder scratch;
    if (params.cell_json) scratch.write("cell.json", *params.cell_json);
    Hardware hardware = load_hardware(scratch.write("chip.json", params.hardware_json));
    apply_probe(run, hardware);
    const NeurosimTrace& inputs = trace(record.at("trace"));
    const std::clock_t start = std::clock();
    const NeurosimResult r = compose(hardware, inputs);
    result.cpu_ms = 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (result.crashed) return result;
    add_chip(result, record.at("chip"), r, hardware.neurosim->pipeline);
    for (std::size_t i = 0; i < r.layers.size(); ++i) {
      const json& layer = record.at("layers").at(i);
      const std::string where = "layer " + std::to_string(i + 1);
      add(result, layer, "readLatency_ns", where + " latency", "latency", r.layers[i].latency_ns);
      add(result, layer, "readDynamicEnergy_pJ", where + " energy", "dynamic energy", r.layers[i].dynamic_energy_pj);
      add(result, layer, "leakageEnergy_pJ", where + " leakage energy", "leakage", r.layers[i].leakage_energy_pj);
      add(result, layer, "leakagePower_uW", where + " leakage power", "leakage", r.layers[i].leakage_power_uw);
      add_groups(result, layer, where, r.layers[i].groups);
    }
  } catch (const InputError& error) {
    result.error = error.what();
  }
  return result;
}

}  // namespace cimcycle::test
