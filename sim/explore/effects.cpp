// SPDX-License-Identifier: Apache-2.0
#include "explore/effects.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace cimcycle {
namespace {

using nlohmann::json;

struct Sum {
  double sum = 0;
  std::int64_t count = 0;
  void add(double value) {
    sum += value;
    ++count;
  }
  double mean() const { return sum / static_cast<double>(count); }
};

json level_of(const EffectSample& sample, const std::string& key) {
  const auto found = sample.settings->find(key);
  return found == sample.settings->end() ? json() : *found;
}

std::vector<std::string> varied_keys(std::span<const EffectSample> samples) {
  std::map<std::string, std::set<json>> levels;
  for (const EffectSample& sample : samples) {
    for (const auto& [key, value] : sample.settings->items()) levels[key].insert(value);
  }
  std::vector<std::string> keys;
  for (const auto& [key, values] : levels) {
    if (values.size() > 1) keys.push_back(key);
  }
  return keys;
}

using LevelSums = std::map<json, Sum>;

LevelSums sums_by_level(std::span<const EffectSample> samples, const std::string& key) {
  LevelSums sums;
  for (const EffectSample& sample : samples) sums[level_of(sample, key)].add(sample.value);
  return sums;
}

}  // namespace

std::vector<MainEffect> main_effects(std::span<const EffectSample> samples) {
  std::vector<MainEffect> effects;
  for (const std::string& key : varied_keys(samples)) {
    MainEffect effect{key, {}, 0};
    double least = INFINITY, most = -INFINITY;
    for (const auto& [level, sum] : sums_by_level(samples, key)) {
      effect.levels.push_back({level, sum.mean(), sum.count});
      least = std::min(least, sum.mean());
      most = std::max(most, sum.mean());
    }
    effect.range = most - least;
    effects.push_back(std::move(effect));
  }
  return effects;
}

std::vector<Interaction> interactions(std::span<const EffectSample> samples) {
  std::vector<Interaction> found;
  if (samples.empty()) return found;
  Sum all;
  for (const EffectSample& sample : samples) all.add(sample.value);
  const std::vector<std::string> keys = varied_keys(samples);
  std::vector<LevelSums> singles;
  for (const std::string& key : keys) singles.push_back(sums_by_level(samples, key));
  for (std::size_t a = 0; a < keys.size(); ++a) {
    for (std::size_t b = a + 1; b < keys.size(); ++b) {
      std::map<std::pair<json, json>, Sum> cells;
      for (const EffectSample& sample : samples) {
        cells[{level_of(sample, keys[a]), level_of(sample, keys[b])}].add(sample.value);
      }
      double squares = 0;
      for (const auto& [levels, sum] : cells) {
        const double added = singles[a].at(levels.first).mean() + singles[b].at(levels.second).mean() - all.mean();
        squares += (sum.mean() - added) * (sum.mean() - added);
      }
      found.push_back({keys[a], keys[b], std::sqrt(squares / static_cast<double>(cells.size()))});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Interaction& a, const Interaction& b) { return a.strength > b.strength; });
  return found;
}

}  // namespace cimcycle
