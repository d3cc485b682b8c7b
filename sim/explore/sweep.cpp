// SPDX-License-Identifier: Apache-2.0
#include "explore/sweep.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/json_object.h"
#include "base/text.h"
#include "hardware/hardware.h"

namespace cimcycle {
namespace {

using nlohmann::json;

constexpr std::size_t max_axes = 64;
constexpr std::size_t max_values = 10000;
constexpr std::size_t max_constraints = 100;
constexpr std::int64_t max_points = 100000;
constexpr std::int64_t largest_count = 1000000000;
constexpr double usual_confidence = 0.9999;  // of giving up a point rightly; a sweep has thousands of them
constexpr std::array<std::string_view, 3> sampling_words = {"grid", "random", "latin_hypercube"};

std::string found_but(const json& value, std::string_view expected) {
  return fmt::format("found {}, expected {}", shown_value(value), expected);
}

/// Reads the parts of one sweep file.
class Reader {
 public:
  explicit Reader(Sweep& sweep) : sweep_(sweep), keys_(sweep_keys()) {}

  void read(JsonObject root) {
    if (root.text("format") != "cimcycle-sweep-1") root.fail("format", "expected \"cimcycle-sweep-1\"");
    sweep_.name = root.text_or("name", "");
    sweep_.hardware = root.text("hardware");
    sweep_.network = root.text_or("network", "");
    sweep_.dataset = root.text_or("dataset", "");
    sweep_.images = root.integer_or("images", 0, 1, largest_count);
    if (root.has("timed_images")) sweep_.timed_images = root.integer("timed_images", 1, largest_count);
    sweep_.reference_images = root.integer_or("reference_images", 0, 0, largest_count);
    sweep_.seed = static_cast<std::uint64_t>(root.integer_or("seed", 0, 0, std::numeric_limits<std::int64_t>::max()));
    read_set(root);
    read_sampling(root);
    read_axes(root);
    read_recalibration(root);
    read_early_stop(root);
    read_constraints(root);
    root.finish();
    if (sweep_.network.empty() && !used_.contains(network_key)) {
      root.fail("network", "missing, expected a network folder here or an axis \"network\"");
    }
  }

 private:
  void check_key(const JsonObject& object, const std::string& key) {
    if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) {
      const std::vector<std::string_view> known(keys_.begin(), keys_.end());
      const std::string hint = did_you_mean(key, known);
      object.fail(key, "unknown key" + (hint.empty() ? "; known: hardware keys (docs/formats/hardware.md), network, "
                                                       "network.threshold_scale, network.skip"
                                                     : hint));
    }
    if (!used_.insert(key).second) object.fail(key, "is given twice");
  }

  static void check_value(const JsonObject& object, const std::string& key, const json& value) {
    const bool list_of_integers =
        value.is_array() && !value.empty() &&
        std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_number_integer(); });
    if (value.is_object() || (value.is_array() && !list_of_integers)) {
      object.fail(key, found_but(value, "a number, text, true, false, null or integers"));
    }
    if (key == network_key && !value.is_string()) {
      object.fail(key, found_but(value, "the name of a network folder"));
    }
    const bool factor = key == threshold_scale_key, share = key == skip_key;
    constexpr double largest_factor = 1e6;
    if ((factor || share) &&
        !(value.is_number() && value.get<double>() >= 0 && value.get<double>() <= (share ? 1.0 : largest_factor))) {
      object.fail(key, found_but(value, share ? "a number 0 to 1" : "a number 0 to 1000000"));
    }
  }

  void read_set(JsonObject& root) {
    const json* const set = root.any("set");
    if (set == nullptr) return;
    if (!set->is_object()) root.fail("set", found_but(*set, "an object"));
    const JsonObject object(*set, root.file(), root.path_of("set"));
    for (const auto& [key, value] : set->items()) {
      check_key(object, key);
      check_value(object, key, value);
      if (key == network_key) object.fail(key, "stands at the top of the file, not in set");
      sweep_.set.emplace_back(key, value);
    }
  }

  void read_sampling(JsonObject& root) {
    auto sampling = root.optional_object("sampling");
    if (!sampling) return;
    sweep_.sampling.kind = static_cast<SamplingKind>(sampling->word("kind", sampling_words));
    if (sweep_.sampling.kind != SamplingKind::grid) {
      sweep_.sampling.points = sampling->integer("points", 1, max_points);
      sweep_.sampling.seed =
          static_cast<std::uint64_t>(sampling->integer_or("seed", 0, 0, std::numeric_limits<std::int64_t>::max()));
    }
    sampling->finish();
  }

  void read_axes(JsonObject& root) {
    if (!root.has("axes")) return;
    const auto axes = root.array("axes", max_axes);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const JsonObject object(*axes[i], root.file(), fmt::format("axes[{}]", i));
      if (axes[i]->empty()) object.fail("", "found no key, expected {\"KEY\": [values]}");
      SweepAxis axis;
      std::vector<std::vector<json>> columns;
      for (const auto& [key, value] : axes[i]->items()) {
        check_key(object, key);
        axis.keys.push_back(key);
        columns.push_back(values_of(object, key, value, axis));
        if (axes[i]->size() > 1 && axis.interval) object.fail(key, "a zipped key needs a list or steps");
        if (columns.back().size() != columns.front().size()) {
          object.fail(key, fmt::format("found {} values, but {} has {}; zipped keys need equally many",
                                       columns.back().size(), axis.keys.front(), columns.front().size()));
        }
      }
      for (std::size_t v = 0; v < columns.front().size(); ++v) {
        std::vector<json> row;
        for (const auto& column : columns) row.push_back(column[v]);
        axis.values.push_back(std::move(row));
      }
      sweep_.axes.push_back(std::move(axis));
    }
  }

  std::vector<json> values_of(const JsonObject& axis_object, const std::string& key, const json& value,
                              SweepAxis& axis) {
    if (value.is_object()) return range_of(JsonObject(value, axis_object.file(), axis_object.path_of(key)), axis);
    if (!value.is_array() || value.empty() || value.size() > max_values) {
      axis_object.fail(
          key, fmt::format("found {}, expected a list of 1 to {} values or {{\"from\", \"to\", \"step\"}}",
                           value.is_array() ? fmt::format("{} values", value.size()) : shown_value(value), max_values));
    }
    for (const json& item : value) check_value(axis_object, key, item);
    return value.get<std::vector<json>>();
  }

  std::vector<json> range_of(JsonObject range, SweepAxis& axis) const {
    constexpr double largest = 1e12;
    const double from = range.number("from", -largest, largest);
    const double to = range.number("to", from, largest);
    const bool steps = range.has("step"), factors = range.has("times");
    if (steps && factors) range.fail("", "step and times exclude each other");
    const auto is_whole = [](double value) { return value == std::floor(value); };
    std::vector<json> values;
    if (!steps && !factors) {
      if (sweep_.sampling.kind == SamplingKind::grid) range.fail("", "a grid needs \"step\" or \"times\"");
      axis.interval = SweepInterval{from, to, is_whole(from) && is_whole(to)};
      range.finish();
      return values;
    }
    const double step = steps ? range.number("step", 1e-9, largest) : range.number("times", 1 + 1e-6, largest);
    range.finish();
    if (factors && from <= 0) range.fail("from", "must be above 0 with \"times\"");
    const bool whole = is_whole(from) && is_whole(step);
    // Each value from its index, so that rounding does not add up; a little beyond `to` is still meant.
    for (std::size_t i = 0;; ++i) {
      const double value = steps ? from + static_cast<double>(i) * step : from * std::pow(step, static_cast<double>(i));
      if (value > to + 1e-9 * std::max(1.0, std::abs(to))) break;
      if (values.size() == max_values) range.fail("", fmt::format("has more than {} values", max_values));
      values.push_back(whole ? json(static_cast<std::int64_t>(std::llround(value))) : json(value));
    }
    return values;
  }

  void read_recalibration(JsonObject& root) {
    const json* const value = root.any("recalibrate");
    if (value == nullptr) return;
    if (value->is_boolean()) {
      sweep_.recalibration.on = value->get<bool>();
      return;
    }
    if (!value->is_object()) {
      root.fail("recalibrate", found_but(*value, "true, false or an object"));
    }
    JsonObject object(*value, root.file(), "recalibrate");
    if (object.has("images")) sweep_.recalibration.images = object.integer("images", 1, largest_count);
    if (object.has("skip")) sweep_.recalibration.skip = object.number("skip", 0, 1);
    if (object.has("accuracy_loss_points")) {
      sweep_.recalibration.accuracy_loss_points = object.number("accuracy_loss_points", 0, 100);
    }
    object.finish();
    if (sweep_.recalibration.skip && sweep_.recalibration.accuracy_loss_points) {
      object.fail("skip", "and accuracy_loss_points exclude each other; give one");
    }
  }

  void read_early_stop(JsonObject& root) {
    auto object = root.optional_object("early_stop");
    if (!object) return;
    constexpr std::int64_t fewest = 16;  // for means of so many, Student's bound holds well enough
    constexpr double least_confidence = 0.9, most_confidence = 1 - 1e-9;
    sweep_.early_stop = EarlyStop{
        object->integer("images", fewest, largest_count),
        object->has("confidence") ? object->number("confidence", least_confidence, most_confidence) : usual_confidence};
    object->finish();
    if (sweep_.images > 0 && sweep_.early_stop->images >= sweep_.images) {
      object->fail("images",
                   fmt::format("found {}, but a point has only {} images", sweep_.early_stop->images, sweep_.images));
    }
  }

  void read_constraints(JsonObject& root) {
    if (!root.has("constraints")) return;
    const auto texts = root.array("constraints", max_constraints);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string where = fmt::format("constraints[{}]", i);
      if (!texts[i]->is_string()) root.fail(where, found_but(*texts[i], "a text"));
      sweep_.constraints.emplace_back(texts[i]->get<std::string>(), sweep_.file + ": " + where, keys_);
    }
  }

  Sweep& sweep_;
  std::vector<std::string> keys_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace

std::vector<std::string> sweep_keys() {
  std::vector<std::string> keys;
  for (const KeyDoc& doc : hardware_keys()) keys.push_back(doc.path);
  keys.emplace_back(network_key);
  keys.emplace_back(threshold_scale_key);
  keys.emplace_back(skip_key);
  return keys;
}

Sweep load_sweep(const std::filesystem::path& file) {
  return parse_sweep(read_json(file), file.string(), file.parent_path());
}

Sweep parse_sweep(const json& content, const std::string& file, const std::filesystem::path& folder) {
  Sweep sweep;
  sweep.file = printable(file);
  sweep.folder = folder;
  if (!content.is_object()) fail_input("{}: found {}, expected an object", sweep.file, shown_value(content));
  Reader(sweep).read(JsonObject(content, sweep.file));
  return sweep;
}

json flat_keys(const json& description) {
  json keys = json::object();
  for (const auto& [name, value] : description.items()) {
    if (!value.is_object()) {
      keys[name] = value;
      continue;
    }
    const json part = flat_keys(value);
    for (const auto& [leaf, inner] : part.items()) keys[name + "." + leaf] = inner;
  }
  return keys;
}

std::string override_text(const std::string& key, const json& value) {
  if (value.is_string()) return key + "=" + value.get<std::string>();
  if (!value.is_array()) return key + "=" + value.dump();
  std::string list;
  for (const json& item : value) {
    if (!list.empty()) list += ',';
    list += item.dump();
  }
  return key + "=" + list;
}

}  // namespace cimcycle
