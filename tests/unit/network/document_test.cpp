// SPDX-License-Identifier: Apache-2.0
// The format's page and schema against the reader.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "network/network.h"
#include "sample_folder.h"
#include "source_dir.h"

using namespace cimcycle;
using nlohmann::json;

namespace {

std::string source_file(const std::string& name) {
  std::ifstream file(source_dir() / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every key of `value` and of what lies in it must stand in the schema, every word in its enumeration.
void check_against(const json& value, json rule, const json& root, const std::string& where) {
  INFO(where);
  if (rule.contains("$ref")) rule = root[json::json_pointer(rule["$ref"].get<std::string>().substr(1))];
  if (rule.contains("enum")) {
    CHECK(std::count(rule["enum"].begin(), rule["enum"].end(), value) == 1);
  }
  if (value.is_object() && rule.contains("properties")) {
    for (const auto& [key, member] : value.items()) {
      REQUIRE(rule["properties"].contains(key));
      check_against(member, rule["properties"][key], root, where + "." + key);
    }
    for (const json& key : rule.value("required", json::array())) CHECK(value.contains(key.get<std::string>()));
  }
  if (value.is_array() && rule.contains("items")) {
    for (const json& member : value) check_against(member, rule["items"], root, where + "[]");
  }
}

}  // namespace

TEST_CASE("the page's example is a network") {
  const std::string page = source_file("docs/formats/network.md");
  const std::size_t begin = page.find("```json\n") + 8;
  test::FolderParts parts;
  parts.network_text = page.substr(begin, page.find("```", begin) - begin);
  const auto add = [&](const std::string& name, std::int64_t outputs, std::int64_t rows) {
    const auto zeros = [](std::int64_t count) { return std::vector<std::int64_t>(static_cast<std::size_t>(count), 0); };
    parts.tensors[name + ".weight"] = test::raw_tensor("I8", 8, {outputs, rows}, zeros(outputs * rows));
    parts.tensors[name + ".m"] = test::raw_tensor("I32", 32, {outputs}, zeros(outputs));
    parts.tensors[name + ".c"] = test::raw_tensor("I64", 64, {outputs}, zeros(outputs));
  };
  add("conv1", 4, 27);
  add("fc", 10, 256);
  const Network network = parse_network(parts.network_file(), parts.tensors_file(), {});
  CHECK(network.layers.size() == 2);
  CHECK(network.layers[0].dec3.threshold.front() == 25);
}

TEST_CASE("the schema knows every key and word that the reader knows") {
  const json schema = json::parse(source_file("docs/formats/network.schema.json"));
  check_against(test::sample_folder().network, schema, schema, "sample");

  const json& layer = schema["$defs"]["layer"]["properties"];
  const auto words = [](const json& rule) { return rule["enum"].get<std::vector<std::string>>(); };
  const auto all = [](const auto& table) { return std::vector<std::string>(table.begin(), table.end()); };
  CHECK(words(layer["kind"]) == all(layer_kind_words));
  CHECK(words(layer["output"]) == all(output_kind_words));
  CHECK(words(schema["$defs"]["residual"]["properties"]["kind"]) == all(residual_kind_words));
  const json& dec3 = schema["$defs"]["dec3"]["properties"];
  CHECK(words(dec3["split"]) == all(split_words));
  CHECK(words(dec3["gate"]) == all(gate_words));
  CHECK(words(dec3["granularity"]) == all(granularity_words));
  CHECK(words(dec3["threshold_per"]) == all(threshold_per_words));
  CHECK(schema["$defs"]["threshold"]["maximum"] == largest_threshold);
}
