// SPDX-License-Identifier: Apache-2.0
// The energy table of the composer against compositions of networks with fewer bits, and by its laws.
#include <catch2/catch.hpp>

#include "base/files.h"
#include "compare/energy_sources.h"
#include "compare/trace_network.h"
#include "error_text.h"
#include "neurosim/composer.h"
#include "replay/record_inputs.h"

using namespace cimcycle;

namespace {

/// Its crossbars are small enough for layers of few bits to fill NeuroSim's smallest tile.
Hardware composed_chip() { return load_hardware(find_shipped("tech/chips/neurosim-1.3-ou16.json")); }

Network digits_network() { return load_network(find_shipped("models/resnet20-synthetic-static8")); }

EnergyTable table_of(const Hardware& hardware, std::int64_t images, int threads) {
  EnergyTableOptions options;
  options.images = images;
  options.threads = threads;
  return composed_energy_table(digits_network(), hardware, open_dataset("synthetic", DataSplit::train), options);
}

}  // namespace

TEST_CASE("E(b) of the composer is what it composes for a network of b bits") {
  const Hardware hardware = composed_chip();
  const EnergyTable table = table_of(hardware, 1, 1);
  CHECK(table.source == "neurosim-1.3");
  CHECK(table.other_pj == 0);
  const Network network = digits_network();
  const RecordedInputs inputs = record_inputs(network, load_hardware(find_shipped(std::string(recording_chip))),
                                              open_dataset("synthetic", DataSplit::train), 0);
  for (const int bits : {2, 5, 8}) {
    Network changed = network;
    for (Layer& layer : changed.layers) {
      if (layer.has_weights()) layer = with_weight_bits(layer, bits);
    }
    const NeurosimResult composed = compose(hardware, trace_of_network(changed, inputs).trace);
    REQUIRE(composed.layers.size() == table.layers.size());
    for (std::size_t i = 0; i < composed.layers.size(); ++i) {
      CAPTURE(bits, table.layers[i].name);
      CHECK(table.layers[i].name == composed.layers[i].name);
      CHECK(table.layers[i].energy_pj[static_cast<std::size_t>(bits)] == composed.layers[i].dynamic_energy_pj);
    }
    CHECK(table.total_pj(bits) == Approx(composed.chip.dynamic_energy_pj).epsilon(1e-12));
  }
  for (const LayerEnergies& layer : table.layers) {
    CHECK(layer.energy_pj[0] == 0);
    CHECK(layer.energy_pj[1] > 0);
    CHECK(layer.energy_pj[8] > layer.energy_pj[4]);
  }
}

TEST_CASE("the composer's table is the same on any number of threads") {
  const EnergyTable one = table_of(composed_chip(), 3, 1), three = table_of(composed_chip(), 3, 3);
  for (std::size_t i = 0; i < one.layers.size(); ++i) CHECK(one.layers[i].energy_pj == three.layers[i].energy_pj);
}

TEST_CASE("the composer's table needs a chip that says what NeuroSim is asked, and a network that fills it") {
  const Hardware plain = load_hardware(find_shipped("tech/chips/ou16-adc5-22nm.json"));
  CHECK_THAT(test::input_error([&] { table_of(plain, 1, 1); }), Catch::Contains("no section neurosim"));
  const Hardware large = load_hardware(find_shipped("tech/chips/neurosim-1.3-default.json"));
  CHECK_THAT(test::input_error([&] { table_of(large, 1, 1); }), Catch::Contains("use smaller crossbar.rows"));
}
