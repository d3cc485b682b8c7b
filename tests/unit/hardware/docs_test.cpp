// SPDX-License-Identifier: Apache-2.0
// The documentation says what the program does: docs/formats/hardware.md and hardware.schema.json.
// CIMCYCLE_UPDATE_DOCS=1 makes the tests rewrite both instead of comparing.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "base/files.h"
#include "hardware/hardware.h"
#include "source_dir.h"
#include "temporary_folder.h"

using namespace cimcycle;

namespace {

const std::filesystem::path formats = source_dir() / "docs" / "formats";

bool updating() {
  const char* const value = std::getenv("CIMCYCLE_UPDATE_DOCS");
  return value != nullptr && std::string(value) == "1";
}

void compare_or_write(const std::string& name, const std::string& text) {
  if (updating()) {
    write_file_atomically(formats / name, text);
    return;
  }
  INFO("docs/formats/" << name << " is out of date; run this test with CIMCYCLE_UPDATE_DOCS=1");
  CHECK(read_file(formats / name) == text);
}

/// `text` with what stands between the two marks of `part` replaced by `rows`.
std::string with_part(const std::string& text, const std::string& part, const std::string& rows) {
  const std::string begin = "<!-- " + part + ": made from the key table -->\n";
  const std::string end = "<!-- end of " + part + " -->";
  const std::size_t from = text.find(begin);
  const std::size_t to = text.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  return text.substr(0, from + begin.size()) + rows + text.substr(to);
}

std::string key_rows() {
  std::string rows = "| key | type | unit | allowed | meaning |\n|---|---|---|---|---|\n";
  for (const KeyDoc& key : hardware_keys()) {
    rows += fmt::format("| `{}` | {} | {} | {} | {} |\n", key.path, key.type, key.unit, key.range, key.meaning);
  }
  return rows;
}

std::string word_rows() {
  std::string rows = "| key | word | meaning |\n|---|---|---|\n";
  for (const KeyDoc& key : hardware_keys()) {
    for (const KeyDoc::Word& word : key.words) {
      rows += fmt::format("| `{}` | `{}` | {} |\n", key.path, word.name, word.meaning);
    }
  }
  return rows;
}

/// What stands in the first block of hardware.md that opens with this line.
std::string block(const std::string& opening) {
  const std::string text = read_file(formats / "hardware.md");
  const std::size_t from = text.find(opening) + opening.size();
  REQUIRE(from > opening.size());
  return text.substr(from, text.find("```", from) - from);
}

std::vector<std::string> set_options(const std::string& line) {
  std::vector<std::string> options;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    if (word != "--set") options.push_back(word);
  }
  return options;
}

}  // namespace

TEST_CASE("the examples of docs/formats/hardware.md load") {
  const test::ScratchFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(source_dir());
  const Hardware h = load_hardware(folder.write("mine.json", block("```json\n")), set_options(block("```\n--set ")));
  std::filesystem::current_path(before);
  CHECK(h.name == "wider operation units");
  CHECK(h.ou.rows == 32);
  CHECK(h.mapping.lsb == LsbPlacement::separate_crossbars);
  CHECK(h.adc.levels == std::vector<int>{1, 2, 4, 8});
}

TEST_CASE("docs/formats/hardware.md lists the keys and words of the key table") {
  const std::string text = read_file(formats / "hardware.md");
  compare_or_write("hardware.md", with_part(with_part(text, "keys", key_rows()), "words", word_rows()));
}

TEST_CASE("docs/formats/hardware.schema.json is the generated schema") {
  compare_or_write("hardware.schema.json", hardware_schema().dump(2) + "\n");
}

TEST_CASE("the schema has the limits of the key table") {
  const auto schema = hardware_schema();
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema["additionalProperties"] == false);
  const auto& adc = schema["properties"]["adc"];
  CHECK(adc["additionalProperties"] == false);
  CHECK(adc["properties"]["bits"]["type"] == "integer");
  CHECK(adc["properties"]["bits"]["minimum"] == 1);
  CHECK(adc["properties"]["bits"]["maximum"] == 12);
  CHECK(adc["properties"]["transfer"]["enum"].size() == 5);
  CHECK(adc["properties"]["levels"]["anyOf"][0]["maxItems"] == 4095);
  CHECK(schema["properties"]["chip"]["properties"]["tiles"]["anyOf"][1]["const"] == "auto");
  CHECK(schema["else"]["properties"]["chip"]["required"].size() == 6);
  CHECK(schema["else"]["required"].size() == 12);  // name and the groups; clock has no key that must be given
}

TEST_CASE("every key is documented") {
  for (const KeyDoc& key : hardware_keys()) {
    INFO(key.path);
    CHECK_FALSE(key.meaning.empty());
    CHECK_FALSE(key.range.empty());
    CHECK((key.type != "word") == key.words.empty());
    for (const KeyDoc::Word& word : key.words) CHECK_FALSE(word.meaning.empty());
  }
}
