// SPDX-License-Identifier: Apache-2.0
// Random hardware, layer and activations for comparing the product's numerics with the slow twin: odd sizes, short
// slices and digits, every cell mapping, converter, gate and row policy that the product accepts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hardware/hardware.h"
#include "network/network.h"
#include "reference_layer.h"

namespace cimcycle_reference {

/// A generator of its own, so that a seed means the same case with every standard library (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// An integer in [min, max], both included.
  int between(int min, int max);
  /// True with a chance of `percent` in 100.
  bool chance(int percent) { return between(0, 99) < percent; }
  /// One of the arguments.
  template <class T>
  T pick(const std::vector<T>& choices) {
    return choices[static_cast<std::size_t>(between(0, static_cast<int>(choices.size()) - 1))];
  }

 private:
  std::uint64_t state_;
};

struct RandomCase {
  cimcycle::Hardware hardware;
  cimcycle::Layer layer;
  bool signed_inputs = false;
  std::vector<int> pad_value;    ///< per input channel; not empty where the layer reads the image
  std::vector<int> activations;  ///< the layer's input, channel-major
  std::string text;              ///< all choices in one line, for messages of failing tests

  /// The options that fit this case.
  ReadOptions options(bool ideal = false, Gates gates = Gates::as_described) const;
};

/// The case of a seed: at most 60 rows, 20 outputs and 9 vectors. Thresholds are taken from partial sums that occur, so
/// that masks mix and equality is met. `outputs`: another number of them; 0: the seed's.
RandomCase random_case(std::uint64_t seed, int outputs = 0);

}  // namespace cimcycle_reference
