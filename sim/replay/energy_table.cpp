// SPDX-License-Identifier: Apache-2.0
#include "replay/energy_table.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "replay/fit.h"
#include "replay/image_pass.h"
#include "replay/image_run.h"
#include "replay/ledger.h"
#include "replay/result_builder.h"

namespace cimcycle {
namespace {

double sum_of(const ActionCounts& actions, const ChipModel& chip) {
  const auto energy_pj = energy_of(actions, chip.energy_pj);
  return std::accumulate(energy_pj.begin(), energy_pj.end(), 0.0);
}

/// The whole network as a static one of `bits` bits, on a chip of its own size.
struct StaticNetwork {
  StaticNetwork(const Network& given, const Hardware& hardware, int bits)
      : network(with_weight_bits(given, bits)),
        mapping(map_network(network, hardware)),
        chip(chip_model_of(hardware, mapping)),
        pass(network, mapping, hardware, {&ideal, 1}) {}
  StaticNetwork(const StaticNetwork&) = delete;
  StaticNetwork& operator=(const StaticNetwork&) = delete;

  const Layer& layer(std::size_t mapped) const {
    return network.layers[static_cast<std::size_t>(mapping.layers[mapped].layer)];
  }

  /// Dynamic energy of a layer, per image.
  double energy_pj(std::size_t mapped, const ReadStats& stats, std::int64_t images, const Hardware& hardware) const {
    const LayerMapping& own = mapping.layers[mapped];
    const LayerCounts counts = count_reads(layer(mapped), own, hardware, stats, GateTreatment::as_described);
    return sum_of(counts.actions, chip) / static_cast<double>(images) +
           sum_of(count_movement(layer(mapped), network, &own, hardware), chip);
  }

  static constexpr NumericsOptions ideal = {true, GateMode::all_open};
  Network network;
  NetworkMapping mapping;
  ChipModel chip;
  ImagePass pass;
};

/// The static networks of 1 to 8 bits; index: bits - 1.
using StaticNetworks = std::array<std::unique_ptr<const StaticNetwork>, most_weight_bits>;

/// Sums over images, per number of bits and mapped layer.
using StatsByBits = std::array<std::vector<ReadStats>, most_weight_bits>;

Network without_gates(Network network) {
  for (Layer& layer : network.layers) {
    const Dec3 given = layer.dec3;
    layer.dec3 = Dec3{};
    layer.dec3.hb = given.hb;
    layer.dec3.lb = given.lb;
    layer.dec3.split = given.split;
  }
  return network;
}

struct Worker {
  PassMemory memory;
  LayerReading reading;
  StatsByBits stats;
};

}  // namespace

Layer with_weight_bits(const Layer& layer, int bits) {
  Layer result = layer;
  const int given_bits = layer.dec3.hb + layer.dec3.lb;
  result.dec3 = Dec3{};
  result.dec3.hb = bits;
  const WeightRange range = weight_range(result.dec3);
  for (std::int16_t& weight : result.weights) {
    int code = weight;
    if (bits == 1) {
      code = code >= 0 ? 1 : -1;
    } else if (bits < given_bits) {
      const int shift = given_bits - bits;
      code = (code + (1 << (shift - 1))) >> shift;
    } else {
      code *= 1 << (bits - given_bits);
    }
    weight = static_cast<std::int16_t>(std::clamp(code, range.min, range.max));
  }
  return result;
}

Network with_weight_bits(Network network, int bits) {
  for (Layer& layer : network.layers) {
    if (layer.has_weights()) layer = with_weight_bits(layer, bits);
  }
  return network;
}

EnergyTable empty_energy_table(const Network& network, const Hardware& hardware, const Dataset& dataset,
                               std::int64_t images) {
  EnergyTable table;
  table.network_name = network.name;
  table.network_hash = network.hash;
  table.hardware_name = hardware.name;
  table.hardware_hash = hardware_hash(hardware);
  table.dataset_name = dataset.name.substr(0, dataset.name.find(':'));  // no one's folders
  table.dataset_split = dataset.split == DataSplit::test ? "test" : "train";
  table.images = images;
  for (const Layer& layer : network.layers) {
    if (!layer.has_weights()) continue;
    LayerEnergies row;
    row.name = layer.name;
    row.kind = word_of(layer_kind_words, layer.kind);
    row.weight_bits = layer.dec3.hb + layer.dec3.lb;
    row.macs = layer.macs();
    table.layers.push_back(std::move(row));
  }
  return table;
}

EnergyTable simulated_energy_table(const Network& network, const Hardware& hardware, const Dataset& dataset,
                                   const EnergyTableOptions& options) {
  check_fit(network, dataset);
  check_training_images(dataset, options.images);
  // Everything is read, whatever gates say, and on chips that lack what a gate needs.
  const Network ungated = without_gates(network);
  const NetworkMapping mapping = map_network(ungated, hardware);
  const NumericsOptions& mode = StaticNetwork::ideal;
  const ImagePass pass(ungated, mapping, hardware, {&mode, 1});
  StaticNetworks variants;
  for (int bits = 1; bits <= most_weight_bits; ++bits) {
    variants[static_cast<std::size_t>(bits - 1)] = std::make_unique<const StaticNetwork>(network, hardware, bits);
  }

  const std::size_t layers = mapping.layers.size();
  const ImageRun images{dataset, options.images, options.threads, options.progress, options.stop};
  std::vector<Worker> workers(images.workers());
  for (Worker& worker : workers) {
    for (auto& stats : worker.stats) stats.resize(layers);
  }
  images.for_each(images.count, "energy of 1 to 8 bits",
                  [&](std::size_t, std::span<const std::uint8_t> pixels, int, std::size_t worker_index) {
                    Worker& worker = workers[worker_index];
                    pass.run(pixels, worker.memory);
                    for (std::size_t b = 0; b < variants.size(); ++b) {
                      for (std::size_t i = 0; i < layers; ++i) {
                        variants[b]->pass.read(i, worker.memory, worker.reading);
                        worker.stats[b][i] += worker.reading.stats;
                      }
                    }
                  });

  EnergyTable table = empty_energy_table(network, hardware, dataset, options.images);
  table.source = "simulated";
  for (std::size_t i = 0; i < layers; ++i) {
    for (std::size_t b = 0; b < variants.size(); ++b) {
      ReadStats stats;
      for (const Worker& worker : workers) stats += worker.stats[b][i];
      table.layers[i].energy_pj[b + 1] = variants[b]->energy_pj(i, stats, options.images, hardware);
    }
  }
  const StaticNetwork& widest = *variants.back();
  for (const Layer& layer : widest.network.layers) {
    if (layer.has_weights()) continue;
    table.other_pj += sum_of(count_movement(layer, widest.network, nullptr, hardware), widest.chip);
  }
  return table;
}

double EnergyTable::total_pj(int bits) const {
  double total = other_pj;
  for (const LayerEnergies& layer : layers) total += layer.energy_pj[static_cast<std::size_t>(bits)];
  return total;
}

PairEnergies pair_energies(const EnergyByBits& energy_pj, int hb, int lb) {
  return {lb > 0 ? energy_pj[static_cast<std::size_t>(hb)] : 0.0, energy_pj[static_cast<std::size_t>(hb + lb)]};
}

std::vector<PairGain> pair_gains(const EnergyTable& table, bool keep_ends) {
  const double static8_pj = table.total_pj(most_weight_bits);
  std::vector<PairGain> gains;
  for (const int hb : high_part_bits) {
    for (const int lb : low_part_bits) {
      if (!is_pair(hb, lb)) continue;
      double closed_pj = table.other_pj, open_pj = table.other_pj;
      for (std::size_t i = 0; i < table.layers.size(); ++i) {
        const EnergyByBits& energy_pj = table.layers[i].energy_pj;
        const bool kept = keep_ends && (i == 0 || i + 1 == table.layers.size());
        const PairEnergies own =
            kept ? PairEnergies{energy_pj.back(), energy_pj.back()} : pair_energies(energy_pj, hb, lb);
        closed_pj += own.closed_pj;
        open_pj += own.open_pj;
      }
      PairGain gain;
      gain.hb = hb;
      gain.lb = lb;
      gain.least_gain = static8_pj / open_pj;
      if (closed_pj > 0) gain.largest_gain = static8_pj / closed_pj;
      for (std::size_t w = 0; w < wanted_gains.size(); ++w) {
        const double wanted_pj = static8_pj / wanted_gains[w];
        if (open_pj <= wanted_pj) {
          gain.sparsity[w] = 0;
        } else if (closed_pj <= wanted_pj) {
          gain.sparsity[w] = (open_pj - wanted_pj) / (open_pj - closed_pj);
        }
      }
      gains.push_back(gain);
    }
  }
  return gains;
}

}  // namespace cimcycle
