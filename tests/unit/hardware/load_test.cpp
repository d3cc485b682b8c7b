// SPDX-License-Identifier: Apache-2.0
// What hardware files and overrides resolve to: shipped chips, inheritance, order, round trip, hash.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include "base/files.h"
#include "chip_files.h"
#include "error_text.h"
#include "hardware/hardware.h"
#include "source_dir.h"
#include "temporary_folder.h"

using namespace cimcycle;
using namespace cimcycle::test;

namespace {

std::string dump(const Hardware& hardware) { return to_json(hardware).dump(); }

/// The paths of all values, groups taken apart.
std::vector<std::string> paths_of(const nlohmann::ordered_json& object, const std::string& prefix = {}) {
  std::vector<std::string> paths;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_object()) {
      paths.push_back(prefix + name);
      continue;
    }
    for (const std::string& path : paths_of(value, prefix + name + ".")) paths.push_back(path);
  }
  return paths;
}

}  // namespace

TEST_CASE("the default chip has the documented values") {
  const Hardware h = load_hardware(shipped_chip("ou16-adc5-22nm"));
  CHECK(h.name == "ou16-adc5-22nm");
  CHECK(h.crossbar.rows == 128);
  CHECK(h.crossbar.cols == 128);
  CHECK(h.ou.rows == 16);
  CHECK(h.ou.cols == 16);
  CHECK(h.cell.bits == 1);
  CHECK(h.cell.model == "reram-1t1r-neurosim");
  CHECK(h.input.digit_bits == 1);
  CHECK(h.adc.type == AdcType::flash);
  CHECK(h.adc.transfer == AdcTransfer::clip);
  CHECK(h.adc.bits == 5);
  CHECK(h.adc.per_crossbar == 16);
  CHECK_FALSE(h.adc.sample_and_hold);
  CHECK(h.adc.levels.empty());
  CHECK(h.adc.level_values.empty());
  CHECK_FALSE(h.adc.calibrated_step.has_value());
  CHECK(h.mapping.cells == CellMapping::offset);
  CHECK_FALSE(h.mapping.flip);
  CHECK(h.mapping.subtract == Subtract::digital);
  CHECK(h.mapping.offset_sum == OffsetSum::digital);
  CHECK(h.mapping.lsb == LsbPlacement::same_crossbar);
  CHECK(h.mapping.rows == RowSpread::even);
  CHECK(h.schedule.row_policy == RowPolicy::all);
  CHECK(h.schedule.dataflow == Dataflow::layer_by_layer);
  CHECK(h.gate.mask_known == MaskKnown::after_read);
  CHECK(h.array.current == ArrayCurrent::neurosim_fit);
  CHECK_FALSE(h.clock.period_ns.has_value());
  CHECK_FALSE(h.chip.tiles.has_value());
  CHECK(h.chip.crossbars_per_tile == 16);
  CHECK(h.chip.tile_buffer_bits == 131072);
  CHECK(h.chip.tile_port_bits == 256);
  CHECK_FALSE(h.chip.global_buffer_bits.has_value());
  CHECK(h.chip.global_port_bits == 512);
  CHECK(h.chip.link_bits == 256);
  CHECK(h.chip.vector_lanes == 16);
  CHECK(h.tech.node == "22nm-lstp");
}

TEST_CASE("the SAR chip differs from the default one in its converters and its clock only") {
  Hardware h = load_hardware(shipped_chip("ou16-sar5-22nm"));
  CHECK(h.name == "ou16-sar5-22nm");
  CHECK(h.adc.type == AdcType::sar);
  CHECK(h.adc.per_crossbar == 2);
  CHECK(h.adc.sample_and_hold);
  REQUIRE(h.clock.period_ns.has_value());
  CHECK(*h.clock.period_ns == 1.0);

  const Hardware flash = load_hardware(shipped_chip("ou16-adc5-22nm"));
  h.name = flash.name;
  h.adc.type = flash.adc.type;
  h.adc.per_crossbar = flash.adc.per_crossbar;
  h.adc.sample_and_hold = flash.adc.sample_and_hold;
  h.clock = flash.clock;
  CHECK(dump(h) == dump(flash));
}

TEST_CASE("a complete file is taken as it stands") {
  const Hardware h = load_text(complete_chip());
  CHECK(h.name == "by hand");
  CHECK(h.crossbar.rows == 64);
  CHECK(h.crossbar.cols == 32);
  CHECK(h.ou.rows == 8);
  CHECK(h.ou.cols == 4);
  CHECK(h.cell.bits == 2);
  CHECK(h.input.digit_bits == 3);
  CHECK(h.adc.type == AdcType::sar);
  CHECK(h.adc.bits == 6);
  CHECK(h.adc.per_crossbar == 2);
  CHECK(h.adc.sample_and_hold);
  CHECK(h.mapping.flip);
  CHECK(h.mapping.offset_sum == OffsetSum::unit_column);
  CHECK(h.mapping.lsb == LsbPlacement::separate_crossbars);
  CHECK(h.mapping.rows == RowSpread::fill);
  CHECK(h.schedule.row_policy == RowPolicy::skip_zero_groups);
  CHECK(h.gate.mask_known == MaskKnown::static_);
  CHECK(h.array.current == ArrayCurrent::physical);
  CHECK(h.clock.period_ns == 2.5);
  CHECK(h.chip.tiles == 7);
  CHECK(h.chip.crossbars_per_tile == 3);
  CHECK(h.chip.tile_buffer_bits == 1001);
  CHECK(h.chip.tile_port_bits == 1002);
  CHECK(h.chip.global_buffer_bits == 1003);
  CHECK(h.chip.global_port_bits == 1004);
  CHECK(h.chip.link_bits == 1005);
  CHECK(h.chip.vector_lanes == 1006);
  CHECK(h.tech.node == "some-node");
}

TEST_CASE("tiles, global buffer and clock may be left out or auto, transfer keys left out or null") {
  const std::string bare = with(with(complete_chip(), R"("tiles": 7,)", ""), R"({"period_ns": 2.5})", "{}");
  CHECK_FALSE(load_text(bare).chip.tiles.has_value());
  CHECK_FALSE(load_text(bare).clock.period_ns.has_value());
  const std::string no_buffer = with(complete_chip(), R"("global_buffer_bits": 1003,)", "");
  CHECK_FALSE(load_text(no_buffer).chip.global_buffer_bits.has_value());
  CHECK_FALSE(load_text(complete_chip(), {"chip.global_buffer_bits=auto"}).chip.global_buffer_bits.has_value());
  CHECK_FALSE(load_text(with(complete_chip(), R"("tiles": 7)", R"("tiles": "auto")")).chip.tiles.has_value());
  const std::string nulls = with(complete_chip(), R"("bits": 6)",
                                 R"("bits": 6, "levels": null, "level_values": null, "calibrated_step": null)");
  CHECK(dump(load_text(nulls)) == dump(load_text(complete_chip())));
}

TEST_CASE("keys override those of the base one by one, over several files and folders") {
  const ScratchFolder folder;
  folder.write("bases/root.json", complete_chip());
  folder.write("bases/middle.json",
               R"({"base": "root.json", "ou": {"rows": 16}, "adc": {"bits": 7, "per_crossbar": 4}})");
  const auto file = folder.write("mine.json", R"({"base": "bases/middle.json", "adc": {"bits": 8}, "name": "mine"})");
  const Hardware h = load_hardware(file);
  CHECK(h.name == "mine");
  CHECK(h.adc.bits == 8);
  CHECK(h.adc.per_crossbar == 4);
  CHECK(h.ou.rows == 16);
  CHECK(h.ou.cols == 4);
  CHECK(h.adc.type == AdcType::sar);
}

TEST_CASE("a base may be a shipped chip by name; a file beside wins over it") {
  const ScratchFolder folder;
  const auto file = folder.write("mine.json", R"({"base": "ou16-sar5-22nm", "adc": {"bits": 4}})");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(source_dir());
  const Hardware h = load_hardware(file);
  std::filesystem::current_path(before);
  CHECK(h.adc.bits == 4);
  CHECK(h.adc.type == AdcType::sar);
  CHECK(h.crossbar.rows == 128);

  folder.write("ou16-sar5-22nm", complete_chip());
  CHECK(load_hardware(file).crossbar.rows == 64);
}

TEST_CASE("a chain of eight bases is allowed") {
  const ScratchFolder folder;
  folder.write("0.json", complete_chip());
  for (int i = 1; i <= 8; ++i) {
    folder.write(fmt::format("{}.json", i), fmt::format(R"({{"base": "{}.json", "chip": {{"tiles": {}}}}})", i - 1, i));
  }
  CHECK(load_hardware(folder.path() / "8.json").chip.tiles == 8);
}

TEST_CASE("null takes back what a base gave for another transfer") {
  const ScratchFolder folder;
  folder.write("levels.json", with(complete_chip(), R"("transfer": "clip")",
                                   R"("transfer": "levels", "levels": [1, 4, 9], "level_values": [0, 2, 6, 12])"));
  const Hardware levels = load_hardware(folder.path() / "levels.json");
  CHECK(levels.adc.levels == std::vector<int>{1, 4, 9});
  CHECK(levels.adc.level_values == std::vector<int>{0, 2, 6, 12});
  const auto file = folder.write(
      "clip.json", R"({"base": "levels.json", "adc": {"transfer": "clip", "levels": null, "level_values": null}})");
  CHECK(load_hardware(file).adc.levels.empty());
  CHECK(load_hardware(file).adc.level_values.empty());
  const std::vector<std::string> overrides{"adc.transfer=clip", "adc.levels=null", "adc.level_values=null"};
  CHECK(dump(load_hardware(folder.path() / "levels.json", overrides)) == dump(load_hardware(file)));
}

TEST_CASE("overrides come after all files, in their order, by the type of the key") {
  const std::vector<std::string> overrides{
      "adc.bits=3",        "adc.bits=4",        "name=a = b",           "mapping.flip=false",
      "clock.period_ns=2", "chip.tiles=auto",   "mapping.cells=offset", "adc.transfer=levels",
      "adc.levels=1,2,5",  "tech.node=another", "ou.rows=64",
  };
  const Hardware h = load_text(complete_chip(), overrides);
  CHECK(h.adc.bits == 4);
  CHECK(h.name == "a = b");
  CHECK_FALSE(h.mapping.flip);
  CHECK(h.clock.period_ns == 2.0);
  CHECK_FALSE(h.chip.tiles.has_value());
  CHECK(h.adc.transfer == AdcTransfer::levels);
  CHECK(h.adc.levels == std::vector<int>{1, 2, 5});
  CHECK(h.tech.node == "another");
  CHECK(h.ou.rows == 64);
  CHECK(load_text(complete_chip(), std::vector<std::string>{"clock.period_ns=1.25e1"}).clock.period_ns == 12.5);
  CHECK_FALSE(load_text(complete_chip(), std::vector<std::string>{"clock.period_ns=auto"}).clock.period_ns.has_value());
  const std::vector<std::string> step{"adc.transfer=calibrated", "adc.calibrated_step=1048576"};
  CHECK(load_text(complete_chip(), step).adc.calibrated_step == 1048576);
}

TEST_CASE("an override repairs what the file lacks, checks see the result") {
  const std::string lacking = with(complete_chip(), R"("rows": 8, )", "");
  CHECK(load_text(lacking, {"ou.rows=5"}).ou.rows == 5);
  const std::string too_large = with(complete_chip(), R"("rows": 8)", R"("rows": 128)");
  CHECK(load_text(too_large, {"crossbar.rows=128"}).ou.rows == 128);
}

TEST_CASE("a path to a cell or node is relative to the file that names it") {
  const ScratchFolder folder;
  const auto cell = folder.write("parts/cell.json", "{}");
  folder.write("parts/root.json", with(complete_chip(), "some-cell", "cell.json"));
  const auto file = folder.write("mine.json", R"({"base": "parts/root.json", "tech": {"node": "parts/node.json"}})");
  CHECK(load_hardware(file).cell.model == cell.string());
  CHECK(load_hardware(file).tech.node == "parts/node.json");  // not beside the file: left for who opens it
}

TEST_CASE("to_json, written to a file, loads as the same description") {
  const std::vector<std::string> levels{"adc.transfer=levels", "adc.levels=2,3", "adc.level_values=0,2,4"};
  const std::vector<std::string> calibrated{"adc.transfer=calibrated", "adc.calibrated_step=3", "clock.period_ns=0.1"};
  const std::vector<std::string> automatic{"chip.tiles=auto", "clock.period_ns=auto", "name=caf\xc3\xa9"};
  for (const auto& overrides : {std::vector<std::string>{}, levels, calibrated, automatic}) {
    const Hardware h = load_text(complete_chip(), overrides);
    const std::string text = to_json(h).dump(2);
    CHECK(dump(load_text(text)) == dump(h));
  }
  const Hardware h = load_hardware(shipped_chip("ou16-sar5-22nm"));
  CHECK(dump(load_text(dump(h))) == dump(h));
}

TEST_CASE("to_json keeps the order of the description and shows every key") {
  const auto json = to_json(load_text(complete_chip(), std::vector<std::string>{"chip.tiles=auto"}));
  const std::vector<std::string> without_section = paths_of(json);
  const std::vector<std::string> shown = paths_of(to_json(load_hardware(shipped_chip("neurosim-1.3-default"))));
  std::vector<std::string> documented;
  for (const KeyDoc& key : hardware_keys()) documented.push_back(key.path);
  CHECK(shown == documented);
  std::erase_if(documented, [](const std::string& path) { return path.starts_with("neurosim."); });
  CHECK(without_section == documented);
  CHECK(json["chip"]["tiles"] == "auto");
  CHECK(json["adc"]["levels"].is_null());
  CHECK(json["adc"]["bits"] == 6);
}

TEST_CASE("an optional section is there as a whole or not at all") {
  CHECK_FALSE(load_text(complete_chip()).neurosim);
  CHECK_THROWS_WITH(load_text(complete_chip(), std::vector<std::string>{"neurosim.relu=true"}),
                    Catch::Contains("neurosim.version: missing, expected one of 1.3, 1.4"));
  Hardware h = load_hardware(shipped_chip("neurosim-1.4-rram"));
  REQUIRE(h.neurosim);
  CHECK(h.neurosim->version == NeurosimVersion::v1_4);
  CHECK_FALSE(h.neurosim->columns_per_dummy);
  CHECK(dump(load_text(dump(h))) == dump(h));
  CHECK(neurosim_deviation_names().front() == "stale_clock");
  for (const std::string_view name : neurosim_deviation_names()) {
    set_neurosim_deviation(h, name, false);
    CHECK(to_json(h)["neurosim"]["deviations"][std::string(name)] == false);
  }
  CHECK_THROWS_WITH(set_neurosim_deviation(h, "stale_clok", true), Catch::Contains("did you mean stale_clock"));
  h.neurosim.reset();
  CHECK_THROWS_WITH(set_neurosim_deviation(h, "stale_clock", true), Catch::Contains("no section neurosim"));
}

TEST_CASE("the hash sees every key but the name") {
  const std::string hash = hardware_hash(load_text(complete_chip()));
  CHECK(hash.size() == 16);
  CHECK(hardware_hash(load_text(complete_chip(), std::vector<std::string>{"name=other"})) == hash);
  const std::vector<std::string> changes{"crossbar.rows=65",
                                         "crossbar.cols=33",
                                         "ou.rows=9",
                                         "ou.cols=5",
                                         "cell.bits=1",
                                         "cell.model=x",
                                         "input.digit_bits=2",
                                         "adc.type=flash",
                                         "adc.transfer=ideal",
                                         "adc.bits=7",
                                         "adc.per_crossbar=3",
                                         "adc.sample_and_hold=false",
                                         "mapping.flip=false",
                                         "mapping.offset_sum=digital",
                                         "mapping.lsb=same_crossbar",
                                         "mapping.rows=even",
                                         "schedule.row_policy=all",
                                         "gate.mask_known=oracle",
                                         "array.current=neurosim_fit",
                                         "clock.period_ns=2.6",
                                         "chip.tiles=8",
                                         "chip.crossbars_per_tile=4",
                                         "chip.tile_buffer_bits=1",
                                         "chip.tile_port_bits=1",
                                         "chip.global_buffer_bits=1",
                                         "chip.global_port_bits=1",
                                         "chip.link_bits=1",
                                         "chip.vector_lanes=1",
                                         "tech.node=x"};
  for (const std::string& change : changes) {
    INFO(change);
    CHECK(hardware_hash(load_text(complete_chip(), std::vector<std::string>{change})) != hash);
  }
}
