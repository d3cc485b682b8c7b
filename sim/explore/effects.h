// SPDX-License-Identifier: Apache-2.0
// What the parameters of a sweep do to a figure: main effects and interactions of two, from means over the points.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cimcycle {

/// The settings of one point and a figure of it.
struct EffectSample {
  const nlohmann::json* settings = nullptr;  ///< {"adc.bits": 5, ...}
  double value = 0;
};

/// Mean of the figure over the points with one value of a parameter.
struct LevelMean {
  nlohmann::json level;
  double mean = 0;
  std::int64_t points = 0;
};

struct MainEffect {
  std::string key;
  std::vector<LevelMean> levels;  ///< ascending
  double range = 0;               ///< largest mean - smallest mean
};

/// How far two parameters do not simply add up: the root mean square, over their pairs of values that occur, of mean -
/// (row mean + column mean - mean of all).
struct Interaction {
  std::string first, second;
  double strength = 0;
};

/// Of every parameter that takes more than one value, in the order of their names. In a full grid the other parameters
/// cancel; in other samples they do so only on average.
std::vector<MainEffect> main_effects(std::span<const EffectSample> samples);
/// Strongest first.
std::vector<Interaction> interactions(std::span<const EffectSample> samples);

}  // namespace cimcycle
