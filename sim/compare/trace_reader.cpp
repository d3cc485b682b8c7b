// SPDX-License-Identifier: Apache-2.0
#include "compare/trace_reader.h"

#include <cmath>

#include "base/error.h"
#include "base/json_object.h"
#include "base/parallel.h"
#include "base/text.h"
#include "compare/csv_cursor.h"
#include "compare/trace_arguments.h"
#include "compare/trace_files.h"
#include "compare/trace_writer.h"
#include "network/limits.h"

namespace cimcycle {
namespace {

/// height, width, channels, kernel height, kernel width, filters, followed by pooling, stride
constexpr std::int64_t network_columns = 8;

/// One row of the network CSV per layer.
std::vector<NeurosimLayer> read_layers(const TraceFile& file, const TraceArguments& arguments) {
  CsvCursor cursor(file.text, file.shown);
  std::vector<NeurosimLayer> layers;
  while (!cursor.at_end()) {
    if (layers.size() == arguments.layers.size()) {
      cursor.fail(fmt::format("more layers than the {} whose files the argument line names", layers.size()));
    }
    NeurosimLayer& layer = layers.emplace_back();
    layer.name = fmt::format("layer{}", layers.size());
    std::int64_t column = 0;
    const auto side = [&](std::int64_t min, std::int64_t max) {
      const std::int64_t value = cursor.integer(min, max);
      cursor.step(++column, network_columns);
      return static_cast<int>(value);
    };
    layer.input_height = side(1, limits::side);
    layer.input_width = side(1, limits::side);
    layer.channels = side(1, limits::side);
    layer.kernel_height = side(1, limits::side);
    layer.kernel_width = side(1, limits::side);
    layer.filters = side(1, limits::side);
    layer.pooled = side(0, 1) == 1;
    layer.stride = side(1, limits::side);
    if (layer.rows() * layer.filters > limits::weights) {
      fail_input("{}: row {}: {} x {} weights, expected at most {}", file.shown, layers.size(), layer.rows(),
                 layer.filters, limits::weights);
    }
  }
  if (layers.size() != arguments.layers.size()) {
    fail_input("{}: holds {} layers, but the argument line names files of {}", file.shown, layers.size(),
               arguments.layers.size());
  }
  return layers;
}

/// A table of known size needs two characters per value at least. Throws before memory for it is asked for.
void check_bytes(const TraceFile& file, std::int64_t rows, std::int64_t columns) {
  const auto bytes = static_cast<std::int64_t>(file.text.size());
  if (rows > (bytes + 1) / 2 / columns) {
    fail_input("{}: {} bytes are too few for {} rows of {} values", file.shown, bytes, rows, columns);
  }
}

[[noreturn]] void fail_rows(const TraceFile& file, std::int64_t found, const NeurosimLayer& layer) {
  fail_input("{}: ends after {} rows, expected {} ({} channels x {} x {})", file.shown, found, layer.rows(),
             layer.channels, layer.kernel_height, layer.kernel_width);
}

void check_end(CsvCursor& cursor, const NeurosimLayer& layer) {
  if (cursor.at_end()) return;
  cursor.fail(fmt::format("more rows than {} ({} channels x {} x {})", layer.rows(), layer.channels,
                          layer.kernel_height, layer.kernel_width));
}

/// A weight in [-1, 1) becomes the code that NeuroSim stores: floor(2^bits (w + 1) / 2 + 1/2), less half of the range.
void read_weights(const TraceFile& file, int bits, NeurosimLayer& layer) {
  check_bytes(file, layer.rows(), layer.filters);
  CsvCursor cursor(file.text, file.shown);
  const double half = std::ldexp(1.0, bits - 1);
  layer.weights.resize(static_cast<std::size_t>(layer.rows() * layer.filters));
  std::int16_t* weight = layer.weights.data();
  for (std::int64_t row = 0; row < layer.rows(); ++row) {
    if (cursor.at_end()) fail_rows(file, row, layer);
    for (std::int64_t column = 1; column <= layer.filters; ++column) {
      const double value = cursor.number();
      const double code = std::floor(half * (value + 1) + 0.5) - half;
      if (!(code >= -half && code < half)) {
        cursor.fail(fmt::format("weight {} has no code of {} bits; expected -1 to {}", value, bits, 1 - 1 / half));
      }
      *weight++ = static_cast<std::int16_t>(code);
      cursor.step(column, layer.filters);
    }
  }
  check_end(cursor, layer);
}

void read_inputs(const TraceFile& file, int bits, NeurosimLayer& layer) {
  CsvCursor cursor(file.text, file.shown);
  if (cursor.at_end()) fail_rows(file, 0, layer);
  InputPlanes& input = layer.input;
  input.rows = static_cast<int>(layer.rows());
  input.columns = cursor.values_in_row();
  if (input.columns % bits != 0) {
    fail_input("{}: row 1: found {} values, expected a multiple of the {} input bits", file.shown, input.columns, bits);
  }
  check_bytes(file, input.rows, input.columns);
  const auto stride = static_cast<std::size_t>(input.stride());
  input.words.assign(static_cast<std::size_t>(input.columns) * stride, 0);
  for (int row = 0; row < input.rows; ++row) {
    if (cursor.at_end()) fail_rows(file, row, layer);
    std::uint64_t* word = input.words.data() + row / 64;
    if (const char* const bits_of_row = cursor.plain_bits(input.columns)) {
      for (std::int64_t column = 0; column < input.columns; ++column, word += stride) {
        *word |= std::uint64_t{bits_of_row[2 * column] == '1'} << (row % 64);
      }
      continue;
    }
    for (std::int64_t column = 1; column <= input.columns; ++column) {
      *word |= std::uint64_t{cursor.bit()} << (row % 64);
      word += stride;
      cursor.step(column, input.columns);
    }
  }
  check_end(cursor, layer);
}

/// What the file trace.json adds: encoding of the inputs, names of the layers.
void apply_notes(const TraceFile& file, TraceRecord& record) {
  const nlohmann::json root = parse_json(file.text, file.shown);
  JsonObject object(root, file.shown);
  object.word("format", trace_notes_formats);
  record.signed_inputs = object.word("input_encoding", input_encoding_words) == 1;
  const auto names = object.array("layers", limits::layers);
  if (names.size() != record.trace.layers.size()) {
    object.fail("layers", fmt::format("found {} names, expected {}", names.size(), record.trace.layers.size()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i]->is_string()) object.fail("layers", fmt::format("found {}, expected names", shown_value(*names[i])));
    record.trace.layers[i].name = names[i]->get<std::string>();
  }
  object.finish();
}

}  // namespace

bool is_neurosim_trace(const std::filesystem::path& place) { return looks_like_trace(place); }

TraceRecord read_neurosim_trace(const std::filesystem::path& place, int threads) {
  const TraceFiles files(place);
  const TraceArguments arguments = parse_trace_arguments(files.arguments());
  TraceRecord record;
  NeurosimTrace& trace = record.trace;
  trace.name = files.name();
  trace.weight_bits = arguments.weight_bits;
  trace.input_bits = arguments.input_bits;
  trace.layers = read_layers(files.read(arguments.network), arguments);
  const auto tables = static_cast<std::int64_t>(2 * trace.layers.size());
  parallel_for(tables, threads, [&](std::int64_t table, int) {
    const auto index = static_cast<std::size_t>(table / 2);
    NeurosimLayer& layer = trace.layers[index];
    const TraceArguments::LayerFiles& names = arguments.layers[index];
    if (table % 2 == 0) {
      read_weights(files.read(names.weights), trace.weight_bits, layer);
    } else {
      read_inputs(files.read(names.inputs), trace.input_bits, layer);
    }
  });
  if (const auto notes = files.beside(std::string(trace_notes_name))) apply_notes(*notes, record);
  check_trace(trace);
  return record;
}

}  // namespace cimcycle
