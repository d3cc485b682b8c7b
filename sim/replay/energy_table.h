// SPDX-License-Identifier: Apache-2.0
// E(b): what each layer of a network costs on a chip as a static layer of b bits. It is what training puts into its
// loss and what the paper's accounting is made of. Equations and rules: docs/formats/energy-table.md
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"
#include "hardware/hardware.h"
#include "network/network.h"
#include "network/pairs.h"
#include "replay/progress.h"

namespace cimcycle {

/// Enough for most: energies are means of counts that hardly differ from image to image.
inline constexpr std::int64_t usual_energy_images = 32;

struct EnergyTableOptions {
  std::int64_t images = 0;  ///< the first ones of the dataset
  int threads = 1;
  ProgressFunction progress;
  const std::atomic<bool>* stop = nullptr;
};

/// E(0) .. E(8) in pJ per image, dynamic energy. E(0) = 0: a layer without weights is not there.
using EnergyByBits = std::array<double, most_weight_bits + 1>;

struct LayerEnergies {
  std::string name;
  std::string kind;
  int weight_bits = 0;  ///< hb + lb in the network given
  std::int64_t macs = 0;
  EnergyByBits energy_pj{};
};

/// Who can have computed the energies of a table.
inline constexpr std::array<std::string_view, 3> energy_table_source_words = {"simulated", "neurosim-1.3",
                                                                              "neurosim-1.4"};

struct EnergyTable {
  std::string source;  ///< one of energy_table_source_words
  std::string network_name, network_hash;
  std::string hardware_name, hardware_hash;
  std::string dataset_name, dataset_split;
  std::int64_t images = 0;
  std::vector<LayerEnergies> layers;  ///< layers with weights, in network order
  double other_pj = 0;                ///< layers without weights, on the chip of the 8-bit network

  /// All layers at `bits` and everything else.
  double total_pj(int bits) const;
};

/// A table of this network's layers without energies and without a source.
EnergyTable empty_energy_table(const Network& network, const Hardware& hardware, const Dataset& dataset,
                               std::int64_t images);

/// From the simulator's own ledger. Throws InputError if dataset, network and hardware do not fit each other.
EnergyTable simulated_energy_table(const Network& network, const Hardware& hardware, const Dataset& dataset,
                                   const EnergyTableOptions& options);

/// The layer's weights with `bits` bits: codes of more bits are shifted right and rounded (halves up), codes of fewer
/// are shifted left, and what then lies outside the range of `bits` bits goes to its ends; 1 bit keeps the sign.
/// No gate.
Layer with_weight_bits(const Layer& layer, int bits);

/// The network with all of its layers so.
Network with_weight_bits(Network network, int bits);

/// Energies that a pair (hb, lb) moves between: every gate closed, every gate open.
struct PairEnergies {
  double closed_pj = 0;  ///< E(hb); lb = 0: 0
  double open_pj = 0;    ///< E(hb + lb)

  /// The paper's accounting, E_l + (E_h - E_l)(1 - masked_ratio). masked_ratio: closed gates / decisions.
  double at(double masked_ratio) const { return closed_pj + (open_pj - closed_pj) * (1 - masked_ratio); }
};
PairEnergies pair_energies(const EnergyByBits& energy_pj, int hb, int lb);

/// Ratios to the static 8-bit network whose sparsity is stated: the paper's results for ResNet-20 and VGG-8.
inline constexpr std::array<double, 2> wanted_gains = {2.3, 3.4};

/// What one pair in all layers can give, in the paper's accounting: E = sum of E_l + (E_h - E_l)(1 - sparsity).
struct PairGain {
  int hb = 0, lb = 0;
  double least_gain = 0;  ///< every gate open
  /// Every gate closed; empty if that costs nothing (pruning mode everywhere, and nothing else on the chip).
  std::optional<double> largest_gain;
  /// Sparsity, the same in every layer, at which each of wanted_gains is reached; empty: not even with all gates
  /// closed.
  std::array<std::optional<double>, wanted_gains.size()> sparsity;
};

/// All pairs of network/pairs.h. The first and the last layer stay static 8-bit layers if `keep_ends`, and also have
/// the pair otherwise.
std::vector<PairGain> pair_gains(const EnergyTable& table, bool keep_ends);

}  // namespace cimcycle
