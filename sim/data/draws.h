// SPDX-License-Identifier: Apache-2.0
// Random numbers that are a pure function of a key and a counter, the same on every machine.
//
// SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, with the
// finalizer "Mix13" of D. Stafford. Its state only counts in steps of an odd constant, so draw k is mix(key + k gamma).
#pragma once

#include <cstdint>

namespace cimcycle {

/// The finalizer: a bijection of 64-bit words in which every input bit moves every output bit.
constexpr std::uint64_t mix_bits(std::uint64_t word) {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

/// A sequence of draws. Draws are numbered, so call them in separate statements: the order in which a compiler
/// evaluates the arguments of one call is its own choice.
class Draws {
 public:
  explicit constexpr Draws(std::uint64_t key) : key_(key), counter_(key) {}
  /// The independent sequence `stream` of the same key, whatever has been drawn so far.
  constexpr Draws stream(std::uint64_t stream) const { return Draws(mix_bits(mix_bits(key_) + gamma * (stream + 1))); }

  constexpr std::uint64_t bits() { return mix_bits(counter_ += gamma); }
  /// Uniform in [0, 1): 53 bits, exact in a double.
  constexpr double unit() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  /// Uniform in [low, high).
  constexpr double between(double low, double high) { return low + (high - low) * unit(); }
  /// Uniform in 0 .. count - 1; the bias of at most count / 2^32 does not matter here.
  constexpr int below(int count) {
    return static_cast<int>(((bits() >> 32) * static_cast<std::uint64_t>(count)) >> 32);
  }
  constexpr bool chance(double probability) { return unit() < probability; }

 private:
  static constexpr std::uint64_t gamma = 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio, odd
  std::uint64_t key_;
  std::uint64_t counter_;
};

}  // namespace cimcycle
