// SPDX-License-Identifier: Apache-2.0
#include "compare/trace_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include <nlohmann/json.hpp>

namespace cimcycle {
namespace {

std::string network_csv(const NeurosimTrace& trace) {
  std::string text;
  for (const NeurosimLayer& layer : trace.layers) {
    text += fmt::format("{},{},{},{},{},{},{},{}\n", layer.input_height, layer.input_width, layer.channels,
                        layer.kernel_height, layer.kernel_width, layer.filters, layer.pooled ? 1 : 0, layer.stride);
  }
  return text;
}

/// The text of every code that `bits` bits hold, from the smallest. Five decimals tell codes of 16 bits apart.
std::vector<std::string> code_texts(int bits) {
  const int half = 1 << (bits - 1);
  std::vector<std::string> texts;
  for (int code = -half; code < half; ++code) texts.push_back(fmt::format("{:10.5f}", double(code) / half));
  return texts;
}

std::string weights_csv(const NeurosimLayer& layer, int bits, const std::vector<std::string>& texts) {
  const int half = 1 << (bits - 1);
  const auto filters = static_cast<std::size_t>(layer.filters);
  std::string text;
  text.reserve(layer.weights.size() * (texts.front().size() + 1));
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    text += texts[static_cast<std::size_t>(layer.weights[i] + half)];
    text += (i + 1) % filters == 0 ? '\n' : ',';
  }
  return text;
}

std::string inputs_csv(const InputPlanes& input) {
  std::string text;
  text.reserve(2 * static_cast<std::size_t>(input.rows) * static_cast<std::size_t>(input.columns));
  for (int row = 0; row < input.rows; ++row) {
    for (std::int64_t column = 0; column < input.columns; ++column) {
      const std::uint64_t word = input.column(column)[static_cast<std::size_t>(row / 64)];
      text += (word >> (row % 64) & 1) != 0 ? '1' : '0';
      text += column + 1 == input.columns ? '\n' : ',';
    }
  }
  return text;
}

std::string notes_json(const TraceRecord& record) {
  nlohmann::ordered_json notes = {{"format", trace_notes_formats.front()},
                                  {"input_encoding", input_encoding_words[record.signed_inputs ? 1 : 0]},
                                  {"layers", nlohmann::ordered_json::array()}};
  for (const NeurosimLayer& layer : record.trace.layers) notes["layers"].push_back(layer.name);
  return notes.dump(2) + "\n";
}

}  // namespace

std::map<std::string, std::string> neurosim_trace_files(const TraceRecord& record, const std::string& folder) {
  const NeurosimTrace& trace = record.trace;
  check_trace(trace);
  std::map<std::string, std::string> files;
  std::string arguments = fmt::format("{}/net.csv {} {}", folder, trace.weight_bits, trace.input_bits);
  const std::vector<std::string> texts = code_texts(trace.weight_bits);
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    const std::string weights = fmt::format("w{}.csv", i), inputs = fmt::format("i{}.csv", i);
    arguments += fmt::format(" {}/{} {}/{}", folder, weights, folder, inputs);
    files[weights] = weights_csv(trace.layers[i], trace.weight_bits, texts);
    files[inputs] = inputs_csv(trace.layers[i].input);
  }
  files["net.csv"] = network_csv(trace);
  files["cmd.txt"] = arguments + "\n";
  files[std::string(trace_notes_name)] = notes_json(record);
  return files;
}

}  // namespace cimcycle
