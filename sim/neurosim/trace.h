// SPDX-License-Identifier: Apache-2.0
// A NeuroSim trace in memory: the network, its weights as integer codes, its layer inputs as bit planes. What
// DNN+NeuroSim reads from a network CSV and from one weight and one input CSV per layer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cimcycle {

/// The input of one layer: one bit plane per column of NeuroSim's input file. Column v x input_bits + b is bit b of
/// vector v, most significant bit first; with negative inputs the code is two's complement.
struct InputPlanes {
  int rows = 0;
  std::int64_t columns = 0;
  /// Column after column; row r is bit r % 64 of word r / 64, bits past the last row are 0.
  std::vector<std::uint64_t> words;

  /// Words of a column.
  int stride() const { return (rows + 63) / 64; }
  std::span<const std::uint64_t> column(std::int64_t index) const {
    return std::span(words).subspan(static_cast<std::size_t>(index) * stride(), stride());
  }
  std::span<std::uint64_t> column(std::int64_t index) {
    return std::span(words).subspan(static_cast<std::size_t>(index) * stride(), stride());
  }
};

struct NeurosimLayer {
  std::string name;
  int input_height = 0;
  int input_width = 0;
  int channels = 0;
  int kernel_height = 0;
  int kernel_width = 0;
  int filters = 0;
  int stride = 1;
  bool pooled = false;  ///< 2x2 max pooling follows
  /// Row-major, rows() x filters; row (channel, ky, kx). The file's value is code / 2^(weight_bits - 1).
  std::vector<std::int16_t> weights;
  InputPlanes input;

  std::int64_t rows() const { return std::int64_t{channels} * kernel_height * kernel_width; }
};

struct NeurosimTrace {
  std::string name;
  int weight_bits = 0;  ///< 1 to 16
  int input_bits = 0;   ///< 1 to 16
  std::vector<NeurosimLayer> layers;
};

/// Checks sizes, ranges of codes and the shapes of weights and inputs against the layers, and that each input has at
/// least the vectors that a convolution without padding takes. Throws InputError naming layer and value.
void check_trace(const NeurosimTrace& trace);

/// Output pixels of a convolution without padding as NeuroSim counts them: the product of both sides, floored once.
std::int64_t valid_vectors(const NeurosimLayer& layer);

}  // namespace cimcycle
