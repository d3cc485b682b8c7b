// SPDX-License-Identifier: Apache-2.0
#include "small_trace.h"

#include <random>

#include "base/error.h"
#include "base/files.h"

namespace cimcycle::test {

namespace {

NeurosimLayer layer(int side, int channels, int kernel, int filters, int stride, int input_bits) {
  NeurosimLayer result;
  result.input_height = result.input_width = side;
  result.channels = channels;
  result.kernel_height = result.kernel_width = kernel;
  result.filters = filters;
  result.stride = stride;
  result.weights.assign(static_cast<std::size_t>(result.rows() * filters), 0);
  result.input.rows = static_cast<int>(result.rows());
  result.input.columns = valid_vectors(result) * input_bits;
  result.input.words.assign(static_cast<std::size_t>(result.input.columns * result.input.stride()), 0);
  return result;
}

}  // namespace

NeurosimTrace empty_resnet20(int weight_bits) {
  NeurosimTrace trace{.name = "resnet20", .weight_bits = weight_bits, .input_bits = 8, .layers = {}};
  trace.layers.push_back(layer(32, 3, 3, 16, 1, 8));
  for (int i = 0; i < 6; ++i) trace.layers.push_back(layer(32, 16, 3, 16, 1, 8));
  trace.layers.push_back(layer(32, 16, 3, 32, 2, 8));
  for (int i = 0; i < 5; ++i) trace.layers.push_back(layer(16, 32, 3, 32, 1, 8));
  trace.layers.push_back(layer(16, 32, 3, 64, 2, 8));
  for (int i = 0; i < 5; ++i) trace.layers.push_back(layer(8, 64, 3, 64, 1, 8));
  trace.layers.push_back(layer(1, 64, 1, 10, 1, 8));
  return trace;
}

NeurosimTrace random_layer(int side, int channels, int kernel, int filters, unsigned seed) {
  std::mt19937_64 random(seed);
  NeurosimTrace trace{.name = "random", .weight_bits = 8, .input_bits = 8, .layers = {}};
  NeurosimLayer only = layer(side, channels, kernel, filters, 1, 8);
  for (std::int16_t& code : only.weights) code = static_cast<std::int16_t>(static_cast<int>(random() % 256) - 128);
  for (std::int64_t column = 0; column < only.input.columns; ++column) {
    for (int row = 0; row < only.input.rows; ++row) {
      if (random() % 4 == 0)
        only.input.column(column)[static_cast<std::size_t>(row / 64)] |= std::uint64_t{1} << row % 64;
    }
  }
  trace.layers.push_back(std::move(only));
  return trace;
}

Hardware default_chip(const std::vector<std::string>& overrides) {
  return load_hardware(find_shipped("tech/chips/neurosim-1.3-default.json"), overrides);
}

std::string error_of(const Hardware& hardware, const NeurosimTrace& trace) {
  try {
    compose(hardware, trace);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace cimcycle::test
