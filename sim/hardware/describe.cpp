// SPDX-License-Identifier: Apache-2.0
// The hardware description written out: resolved values, hash, list of keys, JSON Schema.
#include <algorithm>

#include "base/files.h"

#include <nlohmann/json.hpp>
#include "hardware/keys.h"

namespace cimcycle {

namespace {

using nlohmann::ordered_json;

// "auto" stands in the description, so that a reader sees who decided.
ordered_json written(const Key& key, const Hardware& hardware) {
  nlohmann::json value = key.read(hardware);
  if (value.is_null() && key.absence == Absence::automatic) value = "auto";
  return value;
}

/// The objects around the key from the root on: "neurosim", "deviations".
std::vector<std::string> groups_around(const Key& key) {
  std::vector<std::string> names;
  std::string_view rest = key.group();
  while (!rest.empty()) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    names.emplace_back(rest.substr(0, dot));
    rest.remove_prefix(std::min(dot + 1, rest.size()));
  }
  return names;
}

/// The object that holds the key: the root or a group of it, made if missing.
ordered_json& holder(ordered_json& root, const Key& key) {
  ordered_json* object = &root;
  for (const std::string& name : groups_around(key)) object = &(*object)[name];
  return *object;
}

std::string type_name(KeyType type) {
  switch (type) {
    case KeyType::integer:
      return "integer";
    case KeyType::number:
      return "number";
    case KeyType::boolean:
      return "boolean";
    case KeyType::word:
      return "word";
    case KeyType::text:
    case KeyType::file:
      return "text";
    case KeyType::integers:
      return "integers";
  }
  return {};
}

// A limit that is a whole number is written as one.
ordered_json limit(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? ordered_json(whole) : ordered_json(value);
}

ordered_json integer_schema(const Key& key) {
  return {{"type", "integer"}, {"minimum", limit(key.min)}, {"maximum", limit(key.max)}};
}

ordered_json value_schema(const Key& key) {
  switch (key.type) {
    case KeyType::integer:
      return integer_schema(key);
    case KeyType::number:
      return {{"type", "number"}, {"minimum", limit(key.min)}, {"maximum", limit(key.max)}};
    case KeyType::boolean:
      return {{"type", "boolean"}};
    case KeyType::word:
      return {{"enum", key.words}};
    case KeyType::text:
    case KeyType::file:
      return {{"type", "string"}, {"minLength", limit(key.min)}, {"maxLength", limit(key.max)}};
    case KeyType::integers:
      return {{"type", "array"}, {"minItems", 1}, {"maxItems", key.max_count}, {"items", integer_schema(key)}};
  }
  return {};
}

ordered_json key_schema(const Key& key) {
  ordered_json schema;
  schema["description"] =
      key.unit.empty() ? std::string(key.meaning) : std::string(key.meaning) + " [" + std::string(key.unit) + "]";
  switch (key.absence) {
    case Absence::never:
      schema.update(value_schema(key));
      break;
    case Absence::automatic:
      schema["anyOf"] = {value_schema(key), {{"const", "auto"}}};
      break;
    case Absence::null:
      schema["anyOf"] = {value_schema(key), {{"type", "null"}}};
      break;
  }
  return schema;
}

}  // namespace

ordered_json to_json(const Hardware& hardware) {
  ordered_json root = ordered_json::object();
  for (const Key& key : key_table()) {
    if (key.section_exists(hardware)) holder(root, key)[std::string(key.leaf())] = written(key, hardware);
  }
  return root;
}

std::string hardware_hash(const Hardware& hardware) {
  ordered_json description = to_json(hardware);
  description.erase("name");
  return content_hash(description.dump());
}

std::vector<KeyDoc> hardware_keys() {
  std::vector<KeyDoc> docs;
  for (const Key& key : key_table()) {
    KeyDoc doc{std::string(key.path),    type_name(key.type), std::string(key.unit),
               std::string(key.meaning), allowed_values(key), {}};
    for (std::size_t i = 0; i < key.words.size(); ++i) {
      doc.words.push_back({std::string(key.words[i]), std::string(key.word_meanings[i])});
    }
    docs.push_back(std::move(doc));
  }
  return docs;
}

ordered_json hardware_schema() {
  ordered_json properties = ordered_json::object();
  properties["base"] = {
      {"description", "another hardware file, or the name of a shipped one, whose keys this one inherits"},
      {"type", "string"},
      {"minLength", 1}};
  // Without a base, every key that cannot be absent must stand in the file itself.
  ordered_json complete = {{"required", ordered_json::array()}, {"properties", ordered_json::object()}};
  for (const Key& key : key_table()) {
    const std::string group(key.group());
    const std::string leaf(key.leaf());
    ordered_json* known = &properties;
    for (const std::string& name : groups_around(key)) {
      ordered_json& object = (*known)[name];
      if (object.is_null()) {
        object = {{"type", "object"}, {"additionalProperties", false}, {"properties", ordered_json::object()}};
      }
      known = &object["properties"];
    }
    (*known)[leaf] = key_schema(key);
    if (group.empty()) {
      complete["required"].push_back(leaf);
      continue;
    }
    if (key.absence != Absence::never || key.optional_section) continue;
    if (!complete["properties"].contains(group)) complete["required"].push_back(group);
    complete["properties"][group]["required"].push_back(leaf);
  }
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "cimcycle hardware description"},
          {"type", "object"},
          {"additionalProperties", false},
          {"properties", properties},
          {"if", {{"required", {"base"}}}},
          {"then", true},
          {"else", complete}};
}

}  // namespace cimcycle
