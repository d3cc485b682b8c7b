// SPDX-License-Identifier: Apache-2.0
// The energy table against a replay of the static network it speaks of, by hand, and by its laws.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "replay/energy_table.h"
#include "replay/replay.h"
#include "small_network.h"

using namespace cimcycle_test;

namespace {

EnergyTable table_of(const Network& network, const Dataset& dataset, int threads = 1, std::int64_t images = 5) {
  EnergyTableOptions options;
  options.images = images;
  options.threads = threads;
  return simulated_energy_table(network, load_hardware(shipped_chip()), dataset, options);
}

/// The small network with every layer static, of this many bits.
Network static_network(std::uint64_t seed, int bits) {
  Network network = small_network(seed);
  for (Layer& layer : network.layers) {
    if (layer.has_weights()) layer = with_weight_bits(layer, bits);
  }
  return network;
}

Layer layer_of_weights(int hb, int lb, std::vector<std::int16_t> weights) {
  Layer layer;
  layer.dec3.hb = hb;
  layer.dec3.lb = lb;
  layer.weights = std::move(weights);
  return layer;
}

using Weights = std::vector<std::int16_t>;

}  // namespace

TEST_CASE("weights of other widths, by hand") {
  const Layer eight = layer_of_weights(4, 4, {-128, -9, -8, -7, 0, 7, 8, 23, 24, 119});
  CHECK(with_weight_bits(eight, 8).weights == eight.weights);
  CHECK(with_weight_bits(eight, 4).weights == Weights{-8, -1, 0, 0, 0, 0, 1, 1, 2, 7});
  CHECK(with_weight_bits(eight, 1).weights == Weights{-1, -1, -1, -1, 1, 1, 1, 1, 1, 1});
  // 127 rounds to 8, which 4 bits do not have.
  CHECK(with_weight_bits(layer_of_weights(8, 0, {127}), 4).weights == Weights{7});
  CHECK(with_weight_bits(layer_of_weights(2, 1, {-4, 1, 2}), 6).weights == Weights{-32, 8, 16});
  CHECK(with_weight_bits(layer_of_weights(1, 0, {-1, 1}), 4).weights == Weights{-8, 7});
  const Layer two = with_weight_bits(eight, 2);
  CHECK(two.dec3.hb == 2);
  CHECK(two.dec3.lb == 0);
  CHECK(two.dec3.gate == GateKind::none);
}

TEST_CASE("E(b) of a static b-bit network is the dynamic energy of its replay") {
  const Dataset dataset = random_images(4);
  const Hardware hardware = load_hardware(shipped_chip());
  for (const int bits : {1, 2, 5, 8}) {
    const Network network = static_network(4, bits);
    RunOptions options;
    options.images = 5;
    options.reference_images = 0;
    const RunResult run = replay(network, hardware, dataset, options);
    const EnergyTable table = table_of(network, dataset);
    std::size_t row = 0;
    for (const LayerResult& layer : run.layers) {
      if (!layer.has_weights) continue;
      INFO(bits << " bits, " << layer.name);
      CHECK(table.layers.at(row).name == layer.name);
      CHECK(table.layers[row].weight_bits == bits);
      CHECK(table.layers[row].energy_pj[static_cast<std::size_t>(bits)] ==
            Approx(layer.paper_energy_pj).epsilon(1e-12));
      ++row;
    }
    CHECK(row == table.layers.size());
    if (bits == 8) CHECK(table.total_pj(8) == Approx(run.paper_energy_pj).epsilon(1e-12));
  }
}

TEST_CASE("more bits never cost less, and threads do not matter") {
  const Dataset dataset = random_images(6);
  const Network network = small_network(6);
  const EnergyTable one = table_of(network, dataset), three = table_of(network, dataset, 3);
  REQUIRE(one.layers.size() == 5);
  CHECK(one.source == "simulated");
  CHECK(one.other_pj > 0);
  for (std::size_t i = 0; i < one.layers.size(); ++i) {
    CHECK(one.layers[i].energy_pj == three.layers[i].energy_pj);
    CHECK(one.layers[i].energy_pj[0] == 0);
    for (std::size_t bits = 1; bits <= 8; ++bits) {
      CHECK(one.layers[i].energy_pj[bits] > one.layers[i].energy_pj[bits - 1]);
    }
  }
}

TEST_CASE("gains and the sparsity they need, by hand") {
  EnergyTable table;
  for (const double per_bit : {10.0, 100.0, 20.0}) {
    LayerEnergies layer;
    for (std::size_t bits = 1; bits <= 8; ++bits) layer.energy_pj[bits] = per_bit * static_cast<double>(bits + 2);
    table.layers.push_back(layer);
  }
  table.other_pj = 100;
  // Static 8 bits: 10 x 130 + 100 = 1400. (2,2), inner layer alone: 100 + 300 + 400 .. 600.
  const auto find = [](const std::vector<PairGain>& gains, int hb, int lb) {
    for (const PairGain& gain : gains) {
      if (gain.hb == hb && gain.lb == lb) return gain;
    }
    throw std::logic_error("no such pair");
  };
  const PairGain inner = find(pair_gains(table, true), 2, 2);
  CHECK(inner.least_gain == Approx(1.4));
  REQUIRE(inner.largest_gain);
  CHECK(*inner.largest_gain == Approx(1.75));
  CHECK(!inner.sparsity[0]);
  // (2,0): 100 + 300 + 0 .. 400. 2.3x is 608.7.
  const PairGain pruned = find(pair_gains(table, true), 2, 0);
  CHECK(*pruned.largest_gain == Approx(3.5));
  CHECK(*pruned.sparsity[0] == Approx((800 - 1400 / 2.3) / 400));
  CHECK(*pruned.sparsity[1] == Approx((800 - 1400 / 3.4) / 400));
  // (1,1) in all layers: 100 + 3 x 130 .. 4 x 130.
  const PairGain all = find(pair_gains(table, false), 1, 1);
  CHECK(all.least_gain == Approx(1400.0 / 620));
  CHECK(*all.largest_gain == Approx(1400.0 / 490));
  CHECK(*all.sparsity[0] == Approx((620 - 1400 / 2.3) / 130));
  // What every gate open already gives needs no sparsity.
  CHECK(*find(pair_gains(table, false), 1, 0).sparsity[0] == 0);
  table.other_pj = 0;
  CHECK(!find(pair_gains(table, false), 4, 0).largest_gain);
}

TEST_CASE("a table needs images that fit the network") {
  const Network network = small_network(1);
  Dataset dataset = random_images(1);
  CHECK_THROWS_AS(table_of(network, dataset, 1, dataset.size + 1), InputError);
  CHECK_THROWS_AS(table_of(network, dataset, 1, 0), InputError);
  dataset.shape = {3, 9, 8};
  CHECK_THROWS_AS(table_of(network, dataset), InputError);
}
