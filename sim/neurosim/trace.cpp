// SPDX-License-Identifier: Apache-2.0
// Checks of a trace.
#include "neurosim/trace.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {

namespace {

constexpr int max_bits = 16;
constexpr int max_side = 1 << 16;
constexpr std::int64_t max_cells = std::int64_t{1} << 31;

void check_range(const std::string& where, const char* what, std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value < min || value > max) fail_input("{}: {} = {}; allowed: {} to {}", where, what, value, min, max);
}

void check_sizes(const NeurosimLayer& layer, const std::string& where) {
  check_range(where, "input height", layer.input_height, 1, max_side);
  check_range(where, "input width", layer.input_width, 1, max_side);
  check_range(where, "channels", layer.channels, 1, max_side);
  check_range(where, "kernel height", layer.kernel_height, 1, layer.input_height);
  check_range(where, "kernel width", layer.kernel_width, 1, layer.input_width);
  check_range(where, "filters", layer.filters, 1, max_side);
  check_range(where, "stride", layer.stride, 1, max_side);
  check_range(where, "rows of the weight matrix", layer.rows(), 1, 1 << 20);
  check_range(where, "weights", layer.rows() * layer.filters, 1, max_cells);
}

void check_layer(const NeurosimTrace& trace, const NeurosimLayer& layer, const std::string& where) {
  check_sizes(layer, where);
  if (static_cast<std::int64_t>(layer.weights.size()) != layer.rows() * layer.filters) {
    fail_input("{}: {} weights; expected {} rows x {} filters", where, layer.weights.size(), layer.rows(),
               layer.filters);
  }
  const int half = 1 << (trace.weight_bits - 1);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const int code = layer.weights[i];
    if (code >= -half && code < half) continue;
    fail_input("{}: weight {} of row {} is {}; allowed with {} bits: {} to {}", where,
               i % static_cast<std::size_t>(layer.filters), i / static_cast<std::size_t>(layer.filters), code,
               trace.weight_bits, -half, half - 1);
  }
  const InputPlanes& input = layer.input;
  if (input.rows != layer.rows()) {
    fail_input("{}: input of {} rows; the weights have {}", where, input.rows, layer.rows());
  }
  const std::int64_t needed = valid_vectors(layer) * trace.input_bits;
  if (input.columns < needed) {
    fail_input("{}: input of {} columns; {} vectors of {} bits need {}", where, input.columns, valid_vectors(layer),
               trace.input_bits, needed);
  }
  if (input.words.size() != static_cast<std::size_t>(input.columns) * static_cast<std::size_t>(input.stride())) {
    fail_input("{}: input of {} words; {} columns of {} words need {}", where, input.words.size(), input.columns,
               input.stride(), input.columns * input.stride());
  }
}

}  // namespace

std::int64_t valid_vectors(const NeurosimLayer& layer) {
  const double high = static_cast<double>(layer.input_height - layer.kernel_height + 1) / layer.stride;
  const double wide = static_cast<double>(layer.input_width - layer.kernel_width + 1) / layer.stride;
  return static_cast<std::int64_t>(high * wide);
}

void check_trace(const NeurosimTrace& trace) {
  const std::string name = trace.name.empty() ? "trace" : printable(trace.name);
  check_range(name, "weight bits", trace.weight_bits, 1, max_bits);
  check_range(name, "input bits", trace.input_bits, 1, max_bits);
  check_range(name, "layers", static_cast<std::int64_t>(trace.layers.size()), 1, 100000);
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    check_layer(trace, trace.layers[i], fmt::format("{}: layer {}", name, i + 1));
  }
}

}  // namespace cimcycle
