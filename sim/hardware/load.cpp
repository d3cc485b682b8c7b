// SPDX-License-Identifier: Apache-2.0
// Hardware files: the chain of bases, the overrides of --set, and from there to plain structs.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/json_object.h"
#include "base/text.h"
#include "hardware/keys.h"

namespace cimcycle {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t max_bases = 8;

struct ChipFile {
  fs::path path;
  std::string shown;  ///< in messages
  json content;
};

/// One value per row of the key table, as far as given.
using Values = std::vector<std::optional<json>>;

std::string shown(const fs::path& path) { return printable(path.string()); }

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// The same for all ways to name a file; absolute if the system can tell.
fs::path identity(const fs::path& path) {
  std::error_code error;
  fs::path result = fs::weakly_canonical(path, error);
  return error ? path : result;
}

std::vector<std::string> shipped_chips() {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(find_shipped("tech/chips"), error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".json") names.push_back(entry->path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::optional<fs::path> shipped_chip(const std::string& name) {
  const fs::path shipped = find_shipped(fs::path("tech/chips") / (name + ".json"));
  return is_file(shipped) ? std::optional(shipped) : std::nullopt;
}

/// For messages: the shipped chip whose name is near, or all of them.
std::string near_chips(const std::string& name) {
  const std::vector<std::string> names = shipped_chips();
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string hint = did_you_mean(name, known);
  return hint.empty() ? ": " + join(known) : hint;
}

// The file that `base` names in the file `from`.
fs::path find_base(const std::string& base, const ChipFile& from) {
  const fs::path beside = (from.path.parent_path() / base).lexically_normal();
  if (is_file(beside)) return beside;
  if (const auto shipped = shipped_chip(base)) return *shipped;
  fail_input("{}: base: found \"{}\", expected a file beside this one or a shipped chip{}", from.shown, printable(base),
             near_chips(base));
}

std::optional<std::string> base_of(const ChipFile& file) {
  const auto base = file.content.find("base");
  if (base == file.content.end()) return std::nullopt;
  // find_shipped and the file system take any text; an empty one would name the folder.
  if (!base->is_string() || base->get_ref<const std::string&>().empty()) {
    fail_input("{}: base: found {}, expected the name of a hardware file", file.shown, shown_value(*base));
  }
  return base->get<std::string>();
}

ChipFile read_chip_file(const fs::path& path) {
  ChipFile file{path, shown(path), read_json(path)};
  if (!file.content.is_object()) {
    fail_input("{}: found {}, expected an object", file.shown, shown_value(file.content));
  }
  return file;
}

// The file and its bases, the file first.
std::vector<ChipFile> read_chain(const fs::path& path) {
  std::vector<ChipFile> chain;
  chain.push_back(read_chip_file(path));
  while (const std::optional<std::string> base = base_of(chain.back())) {
    const fs::path next = find_base(*base, chain.back());
    const fs::path next_identity = identity(next);
    const bool known =
        std::ranges::any_of(chain, [&](const ChipFile& file) { return identity(file.path) == next_identity; });
    if (known) {
      std::string way;
      for (const ChipFile& file : chain) way += file.path.filename().string() + " -> ";
      fail_input(
          "{}: base: found \"{}\", which leads in a circle ({}); allowed: a file that does not inherit from this one",
          chain.back().shown, printable(*base), printable(way + next.filename().string()));
    }
    if (chain.size() > max_bases) {
      fail_input("{}: base: found \"{}\", the base number {}; allowed: at most {} bases in a row", chain.back().shown,
                 printable(*base), chain.size(), max_bases);
    }
    chain.push_back(read_chip_file(next));
  }
  return chain;
}

[[noreturn]] void fail_unknown_key(const std::string& where, std::string_view path,
                                   std::span<const std::string_view> known) {
  const std::string hint = did_you_mean(path, known);
  fail_input("{}: unknown key{}", where, hint.empty() ? "; known here: " + join(known) : hint);
}

// A path in a hardware file is relative to that file, and afterwards nobody knows the file. What is not there is left
// as it stands: it may be a shipped one, and who opens it says what is missing.
json resolved(const Key& key, json value, const fs::path& folder) {
  if (key.type != KeyType::file || !value.get_ref<const std::string&>().ends_with(".json")) return value;
  const fs::path beside = folder / value.get<std::string>();
  return is_file(beside) ? json(identity(beside).string()) : value;
}

void set_value(Values& values, const Key& key, json value, const std::string& where, const fs::path& folder) {
  if (const auto problem = problem_of(key, value)) fail_input("{}: {}", where, *problem);
  values[static_cast<std::size_t>(&key - key_table().data())] = resolved(key, std::move(value), folder);
}

bool is_group(std::string_view name) { return std::ranges::find(key_groups(), name) != key_groups().end(); }

/// The keys of a group and the groups in it.
std::vector<std::string_view> keys_of_group(std::string_view group) {
  std::vector<std::string_view> paths;
  for (const Key& key : key_table()) {
    if (key.group() == group) paths.push_back(key.path);
  }
  for (const std::string_view inner : key_groups()) {
    const std::size_t dot = inner.rfind('.');
    if ((dot == std::string_view::npos ? std::string_view{} : inner.substr(0, dot)) == group) paths.push_back(inner);
  }
  return paths;
}

/// The groups that stand at the root.
std::vector<std::string_view> sections() {
  std::vector<std::string_view> names;
  for (const std::string_view group : key_groups()) {
    if (group.find('.') == std::string_view::npos) names.push_back(group);
  }
  return names;
}

// What may stand at the root of a file.
std::vector<std::string_view> root_keys() {
  std::vector<std::string_view> keys = keys_of_group("");
  keys.insert(keys.begin(), "base");
  return keys;
}

void take_group(Values& values, const ChipFile& file, const std::string& group, const json& content) {
  if (!content.is_object()) {
    fail_input("{}: {}: found {}, expected an object with {}", file.shown, group, shown_value(content),
               join(keys_of_group(group)));
  }
  for (const auto& [leaf, value] : content.items()) {
    const std::string path = group + "." + leaf;
    if (is_group(path)) {
      take_group(values, file, path, value);
      continue;
    }
    const Key* const key = find_key(path);
    if (key == nullptr || key->group() != group) {
      fail_unknown_key(fmt::format("{}: {}", file.shown, printable(path)), path, keys_of_group(group));
    }
    set_value(values, *key, value, fmt::format("{}: {}", file.shown, path), file.path.parent_path());
  }
}

void take_file(Values& values, const ChipFile& file) {
  const std::vector<std::string_view> known = root_keys();
  for (const auto& [name, value] : file.content.items()) {
    const std::string where = fmt::format("{}: {}", file.shown, printable(name));
    const Key* const key = find_key(name);
    if (name == "base") continue;
    if (is_group(name) && name.find('.') == std::string::npos) {
      take_group(values, file, name, value);
    } else if (key == nullptr) {
      fail_unknown_key(where, name, known);
    } else if (!key->group().empty()) {
      std::string nested = fmt::format("\"{}\": ...", key->leaf());
      for (std::string_view group = key->group(); !group.empty();) {
        const std::size_t dot = group.rfind('.');
        nested = fmt::format("\"{}\": {{{}}}", dot == std::string_view::npos ? group : group.substr(dot + 1), nested);
        group = dot == std::string_view::npos ? std::string_view{} : group.substr(0, dot);
      }
      fail_input("{}: unknown key; write it as {{{}}}", where, nested);
    } else {
      set_value(values, *key, value, where, file.path.parent_path());
    }
  }
}

void take_override(Values& values, const std::string& text) {
  const std::string where = "--set " + printable(text);
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) fail_input("{}: found no \"=\", expected KEY=VALUE", where);
  if (equals == 0) fail_input("{}: found no key before \"=\", expected KEY=VALUE", where);
  const std::string path = text.substr(0, equals);
  if (is_group(path)) fail_input("{}: {} holds several keys; allowed: {}", where, path, join(keys_of_group(path)));
  if (path == "base") fail_input("{}: base can only be given in a hardware file", where);
  const Key* const key = find_key(path);
  if (key == nullptr) {
    const std::string group = path.substr(0, path.find('.'));
    const std::string known = is_group(group) ? "keys: " + join(keys_of_group(group)) : "groups: " + join(sections());
    const std::string hint = did_you_mean(path, key_paths());
    fail_input("{}: unknown key{}", where, hint.empty() ? "; known " + known : hint);
  }
  set_value(values, *key, value_of_token(*key, std::string_view(text).substr(equals + 1)), where, {});
}

}  // namespace

fs::path find_hardware(const std::string& name) {
  if (name.empty()) fail_input("hardware: the name is empty, expected a file or a shipped chip{}", near_chips(name));
  const fs::path file = find_shipped(name);
  std::error_code error;
  if (fs::exists(file, error)) return file;
  if (const auto shipped = shipped_chip(name)) return *shipped;
  fail_input("{}: no such file, and no shipped chip{}", printable(name), near_chips(name));
}

Hardware load_hardware(const fs::path& file, std::span<const std::string> overrides) {
  const std::vector<ChipFile> chain = read_chain(file);
  Values values(key_table().size());
  for (auto link = chain.rbegin(); link != chain.rend(); ++link) take_file(values, *link);
  for (const std::string& text : overrides) take_override(values, text);

  const auto section_given = [&](const Key& key) {
    if (!key.optional_section) return true;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] && key_table()[i].section() == key.section()) return true;
    }
    return false;
  };
  Hardware hardware;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Key& key = key_table()[i];
    if (values[i]) {
      key.write(hardware, *values[i]);
    } else if (key.absence == Absence::never && section_given(key)) {
      fail_input("{}: {}: missing, expected {}", chain.front().shown, key.path, expected_value(key));
    }
  }
  std::string source = chain.front().shown;
  for (const std::string& text : overrides) source += " --set " + printable(text);
  check_hardware(hardware, source);
  return hardware;
}

}  // namespace cimcycle
