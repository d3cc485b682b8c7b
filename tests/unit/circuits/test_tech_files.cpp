// SPDX-License-Identifier: Apache-2.0
// Reading technology and cell files: what is shipped, and what hostile files get for an answer.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "chips.h"
#include "circuits/cell_model.h"
#include "circuits/tech_node.h"
#include "source_dir.h"

using namespace cimcycle;
using nlohmann::json;

namespace {

const std::string sources = source_dir().string();

json shipped(const std::string& path) { return json::parse(std::ifstream(sources + "/" + path)); }

/// A file of its own for each test, removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("cimcycle-tech-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".json");
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// The error's text without the temporary path.
std::string message_of(const std::function<void(const std::string&)>& load, const std::string& text) {
  const TemporaryFile file(text);
  try {
    load(file.path());
  } catch (const InputError& error) {
    std::string message = error.what();
    CHECK(message.find('\n') == std::string::npos);
    const auto place = message.find(file.path());
    if (place != std::string::npos) message.replace(place, file.path().size(), "FILE");
    return message;
  }
  return "no error";
}

std::string node_error(const json& node) {
  return message_of([](const std::string& path) { load_tech_node(path); }, node.dump());
}

std::string cell_error(const json& cell) {
  return message_of([](const std::string& path) { load_cell_model(path); }, cell.dump());
}

}  // namespace

TEST_CASE("the shipped files load and name their sources") {
  const TechNode node = load_tech_node("22nm-lstp");
  CHECK(node.name == "22nm-lstp");
  CHECK(node.feature_size_m == 22e-9);
  CHECK_FALSE(node.transistor.source.empty());
  CHECK(node.p_to_n_ratio() == Approx(1.31939).epsilon(1e-5));
  for (const std::string name : {"reram-1t1r-neurosim", "reram-1t1r-neurosim-1.4", "reram-1t1r-wan2022"}) {
    const CellModel cell = load_cell_model(name);
    CHECK(cell.name == name);
    CHECK(cell.sources.size() == 8);
  }
  const CellModel neurram = load_cell_model("reram-1t1r-neurram");
  CHECK(neurram.sources.size() == 10);
  CHECK(neurram.level_conductance(15, 4) == Approx(40e-6));
  CHECK(neurram.level_conductance(0, 4) == Approx(1e-6));
  CHECK_FALSE(load_tech_node("22nm-lstp").charge_decrement);
  CHECK(load_tech_node("40nm").transistor.supply_v == 0.9);
  CHECK(load_cell_model("reram-1t1r-neurosim").level_conductance(1, 1) == Approx(1 / 7500.0));
  CHECK(load_cell_model("reram-1t1r-neurosim").level_conductance(0, 1) == Approx(1 / 901500.0));
  CHECK(load_cell_model("reram-1t1r-neurosim").level_conductance(3, 2) == Approx(1 / 7500.0));
  CHECK(load_cell_model("reram-1t1r-wan2022").off_resistance_ohm == 17 * 25e3);
}

TEST_CASE("a path is taken as it is") {
  CHECK(load_tech_node(sources + "/tech/nodes/22nm-lstp.json").name == "22nm-lstp");
}

TEST_CASE("unknown names get the nearest known one") {
  CHECK_THROWS_WITH(load_tech_node("22nm-lspt"),
                    Catch::Contains("tech.node = \"22nm-lspt\": no such file in tech/nodes; did you mean 22nm-lstp?"));
  CHECK_THROWS_WITH(load_cell_model("reram-1t1r-neurosin"), Catch::Contains("did you mean reram-1t1r-neurosim?"));
  CHECK_THROWS_WITH(load_tech_node("/nowhere/node.json"),
                    Catch::Contains("tech.node = \"/nowhere/node.json\": no such file"));
  CHECK_THROWS_AS(load_tech_node(""), InputError);
  CHECK_THROWS_AS(load_tech_node("../nodes/22nm-lstp"), InputError);
  CHECK_THROWS_AS(load_tech_node(std::string(100000, 'x')), InputError);
  CHECK_THROWS_AS(load_tech_node("a\nb\x01"), InputError);
}

TEST_CASE("broken node files") {
  json node = shipped("tech/nodes/22nm-lstp.json");
  node["transistor"]["suply_v"] = 1;
  CHECK(node_error(node) == "FILE: transistor.suply_v: unknown key; did you mean transistor.supply_v?");
  node = shipped("tech/nodes/22nm-lstp.json");
  node["wire"].erase("width_m");
  CHECK(node_error(node).find("FILE: wire.width_m: missing") == 0);
  node = shipped("tech/nodes/22nm-lstp.json");
  node["transistor"]["supply_v"] = 0;
  CHECK(node_error(node) == "FILE: transistor.supply_v: found 0, expected a number 0.1 to 10");
  node["transistor"]["supply_v"] = "0.85";
  CHECK(node_error(node).find("expected a number 0.1 to 10") != std::string::npos);
  node = shipped("tech/nodes/22nm-lstp.json");
  node["junction"].erase("source");
  CHECK(node_error(node).find("FILE: junction.source: missing") == 0);
  node = shipped("tech/nodes/22nm-lstp.json");
  node["layout"]["well_gap_features"] = 30;
  CHECK(node_error(node).find("FILE: layout.cell_height_features: 28 leaves no room") == 0);
  CHECK(node_error(json::array()).find("FILE") == 0);
  CHECK(message_of([](const std::string& path) { load_tech_node(path); }, "{\"name\": ").find("FILE") == 0);
}

TEST_CASE("broken cell files") {
  json cell = shipped("tech/cells/reram-1t1r-neurosim.json");
  cell["off_resistance_ohm"] = 5000;
  CHECK(cell_error(cell) == "FILE: off_resistance_ohm: 5000 is not above on_resistance_ohm = 6000");
  cell = shipped("tech/cells/reram-1t1r-neurosim.json");
  cell["sources"].erase("read_v");
  CHECK(cell_error(cell).find("FILE: sources.read_v: missing") == 0);
  cell = shipped("tech/cells/reram-1t1r-neurosim.json");
  cell["sources"]["colour"] = "red";
  CHECK(cell_error(cell).find("FILE: sources.colour: unknown key") == 0);
  cell = shipped("tech/cells/reram-1t1r-neurosim.json");
  cell["wordline_cell_f"] = 2e-15;
  CHECK(cell_error(cell).find("FILE: sources.wordline_driver_f: missing") == 0);
  cell = shipped("tech/cells/reram-1t1r-neurosim.json");
  cell["read_v"] = -0.5;
  CHECK(cell_error(cell).find("FILE: read_v: found -0.5") == 0);
}

TEST_CASE("a cell whose access transistor does not fit is refused") {
  json cell = shipped("tech/cells/reram-1t1r-neurosim.json");
  cell["on_resistance_ohm"] = 5000;  // 13.8 features wide in a cell of 12
  const TemporaryFile file(cell.dump());
  Hardware hardware = flash_chip();
  hardware.cell.model = file.path();
  CHECK_THROWS_WITH(build_chip_model(hardware, ten_tiles(hardware)),
                    Catch::Contains("access transistor of 1250 Ohm is 13.82 features wide"));
  cell = shipped("tech/cells/reram-1t1r-neurosim.json");
  cell["width_features"] = 3;  // less than the edges
  const TemporaryFile narrow(cell.dump());
  hardware.cell.model = narrow.path();
  CHECK_THROWS_AS(build_chip_model(hardware, ten_tiles(hardware)), InputError);
}
