// SPDX-License-Identifier: Apache-2.0
// Options become keys; what has no key is named with its line.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <set>

#include "base/files.h"
#include "base/json_object.h"
#include "compare/param_import.h"
#include "compare/param_options.h"
#include "error_text.h"
#include "hardware/hardware.h"
#include "hardware/keys.h"
#include "source_dir.h"
#include "temporary_folder.h"

using namespace cimcycle;
using test::input_error;

namespace {

ParamImport imported(const std::string& text, std::optional<NeurosimVersion> version = std::nullopt) {
  return import_neurosim_params(text, "p", "mine", "mine-cell.json", version);
}

std::string error_of(const std::string& text, std::optional<NeurosimVersion> version = std::nullopt) {
  return input_error([&] { imported(text, version); });
}

/// The hardware that the written files describe.
Hardware loaded(const test::ScratchFolder& folder, const ParamImport& import) {
  if (import.cell_json) folder.write("mine-cell.json", *import.cell_json);
  return load_hardware(folder.write("mine.json", import.hardware_json));
}

}  // namespace

TEST_CASE("options set their keys, the rest comes from the chip of the version") {
  const test::ScratchFolder folder;
  const ParamImport import = imported(R"(
    numRowSubArray = 64; numColSubArray = 32; numColMuxed = 4;
    levelOutput = 16; cellBit = 1; SARADC = true; novelMapping = false; clkFreq = 490.45e6;
    readPulseWidth = 10e-9; globalBufferType = true; beta = 1.3; synapseBit = 8;
    technode = 22; wireWidth = 40; featuresize = 40e-9;)");
  CHECK(import.version == NeurosimVersion::v1_3);
  CHECK_FALSE(import.cell_json);
  const Hardware hardware = loaded(folder, import);
  CHECK(hardware.name == "mine");
  CHECK(hardware.crossbar.rows == 64);
  CHECK(hardware.crossbar.cols == 32);
  CHECK(hardware.ou.rows == 64);
  CHECK(hardware.ou.cols == 8);
  CHECK(hardware.adc.per_crossbar == 8);
  CHECK(hardware.adc.bits == 4);
  CHECK(hardware.adc.type == AdcType::sar);
  CHECK(hardware.cell.bits == 1);
  REQUIRE(hardware.neurosim);
  CHECK(hardware.neurosim->mapping == NeurosimMapping::conventional);
  CHECK(hardware.neurosim->initial_clock_ghz == 0.49045);
  CHECK(hardware.neurosim->read_pulse_ns == 10);
  CHECK(hardware.neurosim->global_buffer == BufferKind::sram);
  CHECK(hardware.neurosim->calibration.beta == 1.3);
  const Hardware base = load_hardware(find_shipped("tech/chips/neurosim-1.3-default.json"));
  CHECK(hardware.neurosim->calibration.alpha == base.neurosim->calibration.alpha);
  CHECK(hardware.cell.model == base.cell.model);
}

TEST_CASE("the options of the two versions, and what tells them apart") {
  const test::ScratchFolder folder;
  const ParamImport import = imported("numRowParallel = 16; levelOutput = 32; dumcolshared = levelOutput;");
  CHECK(import.version == NeurosimVersion::v1_4);
  const Hardware hardware = loaded(folder, import);
  CHECK(hardware.ou.rows == 16);
  CHECK_FALSE(hardware.neurosim->columns_per_dummy);
  CHECK(loaded(folder, imported("dumcolshared = 8;")).neurosim->columns_per_dummy == 8);
  CHECK(loaded(folder, imported("operationmode = 1;")).ou.rows == 1);
  CHECK(imported("cellBit = 1;", NeurosimVersion::v1_4).version == NeurosimVersion::v1_4);
  CHECK(error_of("inputtoggle = 0.2;", NeurosimVersion::v1_3) ==
        "p: line 1: inputtoggle: an option of V1.4, but the version is 1.3");
}

TEST_CASE("another cell gets a file of its own, with its source") {
  const test::ScratchFolder folder;
  const ParamImport import = imported("resistanceOn = 100e3;\nresistanceOff = 100e3*17;");
  REQUIRE(import.cell_json);
  const auto cell = parse_json(*import.cell_json, "cell");
  CHECK(cell["on_resistance_ohm"] == 100e3);
  CHECK(cell["off_resistance_ohm"] == 1.7e6);
  CHECK(cell["read_v"] == 0.5);
  CHECK(cell["sources"]["off_resistance_ohm"] == "p, line 2");
  CHECK(loaded(folder, import).cell.model == (folder.path() / "mine-cell.json").string());
  CHECK_FALSE(imported("resistanceOn = 6e3; resistanceOff = 6e3*150;").cell_json);
}

TEST_CASE("what is not supported or not known is named with its line") {
  CHECK(error_of("\nmemcelltype = 1;") == "p: line 2: memcelltype = 1 is not supported; 2 is (2 is the ReRAM cell)");
  CHECK(error_of("operationmode = 3;") ==
        "p: line 1: operationmode = 3 is not supported; 1 (row by row) and 2 (parallel) are");
  CHECK(error_of("levelOuput = 32;") == "p: line 1: levelOuput: no such option; did you mean levelOutput?");
  CHECK(error_of("somethingElse = 32;") == "p: line 1: somethingElse: no such option");
  CHECK(error_of("levelOutput = 33;") == "p: line 1: levelOutput: found 33, expected a power of two of 2 or more");
  CHECK(error_of("numColMuxed = 7;") ==
        "p: line 1: numColMuxed: found 7, expected a divisor of the 128 columns of a crossbar");
  CHECK(error_of("numRowSubArray = 64;\nnumRowParallel = 128;") ==
        "p: line 2: numRowParallel: found 128, expected 1 to the 64 rows of a crossbar");
  CHECK(error_of("cellBit = 9;") == "p: line 1: cellBit: cell.bits: found 9, expected an integer 1 to 4");
  CHECK(error_of("cellBit = 1.5;") == "p: line 1: cellBit: cell.bits: found 1.5, expected an integer 1 to 4");
  CHECK(error_of("pipeline = 2;") == "p: line 1: pipeline: found 2, expected true or false");
  CHECK(error_of("cellBit = other;") == "p: line 1: cellBit: its value depends on what this file does not define");
  CHECK(error_of("wireWidth = 41;") == "p: line 1: wireWidth: 41 nm is not supported at technode 22; 40 nm is");
  CHECK(error_of("featuresize = 56e-9;") == "p: line 1: featuresize: 56 nm is not supported at technode 22; 40 nm is");
  CHECK_THAT(error_of("technode = 3;"),
             Catch::Contains("p: line 1: technode = 3, deviceroadmap = 2: there is no technology 3nm-lstp; there are"));
  CHECK(error_of("// nothing") == "p: assigns nothing, expected lines name = value;");
}

TEST_CASE("a program may have variables of its own, but no misspelt options") {
  const ParamImport import = imported("Param::Param() { AR = 1.9; Rho = 4.03e-8; parallelRead = 1; cellBit = 1; }");
  CHECK(import.skipped == std::vector<std::string>{"AR (line 1)", "Rho (line 1)", "parallelRead (line 1)"});
  CHECK(error_of("Param::Param() { cellbit = 1; }") == "p: line 1: cellbit: no such option; did you mean cellBit?");
  CHECK(error_of("Param::Param() { levelOuput = 1; }") ==
        "p: line 1: levelOuput: no such option; did you mean levelOutput?");
}

TEST_CASE("every option of the table has a key that exists, and stands there once") {
  std::set<std::string_view> names;
  for (const ParamOption& option : param_options()) {
    CAPTURE(option.name);
    CHECK(names.insert(option.name).second);
    const bool has_key =
        option.use == ParamUse::number || option.use == ParamUse::flag || option.use == ParamUse::joint;
    if (has_key) CHECK(find_key(option.key) != nullptr);
    if (option.use == ParamUse::cell) CHECK(!option.key.empty());
    if (option.use == ParamUse::fixed || option.use == ParamUse::ignored) CHECK(!option.meaning.empty());
  }
}

TEST_CASE("the documentation lists every option") {
  const std::string page = read_file(source_dir() / "docs/formats/neurosim.md");
  for (const ParamOption& option : param_options()) {
    CAPTURE(option.name);
    CHECK(page.find(fmt::format("`{}`", option.name)) != std::string::npos);
  }
}
