// SPDX-License-Identifier: Apache-2.0
#include "compare/param_import.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "base/json_object.h"
#include "base/text.h"
#include "compare/param_options.h"
#include "compare/param_script.h"
#include "hardware/keys.h"

namespace cimcycle {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view base_of(NeurosimVersion version) {
  return version == NeurosimVersion::v1_3 ? "neurosim-1.3-default" : "neurosim-1.4-rram";
}

/// Width of the local wires in nm, by node: what NeuroSim lays out with (docs/formats/neurosim.md).
struct WireOfNode {
  int node;
  int width_nm;
};
constexpr std::array<WireOfNode, 9> wires = {
    {{130, 175}, {90, 110}, {65, 105}, {45, 80}, {32, 56}, {22, 40}, {14, 25}, {10, 18}, {7, 18}}};

std::vector<std::string> shipped_nodes() {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(find_shipped("tech/nodes"), error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".json") names.push_back(entry->path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

/// A whole number as one, so that it can stand for an integer key.
json number_json(double value) {
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  return whole ? json(static_cast<std::int64_t>(value)) : json(value);
}

/// value x factor without the noise of a factor that is no power of two: 10e-9 x 1e9 is 10.
double scaled(double value, double factor) {
  if (factor == 1) return value;
  const double product = value * factor;
  const double rounded = std::round(product * 1e9) / 1e9;
  return std::abs(product - rounded) <= 1e-12 * std::abs(product) ? rounded : product;
}

class Importer {
 public:
  Importer(const ParamScript& script, const std::string& file) : script_(script), file_(file) {}

  ParamImport run(const std::string& name, const std::string& cell_file, std::optional<NeurosimVersion> version) {
    look_for_unknown_names();
    result_.version = version.value_or(detected_version());
    base_ = load_hardware(find_shipped("tech/chips/" + std::string(base_of(result_.version)) + ".json"));
    json_ = {{"base", base_of(result_.version)}, {"name", name}};
    for (const auto& [option, given] : script_.names) take(option, given);
    take_array();
    take_converters();
    take_node();
    write_cell(cell_file);
    check_together();
    result_.hardware_json = json_.dump(2) + "\n";
    return std::move(result_);
  }

 private:
  template <class... Args>
  [[noreturn]] void fail(int line, fmt::format_string<Args...> text, Args&&... args) const {
    fail_input("{}: line {}: {}", file_, line, fmt::format(text, std::forward<Args>(args)...));
  }

  void look_for_unknown_names() {
    std::vector<std::string_view> known;
    for (const ParamOption& option : param_options()) known.push_back(option.name);
    for (const auto& [name, given] : script_.names) {
      if (find_param_option(name) != nullptr) continue;
      const std::string hint = did_you_mean(name, known);
      if (!script_.is_program) fail(given.line, "{}: no such option{}", printable(name), hint);
      if (looks_misspelt(name, known)) fail(given.line, "{}: no such option{}", printable(name), hint);
      result_.skipped.push_back(fmt::format("{} (line {})", printable(name), given.line));
    }
  }

  /// Differs from an option in the case of its letters, or in one letter out of eight or more.
  static bool looks_misspelt(std::string_view name, std::span<const std::string_view> known) {
    const auto lower = [](std::string_view text) {
      std::string result(text);
      std::ranges::transform(result, result.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      return result;
    };
    const std::string mine = lower(name);
    return std::ranges::any_of(known, [&](std::string_view option) {
      const std::string other = lower(option);
      if (mine == other) return true;
      if (mine.size() < 8 || mine.size() + 1 < other.size() || other.size() + 1 < mine.size()) return false;
      const auto front = std::ranges::mismatch(mine, other);
      std::string_view a(front.in1, mine.end()), b(front.in2, other.end());
      if (a.size() >= b.size()) a.remove_prefix(1);
      if (b.size() > a.size()) b.remove_prefix(1);
      return a == b;
    });
  }

  NeurosimVersion detected_version() const {
    for (const auto& [name, given] : script_.names) {
      const ParamOption* const option = find_param_option(name);
      if (option != nullptr && option->v1_4_only) return NeurosimVersion::v1_4;
    }
    return NeurosimVersion::v1_3;
  }

  const ParamAssignment* given(std::string_view name) const {
    const auto found = script_.names.find(name);
    return found == script_.names.end() ? nullptr : &found->second;
  }

  double value_of(std::string_view name, const ParamAssignment& given) const {
    if (!given.value) fail(given.line, "{}: its value depends on what this file does not define", name);
    return *given.value;
  }

  /// Sets a key after the checks of the hardware description; `name` is the option that asks for it.
  void set(std::string_view path, const json& value, std::string_view name, int line) {
    const Key* const key = find_key(path);
    if (key == nullptr) throw std::logic_error("no key " + std::string(path));
    if (const auto problem = problem_of(*key, value)) fail(line, "{}: {}: {}", name, path, *problem);
    ordered_json* place = &json_;
    std::string_view rest = path;
    for (std::size_t dot; (dot = rest.find('.')) != std::string_view::npos; rest.remove_prefix(dot + 1)) {
      place = &(*place)[std::string(rest.substr(0, dot))];
    }
    (*place)[std::string(rest)] = value;
    overrides_.push_back(std::string(path) + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
  }

  void take(const std::string& name, const ParamAssignment& given) {
    const ParamOption* const option = find_param_option(name);
    if (option == nullptr || option->use == ParamUse::ignored) return;
    if (option->v1_4_only && result_.version == NeurosimVersion::v1_3) {
      fail(given.line, "{}: an option of V1.4, but the version is 1.3", name);
    }
    const double value = value_of(name, given);
    switch (option->use) {
      case ParamUse::number:
        return set(option->key, number_json(scaled(value, option->factor)), name, given.line);
      case ParamUse::flag: {
        if (value != 0 && value != 1) fail(given.line, "{}: found {}, expected true or false", name, value);
        const bool on = value == 1;
        const bool is_boolean = option->when_true.empty();
        return set(option->key, is_boolean ? json(on) : json(on ? option->when_true : option->when_false), name,
                   given.line);
      }
      case ParamUse::fixed:
        if (value != option->allowed) {
          fail(given.line, "{} = {} is not supported; {} is ({})", name, value, option->allowed, option->meaning);
        }
        return;
      case ParamUse::cell:
        cell_values_.emplace_back(option->key, value, given.line);
        return;
      case ParamUse::joint:
      case ParamUse::ignored:
        return;
    }
  }

  /// A whole number of 1 and more, or the base's.
  int count(std::string_view name, int otherwise) const {
    const ParamAssignment* const assignment = given(name);
    if (assignment == nullptr) return otherwise;
    const double value = value_of(name, *assignment);
    if (value != std::floor(value) || value < 1 || value > 1e6) {
      fail(assignment->line, "{}: found {}, expected a whole number of 1 or more", name, value);
    }
    return static_cast<int>(value);
  }
  /// The line of the first of these options that is given.
  int line_of(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      if (const ParamAssignment* const assignment = given(name)) return assignment->line;
    }
    return 0;
  }

  void take_array() {
    const int rows = count("numRowSubArray", base_.crossbar.rows);
    const int cols = count("numColSubArray", base_.crossbar.cols);
    const int muxed = count("numColMuxed", base_.crossbar.cols / base_.adc.per_crossbar);
    const int mode = count("operationmode", 2);
    const int line = line_of({"numColMuxed", "numColSubArray"});
    if (mode != 1 && mode != 2) {
      fail(line_of({"operationmode"}), "operationmode = {} is not supported; 1 (row by row) and 2 (parallel) are",
           mode);
    }
    if (cols % muxed != 0) {
      fail(line, "numColMuxed: found {}, expected a divisor of the {} columns of a crossbar", muxed, cols);
    }
    const int parallel = count("numRowParallel", rows);
    if (parallel > rows) {
      fail(line_of({"numRowParallel"}), "numRowParallel: found {}, expected 1 to the {} rows of a crossbar", parallel,
           rows);
    }
    set("crossbar.rows", rows, "numRowSubArray", line_of({"numRowSubArray"}));
    set("crossbar.cols", cols, "numColSubArray", line_of({"numColSubArray"}));
    set("ou.rows", mode == 1 ? 1 : parallel, "operationmode", line_of({"numRowParallel", "operationmode"}));
    set("ou.cols", cols / muxed, "numColMuxed", line);
    set("adc.per_crossbar", cols / muxed, "numColMuxed", line);
  }

  void take_converters() {
    const int levels = count("levelOutput", 1 << base_.adc.bits);
    if (!std::has_single_bit(static_cast<unsigned>(levels)) || levels < 2) {
      fail(line_of({"levelOutput"}), "levelOutput: found {}, expected a power of two of 2 or more", levels);
    }
    set("adc.bits", std::countr_zero(static_cast<unsigned>(levels)), "levelOutput", line_of({"levelOutput"}));
    if (given("dumcolshared") == nullptr) return;
    const int shared = count("dumcolshared", levels);
    set("neurosim.columns_per_dummy", shared == levels ? json("auto") : json(shared), "dumcolshared",
        line_of({"dumcolshared"}));
  }

  void take_node() {
    const int node = count("technode", 22);
    const int roadmap = count("deviceroadmap", 2);
    const int line = line_of({"technode", "deviceroadmap"});
    if (roadmap != 1 && roadmap != 2) {
      fail(line_of({"deviceroadmap"}), "deviceroadmap: found {}, expected 1 (HP) or 2 (LSTP)", roadmap);
    }
    const std::string name = fmt::format("{}nm-{}", node, roadmap == 1 ? "hp" : "lstp");
    const std::vector<std::string> shipped = shipped_nodes();
    if (std::ranges::find(shipped, name) == shipped.end()) {
      const std::vector<std::string_view> known(shipped.begin(), shipped.end());
      fail(line, "technode = {}, deviceroadmap = {}: there is no technology {}; there are {}", node, roadmap, name,
           join(known));
    }
    set("tech.node", name, "technode", line);
    const auto wire = std::ranges::find(wires, node, &WireOfNode::node);
    if (wire == wires.end()) return;
    check_wire("wireWidth", 1, wire->width_nm, node);
    check_wire("featuresize", 1e9, wire->width_nm, node);
  }

  void check_wire(std::string_view name, double nm_per_unit, int width_nm, int node) const {
    const ParamAssignment* const assignment = given(name);
    if (assignment == nullptr) return;
    const double found = scaled(value_of(name, *assignment), nm_per_unit);
    if (std::abs(found - width_nm) <= 1e-9 * width_nm) return;
    fail(assignment->line, "{}: {} nm is not supported at technode {}; {} nm is", name, found, node, width_nm);
  }

  void write_cell(const std::string& cell_file) {
    const fs::path shipped = find_shipped("tech/cells/" + base_.cell.model + ".json");
    json cell = read_json(shipped);
    bool changed = false;
    for (const auto& [key, value, line] : cell_values_) {
      if (cell.at(std::string(key)).get<double>() == value) continue;
      changed = true;
      cell[std::string(key)] = value;
      cell["sources"][std::string(key)] = fmt::format("{}, line {}", fs::path(file_).filename().string(), line);
    }
    if (!changed) return;
    cell["name"] = fs::path(cell_file).stem().string();
    cell["description"] = fmt::format("cell of {}; what that does not state is {}'s",
                                      fs::path(file_).filename().string(), base_.cell.model);
    result_.cell_json = cell.dump(2) + "\n";
    json_["cell"]["model"] = cell_file;
  }

  /// The rules between keys; each key alone has been checked.
  void check_together() const {
    const fs::path base = find_shipped("tech/chips/" + std::string(base_of(result_.version)) + ".json");
    try {
      load_hardware(base, overrides_);
    } catch (const InputError& error) {
      const std::string_view text = error.what();
      // The message begins with the base and all overrides, which the user did not write.
      const std::size_t last = text.rfind("--set ");
      const std::size_t colon = text.find(": ", last == std::string_view::npos ? 0 : last);
      fail_input("{}: the options do not fit each other: {}", file_,
                 colon == std::string_view::npos ? text : text.substr(colon + 2));
    }
  }

  struct CellValue {
    std::string_view key;
    double value;
    int line;
    CellValue(std::string_view k, double v, int l) : key(k), value(v), line(l) {}
  };

  const ParamScript& script_;
  const std::string& file_;
  Hardware base_;
  ordered_json json_;
  std::vector<std::string> overrides_;
  std::vector<CellValue> cell_values_;
  ParamImport result_;
};

}  // namespace

ParamImport import_neurosim_params(std::string_view text, const std::string& file, const std::string& name,
                                   const std::string& cell_file, std::optional<NeurosimVersion> version) {
  const ParamScript script = run_param_script(text, file);
  if (script.names.empty()) fail_input("{}: assigns nothing, expected lines name = value;", file);
  return Importer(script, file).run(name, cell_file, version);
}

}  // namespace cimcycle
