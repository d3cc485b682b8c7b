// SPDX-License-Identifier: Apache-2.0
// The paper's accounting with energies from a file: by hand, against the simulated one, and with hostile files.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "replay/energy_table_file.h"
#include "replay/paper_accounting.h"
#include "replay/replay.h"
#include "small_network.h"
#include "temporary_folder.h"

using namespace cimcycle_test;

namespace {

std::string layer_text(const std::string& name, double per_bit) {
  std::string energies = "0";
  for (int bits = 1; bits <= 8; ++bits) energies += "," + std::to_string(per_bit * bits);
  return "{\"name\":\"" + name + "\",\"energy_pj\":[" + energies + "]}";
}

std::string file_text(const std::string& layers,
                      const std::string& rest = "\"source\":\"neurosim-1.3\",\"other_pj\":7") {
  return "{\"format\":\"cimcycle-energy-table-1\"," + rest + ",\"layers\":[" + layers + "]}";
}

EnergyTable read_text(const std::string& text) {
  const test::ScratchFolder folder;
  return read_energy_table(folder.write("table.json", text));
}

RunResult run_of(const Network& network) {
  RunOptions options;
  options.images = 4;
  options.reference_images = 0;
  return replay(network, load_hardware(shipped_chip()), random_images(4), options);
}

}  // namespace

TEST_CASE("the paper's accounting from a file, by hand") {
  const Network network = small_network(4);
  RunResult run = run_of(network);
  std::string layers;
  double expected = 7;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    if (!layer.has_weights()) continue;
    layers += (layers.empty() ? "" : ",") + layer_text(layer.name, 10);
    const double high = 10 * layer.dec3.hb, both = 10 * (layer.dec3.hb + layer.dec3.lb);
    const std::optional<double> masked = run.layers[i].masked_ratio;
    const double closed = layer.dec3.lb > 0 ? high : 0;
    expected += masked ? closed * *masked + both * (1 - *masked) : both;
  }
  const EnergyTable table = read_text(file_text(layers));
  check_energy_table(table, network, "table.json");
  account(run, network, table);
  CHECK(run.paper_energy_source == "neurosim-1.3");
  CHECK(run.paper_energy_pj == Approx(expected).epsilon(1e-12));
  Network other = network;
  other.layers[0].name = "elsewhere";
  CHECK_THROWS_WITH(check_energy_table(table, other, "table.json"), Catch::Contains("has no layer elsewhere"));
}

TEST_CASE("with the simulated table of its own images, a run without gates is accounted as simulated") {
  Network network = small_network(5);
  for (Layer& layer : network.layers) {
    if (layer.has_weights()) layer = with_weight_bits(layer, 8);
  }
  RunResult run = run_of(network);
  const double simulated_pj = run.paper_energy_pj;
  EnergyTableOptions options;
  options.images = 4;
  account(run, network, simulated_energy_table(network, load_hardware(shipped_chip()), random_images(4), options));
  CHECK(run.paper_energy_pj == Approx(simulated_pj).epsilon(1e-12));
}

TEST_CASE("files that are no energy table") {
  const std::string good = layer_text("a", 1);
  CHECK(read_text(file_text(good)).layers.size() == 1);
  for (const std::string& text : {
           std::string("{}"),
           std::string("[1]"),
           file_text(good, "\"source\":\"somebody\",\"other_pj\":7"),
           file_text(good, "\"source\":\"simulated\",\"other_pj\":-1"),
           file_text(good, "\"source\":\"simulated\""),
           file_text(good, "\"source\":\"simulated\",\"other_pj\":7,\"extra\":1"),
           file_text("7"),
           file_text(R"({"name":"a"})"),
           file_text(R"({"name":"a","energy_pj":[0,1,2]})"),
           file_text(R"({"name":"a","energy_pj":[0,1,2,3,4,5,6,7,8,9]})"),
           file_text(R"({"name":"a","energy_pj":[0,1,2,3,4,5,6,7,"8"]})"),
           file_text(R"({"name":"a","energy_pj":[0,1,2,3,4,5,6,7,-8]})"),
           file_text(R"({"name":"a","energy_pj":[0,1,2,3,4,5,6,7,1e30]})"),
       }) {
    CAPTURE(text);
    CHECK_THROWS_AS(read_text(text), InputError);
  }
}
