// SPDX-License-Identifier: Apache-2.0
#include "replay/result_builder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "replay/energy_table.h"
#include "replay/ledger.h"

namespace cimcycle {
namespace {

double sum_of(const std::array<double, energy_components>& energy_pj) {
  return std::accumulate(energy_pj.begin(), energy_pj.end(), 0.0);
}

ActionCounts scaled(const ActionCounts& counts, std::int64_t factor) {
  ActionCounts result = counts;
  for (std::int64_t& count : result) count *= factor;
  return result;
}

std::string gate_name(const Dec3& dec3, const LayerMapping& mapping) {
  if (mapping.has_static_mask()) return "static";
  if (dec3.gate == GateKind::none) return "none";
  const std::string kind(word_of(gate_words, dec3.gate));
  switch (dec3.granularity) {
    case GateGranularity::ou:
      return kind + "/ou";
    case GateGranularity::output_block:
      return kind + "/output_block";
    case GateGranularity::output:
      return kind + "/output";
  }
  return kind;
}

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  Spread spread;
  if (values.empty()) return spread;
  const double count = static_cast<double>(values.size());
  spread.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.std = std::sqrt(squares / count);
  std::sort(values.begin(), values.end());
  const auto rank = [&](double share) {
    return values[static_cast<std::size_t>(std::max(0.0, std::ceil(share * count) - 1))];
  };
  spread.min = values.front();
  spread.p50 = rank(0.50);
  spread.p95 = rank(0.95);
  spread.max = values.back();
  return spread;
}

ReplaySums& ReplaySums::operator+=(const ReplaySums& other) {
  for (std::size_t i = 0; i < stats.size(); ++i) {
    stats[i] += other.stats[i];
    add_time(time[i], other.time[i]);
    for (std::size_t t = 0; t < gate_treatments; ++t) cycles[i][t] += other.cycles[i][t];
  }
  return *this;
}

void add_time(LayerTime& sum, const LayerTime& time) {
  sum.cycles += time.cycles;
  sum.crossbars += time.crossbars;
  sum.tile_buffers += time.tile_buffers;
  sum.adder_trees += time.adder_trees;
  sum.vector_units += time.vector_units;
  sum.links += time.links;
  sum.global_buffer += time.global_buffer;
  sum.events += time.events;
  sum.jobs += time.jobs;
  sum.msb_reads += time.msb_reads;
  sum.lsb_reads += time.lsb_reads;
  sum.adc_busy += time.adc_busy;
}

PerImage::PerImage(std::int64_t images, std::int64_t timed, std::int64_t classes)
    : timed_(timed),
      classes_(classes),
      hits_(images),
      energy_pj_(static_cast<std::size_t>(images)),
      cycles_(static_cast<std::size_t>(timed)),
      logits_(static_cast<std::size_t>(images * classes)) {}

void PerImage::record(std::int64_t image, int label, std::span<const std::int64_t> logits, double energy_pj,
                      Cycle cycles) {
  const std::size_t at = static_cast<std::size_t>(image);
  hits_.record(image, label, logits);
  energy_pj_[at] = energy_pj;
  if (image < timed_) cycles_[at] = cycles;
  std::copy(logits.begin(), logits.end(), logits_.begin() + image * classes_);
}

std::vector<double> PerImage::cycles() const { return {cycles_.begin(), cycles_.end()}; }

ChipModel chip_model_of(const Hardware& hardware, const NetworkMapping& mapping) {
  return build_chip_model(hardware, chip_size(hardware, mapping.tiles, mapping.activation_bits));
}

TimingSpec timing_of(const ChipModel& chip) {
  TimingSpec spec;
  spec.adc_cycles = chip.adc_cycles;
  spec.adder_tree_level_cycles = chip.adder_tree_level_cycles;
  spec.vector_cycles = chip.vector_cycles;
  spec.link_cycles = chip.link_cycles;
  return spec;
}

ResultBuilder::ResultBuilder(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                             const ChipModel& chip)
    : network_(network), mapping_(mapping), hardware_(hardware), chip_(chip), leakage_uw_(chip.leakage_uw()) {
  std::size_t mapped = 0;
  for (const Layer& layer : network.layers) {
    const LayerMapping* own = layer.has_weights() ? &mapping.layers[mapped++] : nullptr;
    movement_.push_back(count_movement(layer, network, own, hardware));
    TimingSpec timing = timing_of(chip);
    timing.residual_bits = residual_bits(layer, network);
    pooling_time_.push_back(own == nullptr ? time_pooling(layer, hardware, timing) : LayerTime{});
    pooling_cycles_ += pooling_time_.back().cycles;
    fixed_energy_pj_ += sum_of(energy_of(movement_.back(), chip.energy_pj));
    gated_ |= own != nullptr && has_mask(layer, *own);
  }
}

ReplaySums ResultBuilder::empty_sums() const {
  ReplaySums sums;
  sums.stats.resize(mapping_.layers.size());
  sums.time.resize(mapping_.layers.size());
  sums.cycles.resize(mapping_.layers.size());
  return sums;
}

const Layer& ResultBuilder::layer_of(std::size_t mapped) const {
  return network_.layers[static_cast<std::size_t>(mapping_.layers[mapped].layer)];
}

LayerCounts ResultBuilder::counts_of(std::size_t mapped, const ReadStats& stats, GateTreatment treatment) const {
  return count_reads(layer_of(mapped), mapping_.layers[mapped], hardware_, stats, treatment);
}

double ResultBuilder::read_energy_pj(std::size_t mapped, const ReadStats& stats) const {
  return sum_of(energy_of(counts_of(mapped, stats, GateTreatment::as_described).actions, chip_.energy_pj));
}

double ResultBuilder::gated_saving_pj(std::size_t mapped, const ReadStats& stats) const {
  const auto energy_pj = [&](GateTreatment treatment) {
    return sum_of(energy_of(counts_of(mapped, stats, treatment).actions, chip_.energy_pj));
  };
  const double everything = energy_pj(GateTreatment::no_skip);
  return layer_of(mapped).dec3.has_low_part() ? everything - energy_pj(GateTreatment::msb_only) : everything;
}

std::int64_t ResultBuilder::reads_of(const ReplaySums& sums) const {
  std::int64_t reads = 0;
  for (std::size_t i = 0; i < sums.stats.size(); ++i) {
    const LayerCounts counts = counts_of(i, sums.stats[i], GateTreatment::as_described);
    reads += counts.msb_reads + counts.lsb_reads;
  }
  return reads;
}

/// Energies, cycles and latency of a row whose counts and time are set.
void ResultBuilder::finish_layer(LayerResult& row, const ActionCounts& movement, const PerImage& per_image) const {
  const ActionCounts all_movement = scaled(movement, per_image.images());
  for (std::size_t a = 0; a < row.counts.actions.size(); ++a) row.counts.actions[a] += all_movement[a];
  row.cycles = static_cast<double>(row.time.cycles) / static_cast<double>(per_image.timed());
  row.latency_ns = row.cycles * chip_.clock_period_ns;
  row.energy_pj = energy_of(row.counts.actions, chip_.energy_pj);
  for (double& energy : row.energy_pj) energy /= static_cast<double>(per_image.images());
  // uW x ns = fJ
  row.energy_pj[static_cast<std::size_t>(EnergyComponent::leakage)] = leakage_uw_ * row.latency_ns * 1e-3;
  row.energy_total_pj = sum_of(row.energy_pj);
}

/// Dynamic energy of a layer per image under a treatment, with or without what the gate itself costs.
double ResultBuilder::dynamic_pj(std::size_t mapped, const ReplaySums& sums, GateTreatment treatment,
                                 bool gate_hardware, const PerImage& per_image) const {
  ActionCounts actions = counts_of(mapped, sums.stats[mapped], treatment).actions;
  const ActionCounts movement =
      scaled(movement_[static_cast<std::size_t>(mapping_.layers[mapped].layer)], per_image.images());
  for (std::size_t a = 0; a < actions.size(); ++a) actions[a] += movement[a];
  auto energy_pj = energy_of(actions, chip_.energy_pj);
  if (!gate_hardware) energy_pj[static_cast<std::size_t>(EnergyComponent::gate)] = 0;
  return sum_of(energy_pj) / static_cast<double>(per_image.images());
}

LayerResult ResultBuilder::build_weight_layer(std::size_t mapped, const ReplaySums& sums,
                                              const PerImage& per_image) const {
  const Layer& layer = layer_of(mapped);
  const LayerMapping& mapping = mapping_.layers[mapped];
  LayerResult row;
  row.name = layer.name;
  row.kind = layer.kind == LayerKind::conv ? "conv" : "linear";
  row.hb = layer.dec3.hb;
  row.lb = layer.dec3.lb;
  row.gate = gate_name(layer.dec3, mapping);
  row.has_weights = true;
  row.macs = layer.macs();
  row.crossbars = mapping.crossbars();
  row.cell_utilization = mapping.cell_utilization;
  row.counts = counts_of(mapped, sums.stats[mapped], GateTreatment::as_described);
  row.time = sums.time[mapped];
  const bool gated = has_mask(layer, mapping);
  if (gated && layer.dec3.has_low_part()) {
    row.skip_ratio = ratio(row.counts.lsb_reads_possible - row.counts.lsb_reads, row.counts.lsb_reads_possible);
  }
  if (gated) row.masked_ratio = ratio(row.counts.gates_closed, row.counts.gate_decisions);
  const double adc_cycles = static_cast<double>(row.time.cycles) * mapping.crossbars() * hardware_.adc.per_crossbar;
  row.adc_utilization = adc_cycles > 0 ? static_cast<double>(row.time.adc_busy) / adc_cycles : 0;
  finish_layer(row, movement_[static_cast<std::size_t>(mapping.layer)], per_image);
  const double everything = dynamic_pj(mapped, sums, GateTreatment::no_skip, false, per_image);
  if (!gated) {
    row.paper_energy_pj = everything;
  } else {
    const double low =
        layer.dec3.has_low_part() ? dynamic_pj(mapped, sums, GateTreatment::msb_only, false, per_image) : 0;
    row.paper_energy_pj = PairEnergies{low, everything}.at(row.masked_ratio.value_or(0));
  }
  return row;
}

LayerResult ResultBuilder::build_pooling_layer(int index, const PerImage& per_image) const {
  const Layer& layer = network_.layers[static_cast<std::size_t>(index)];
  LayerResult row;
  row.name = layer.name;
  row.kind = word_of(layer_kind_words, layer.kind);
  row.gate = "none";
  row.lossless = true;
  for (std::int64_t i = 0; i < per_image.timed(); ++i)
    add_time(row.time, pooling_time_[static_cast<std::size_t>(index)]);
  finish_layer(row, movement_[static_cast<std::size_t>(index)], per_image);
  row.paper_energy_pj = row.energy_total_pj - row.energy_pj[static_cast<std::size_t>(EnergyComponent::leakage)];
  return row;
}

Baseline ResultBuilder::build_baseline(const ReplaySums& sums, GateTreatment treatment,
                                       const PerImage& per_image) const {
  Baseline baseline;
  double dynamic = 0;
  Cycle cycles = pooling_cycles_ * per_image.timed();
  std::size_t mapped = 0;
  for (std::size_t i = 0; i < network_.layers.size(); ++i) {
    if (!network_.layers[i].has_weights()) {
      dynamic += sum_of(energy_of(movement_[i], chip_.energy_pj));
      continue;
    }
    dynamic += dynamic_pj(mapped, sums, treatment, false, per_image);
    cycles += sums.cycles[mapped][static_cast<std::size_t>(treatment)];
    ++mapped;
  }
  baseline.latency_ns = static_cast<double>(cycles) / static_cast<double>(per_image.timed()) * chip_.clock_period_ns;
  baseline.energy_pj = dynamic + leakage_uw_ * baseline.latency_ns * 1e-3;
  return baseline;
}

void ResultBuilder::build_totals(RunResult& result, const ReplaySums& sums, const PerImage& per_image) const {
  std::int64_t possible = 0, issued = 0, decisions = 0, closed = 0, macs = 0;
  for (const LayerResult& row : result.layers) {
    for (std::size_t c = 0; c < row.energy_pj.size(); ++c) result.energy_pj[c] += row.energy_pj[c];
    result.energy_total_pj += row.energy_total_pj;
    result.paper_energy_pj += row.paper_energy_pj;
    result.events += row.time.events;
    macs += row.macs;
    decisions += row.counts.gate_decisions;
    closed += row.counts.gates_closed;
    if (row.skip_ratio) {
      possible += row.counts.lsb_reads_possible;
      issued += row.counts.lsb_reads;
    }
    if (row.crossbars > 0) {
      result.gate_stall_cycles +=
          static_cast<double>(row.time.crossbars.stalled[static_cast<std::size_t>(Stall::gate)]) / row.crossbars /
          static_cast<double>(per_image.timed());
    }
  }
  result.skip_ratio = ratio(possible - issued, possible);
  result.masked_ratio = ratio(closed, decisions);
  result.gate_energy_pj = result.energy_pj[static_cast<std::size_t>(EnergyComponent::gate)];
  const double leakage = result.energy_pj[static_cast<std::size_t>(EnergyComponent::leakage)];
  std::vector<double> energies = per_image.energy_pj();
  for (double& energy : energies) energy += leakage;
  result.energy_spread_pj = spread_of(std::move(energies));
  std::vector<double> cycles = per_image.cycles();
  result.cycles = spread_of(cycles);
  for (double& value : cycles) value *= chip_.clock_period_ns;
  result.latency_ns = spread_of(std::move(cycles));
  // 2 operations per multiply-accumulate; operations per pJ are TOPS/W.
  result.tops_per_watt = 2.0 * static_cast<double>(macs) / result.energy_total_pj;
  result.images_per_second = 1e9 / result.latency_ns.mean;
  if (!gated_) return;
  result.no_skip = build_baseline(sums, GateTreatment::no_skip, per_image);
  result.msb_only = build_baseline(sums, GateTreatment::msb_only, per_image);
  result.oracle = build_baseline(sums, GateTreatment::oracle, per_image);
}

RunResult ResultBuilder::build(const ReplaySums& sums, const PerImage& per_image) const {
  RunResult result;
  result.network_name = network_.name;
  result.network_hash = network_.hash;
  result.hardware = hardware_;
  result.chip = chip_;
  result.tiles = hardware_.chip.tiles.value_or(mapping_.tiles);
  result.crossbars = mapping_.crossbars;
  result.images = per_image.images();
  result.timed_images = per_image.timed();
  result.top1 = per_image.top1();
  result.float_top1 = network_.float_top1;
  result.gated = gated_;
  result.logits = per_image.logits();
  result.paper_energy_source = "simulated";
  std::size_t mapped = 0;
  for (std::size_t i = 0; i < network_.layers.size(); ++i) {
    result.layers.push_back(network_.layers[i].has_weights() ? build_weight_layer(mapped++, sums, per_image)
                                                             : build_pooling_layer(static_cast<int>(i), per_image));
  }
  build_totals(result, sums, per_image);
  return result;
}

}  // namespace cimcycle
