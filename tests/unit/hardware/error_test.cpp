// SPDX-License-Identifier: Apache-2.0
// What a user reads after a mistake in a single key, a base or --set, as full texts.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "chip_files.h"
#include "error_text.h"
#include "source_dir.h"
#include "temporary_folder.h"

using namespace cimcycle;
using namespace cimcycle::test;

namespace {

/// The message after replacing one place of the complete description.
std::string error_with(const std::string& from, const std::string& to) {
  return error_of(with(complete_chip(), from, to));
}

std::string error_after_set(const std::string& text) { return error_of(complete_chip(), {text}); }

}  // namespace

TEST_CASE("unknown keys name the nearest known one") {
  CHECK(error_with(R"("bits": 6)", R"("bitz": 6)") == "chip.json: adc.bitz: unknown key; did you mean adc.bits?");
  CHECK(error_with(R"("ou": {)", R"("oo": {)") ==
        "chip.json: oo: unknown key; known here: base, name, crossbar, ou, cell, input, adc, mapping, schedule, gate, "
        "array, clock, chip, tech, neurosim");
  CHECK(error_with(R"("crossbar":)", R"("crosbar":)") == "chip.json: crosbar: unknown key; did you mean crossbar?");
  CHECK(error_with(R"("node":)", R"("??????????":)") ==
        "chip.json: tech.??????????: unknown key; known here: tech.node");
  CHECK(error_with(R"("name":)", R"("adc.bits": 4, "name":)") ==
        R"(chip.json: adc.bits: unknown key; write it as {"adc": {"bits": ...}})");
  CHECK(error_with(R"("bits": 6)", R"("bits": 6, "new\nline": 1)") ==
        "chip.json: adc.new\\nline: unknown key; known here: adc.type, adc.transfer, adc.bits, adc.per_crossbar, "
        "adc.sample_and_hold, adc.levels, adc.level_values, adc.calibrated_step");
}

TEST_CASE("missing keys are named with what is expected") {
  CHECK(error_with(R"("bits": 6,)", "") == "chip.json: adc.bits: missing, expected an integer 1 to 12");
  CHECK(error_with(R"("flip": true,)", "") == "chip.json: mapping.flip: missing, expected true or false");
  CHECK(error_with(R"("lsb": "separate_crossbars",)", "") ==
        "chip.json: mapping.lsb: missing, expected one of same_crossbar, separate_crossbars");
  CHECK(error_of("{}") == "chip.json: name: missing, expected a text of 1 to 200 printable characters");
}

TEST_CASE("values of another type are refused") {
  CHECK(error_with(R"("bits": 6)", R"("bits": 4.5)") == "chip.json: adc.bits: found 4.5, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": 4.0)") == "chip.json: adc.bits: found 4.0, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": "4")") ==
        "chip.json: adc.bits: found \"4\", expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": true)") ==
        "chip.json: adc.bits: found true, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": null)") ==
        "chip.json: adc.bits: found null, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": "auto")") ==
        "chip.json: adc.bits: found \"auto\", expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": [6])") ==
        "chip.json: adc.bits: found an array, expected an integer 1 to 12");
  CHECK(error_with(R"("flip": true)", R"("flip": 1)") == "chip.json: mapping.flip: found 1, expected true or false");
  CHECK(error_with("2.5", R"("2.5")") ==
        "chip.json: clock.period_ns: found \"2.5\", expected a number 0.01 to 10000 or \"auto\"");
  CHECK(error_with(R"("tiles": 7)", R"("tiles": "automatic")") ==
        "chip.json: chip.tiles: found \"automatic\", expected an integer 1 to 100000 or \"auto\"");
  CHECK(error_with(R"({"mask_known": "static", "input_sums": true})", "3") ==
        "chip.json: gate: found 3, expected an object with gate.mask_known, gate.input_sums");
  CHECK(error_with(R"("by hand")", "5") ==
        "chip.json: name: found 5, expected a text of 1 to 200 printable characters");
  CHECK(error_with(R"("by hand")", R"("")") ==
        "chip.json: name: found \"\", expected a text of 1 to 200 printable characters");
  CHECK(error_with(R"("by hand")", R"("a\u001bb")") ==
        "chip.json: name: found \"a\\u001bb\", expected a text of 1 to 200 printable characters");
  CHECK(error_of("[1]") == "chip.json: found an array, expected an object");
}

TEST_CASE("values out of range are refused, at both ends and beyond 64 bits") {
  CHECK(error_with(R"("bits": 6)", R"("bits": 0)") == "chip.json: adc.bits: found 0, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": 13)") == "chip.json: adc.bits: found 13, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": -1)") == "chip.json: adc.bits: found -1, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": 4294967300)") ==
        "chip.json: adc.bits: found 4294967300, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": 18446744073709551615)") ==
        "chip.json: adc.bits: found 18446744073709551615, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": -9223372036854775808)") ==
        "chip.json: adc.bits: found -9223372036854775808, expected an integer 1 to 12");
  CHECK(error_with(R"("bits": 6)", R"("bits": 99999999999999999999)") ==
        "chip.json: adc.bits: found 1e+20, expected an integer 1 to 12");
  CHECK(error_with(R"("rows": 64)", R"("rows": 4097)") ==
        "chip.json: crossbar.rows: found 4097, expected an integer 1 to 4096");
  CHECK(error_with("2.5", "0.001") ==
        "chip.json: clock.period_ns: found 0.001, expected a number 0.01 to 10000 or \"auto\"");
  CHECK(error_with("2.5", "-0.0") ==
        "chip.json: clock.period_ns: found -0.0, expected a number 0.01 to 10000 or \"auto\"");
  CHECK(error_with(R"("link_bits": 1005)", R"("link_bits": 65537)") ==
        "chip.json: chip.link_bits: found 65537, expected an integer 1 to 65536");
}

TEST_CASE("unknown words list the known ones and the nearest") {
  CHECK(error_with(R"("clip")", R"("clib")") ==
        "chip.json: adc.transfer: found \"clib\", expected one of ideal, clip, full_scale, calibrated, levels; "
        "did you mean clip?");
  CHECK(error_with(R"("skip_zero_groups")", R"("compact_rows")") ==
        "chip.json: schedule.row_policy: found \"compact_rows\", expected one of all, skip_zero_groups");
  CHECK(error_with(R"("layer_by_layer")", R"("pipelined")") ==
        "chip.json: schedule.dataflow: found \"pipelined\", expected one of layer_by_layer");
  CHECK(error_with(R"("sar")", "2") == "chip.json: adc.type: found 2, expected one of flash, sar, charge_decrement");
}

TEST_CASE("lists are checked element by element") {
  const auto levels = [](const std::string& list) {
    return error_with(R"("bits": 6)", R"("bits": 6, "levels": )" + list);
  };
  const std::string expected = "expected a list of 1 to 4095 integers, each 1 to 16777216, or null";
  CHECK(levels("[]") == "chip.json: adc.levels: found an array, " + expected);
  CHECK(levels("4") == "chip.json: adc.levels: found 4, " + expected);
  CHECK(levels("[1, 2.5]") == "chip.json: adc.levels: found 2.5 at index 1, " + expected);
  CHECK(levels("[0, 2]") == "chip.json: adc.levels: found 0 at index 0, " + expected);
  CHECK(levels("[1, 2, 16777217]") == "chip.json: adc.levels: found 16777217 at index 2, " + expected);
  std::string many = "1";
  for (int i = 2; i <= 4096; ++i) many += fmt::format(",{}", i);
  CHECK(levels(fmt::format("[{}]", many)) == "chip.json: adc.levels: found 4096 values, " + expected);
}

TEST_CASE("malformed files are refused with their place") {
  CHECK(error_with(R"("bits": 6)", R"("bits": 6, "bits": 7)") ==
        "chip.json: line 10, column 21: key \"bits\" stands twice in one object");
  CHECK(error_of("{\"name\": }").starts_with("chip.json: line 1, column 10: "));
  CHECK(error_with("2.5", "NaN").starts_with("chip.json: line 25, column "));
  CHECK(error_with("2.5", "1e999").starts_with("chip.json: line 25, column "));
  CHECK(input_error([] { load_hardware("no-such-chip.json"); }) == "no-such-chip.json: no such file");
}

TEST_CASE("overrides that cannot be used quote themselves") {
  CHECK(error_after_set("adc.bitz=4") == "--set adc.bitz=4: unknown key; did you mean adc.bits?");
  CHECK(error_after_set("qqqqqqqq=4") ==
        "--set qqqqqqqq=4: unknown key; known groups: crossbar, ou, cell, input, adc, mapping, schedule, gate, array, "
        "clock, chip, tech, neurosim");
  CHECK(error_after_set("tech.qqqqqqqqqqqqqqqq=4") ==
        "--set tech.qqqqqqqqqqqqqqqq=4: unknown key; known keys: tech.node");
  CHECK(error_after_set("adc.bits=4abc") == "--set adc.bits=4abc: found \"4abc\", expected an integer 1 to 12");
  CHECK(error_after_set("adc.bits= 4") == "--set adc.bits= 4: found \" 4\", expected an integer 1 to 12");
  CHECK(error_after_set("adc.bits=+4") == "--set adc.bits=+4: found \"+4\", expected an integer 1 to 12");
  CHECK(error_after_set("adc.bits=") == "--set adc.bits=: found \"\", expected an integer 1 to 12");
  CHECK(error_after_set("adc.bits=4.0") == "--set adc.bits=4.0: found \"4.0\", expected an integer 1 to 12");
  CHECK(error_after_set("adc.bits=99") == "--set adc.bits=99: found 99, expected an integer 1 to 12");
  CHECK(error_after_set("adc.bits=99999999999999999999") ==
        "--set adc.bits=99999999999999999999: found \"99999999999999999999\", expected an integer 1 to 12");
  CHECK(error_after_set("adc.bits=null") == "--set adc.bits=null: found \"null\", expected an integer 1 to 12");
  CHECK(error_after_set("adc.bits") == "--set adc.bits: found no \"=\", expected KEY=VALUE");
  CHECK(error_after_set("=4") == "--set =4: found no key before \"=\", expected KEY=VALUE");
  CHECK(error_after_set("tech=x") == "--set tech=x: tech holds several keys; allowed: tech.node");
  CHECK(error_after_set("base=x") == "--set base=x: base can only be given in a hardware file");
  CHECK(error_after_set("mapping.flip=yes") == "--set mapping.flip=yes: found \"yes\", expected true or false");
  CHECK(error_after_set("adc.type=sarr") ==
        "--set adc.type=sarr: found \"sarr\", expected one of flash, sar, charge_decrement; did you mean sar?");
  CHECK(error_after_set("clock.period_ns=nan") ==
        "--set clock.period_ns=nan: found \"nan\", expected a number 0.01 to 10000 or \"auto\"");
  CHECK(error_after_set("clock.period_ns=1e400") ==
        "--set clock.period_ns=1e400: found \"1e400\", expected a number 0.01 to 10000 or \"auto\"");
  CHECK(error_after_set("adc.levels=1,,2") ==
        "--set adc.levels=1,,2: found \"1,,2\", expected a list of 1 to 4095 integers, each 1 to 16777216, or null");
  CHECK(error_after_set("name=\xff\xfe") ==
        "--set name=\\xff\\xfe: found \"\\ufffd\\ufffd\", expected a text of 1 to 200 "
        "printable characters");
}

TEST_CASE("bases that cannot be followed are named") {
  const ScratchFolder folder;
  const std::string prefix = folder.path().string() + "/";
  const auto error = [&](const std::string& name) {
    std::string text = input_error([&] { load_hardware(folder.path() / name); });
    while (text.find(prefix) != std::string::npos) text.erase(text.find(prefix), prefix.size());
    return text;
  };

  folder.write("a.json", R"({"base": "b.json"})");
  folder.write("b.json", R"({"base": "./c.json"})");
  folder.write("c.json", R"({"base": "sub/../a.json"})");
  std::filesystem::create_directories(folder.path() / "sub");
  CHECK(
      error("a.json") ==
      "c.json: base: found \"sub/../a.json\", which leads in a circle (a.json -> b.json -> c.json -> a.json); allowed: "
      "a file that does not inherit from this one");
  folder.write("self.json", R"({"base": "self.json"})");
  CHECK(error("self.json") ==
        "self.json: base: found \"self.json\", which leads in a circle (self.json -> self.json); allowed: a file that "
        "does not inherit from this one");

  folder.write("0.json", complete_chip());
  for (int i = 1; i <= 9; ++i) {
    folder.write(fmt::format("{}.json", i), fmt::format(R"({{"base": "{}.json"}})", i - 1));
  }
  CHECK(error("9.json") == "1.json: base: found \"0.json\", the base number 9; allowed: at most 8 bases in a row");

  folder.write("number.json", R"({"base": 4})");
  CHECK(error("number.json") == "number.json: base: found 4, expected the name of a hardware file");
  folder.write("empty.json", R"({"base": ""})");
  CHECK(error("empty.json") == "empty.json: base: found \"\", expected the name of a hardware file");
  folder.write("folder.json", R"({"base": "."})");
  CHECK(error("folder.json")
            .starts_with("folder.json: base: found \".\", expected a file beside this one or a shipped chip"));

  folder.write("broken.json", with(complete_chip(), R"("bits": 6)", R"("bits": 60)"));
  folder.write("mine.json", R"({"base": "broken.json", "adc": {"bits": 6}})");
  CHECK(error("mine.json") == "broken.json: adc.bits: found 60, expected an integer 1 to 12");
  folder.write("lacking.json", with(complete_chip(), R"("bits": 6,)", ""));
  folder.write("mine2.json", R"({"base": "lacking.json"})");
  CHECK(error("mine2.json") == "mine2.json: adc.bits: missing, expected an integer 1 to 12");
}

TEST_CASE("an unknown base names the nearest shipped chip") {
  const ScratchFolder folder;
  const auto file = folder.write("mine.json", R"({"base": "ou16-adc6-22nm"})");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(source_dir());
  const std::string error = input_error([&] { load_hardware(file); });
  std::filesystem::current_path(before);
  CHECK(error == file.string() +
                     ": base: found \"ou16-adc6-22nm\", expected a file beside this one or a shipped chip; "
                     "did you mean ou16-adc5-22nm?");
}
