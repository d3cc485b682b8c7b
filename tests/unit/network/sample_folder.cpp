// SPDX-License-Identifier: Apache-2.0
#include "sample_folder.h"

namespace cimcycle::test {

namespace {

constexpr const char* sample_json = R"({
  "format": "cimcycle-network-1",
  "name": "sample",
  "image": {"channels": 2, "height": 4, "width": 4},
  "pad_value": [3, 250],
  "input_encoding": "unsigned",
  "dataset": "synthetic",
  "float_top1": 0.5,
  "provenance": {"training": "by hand", "seeds": [1, 2]},
  "layers": [
    {"name": "stem", "kind": "conv", "input": "image", "shape": [2, 4, 4], "kernel": [3, 3], "stride": 1, "padding": 1,
     "bits": {"input": 8, "output": 4}, "output": "unsigned", "digital": {"n": 10},
     "dec3": {"hb": 4, "lb": 4, "gate": "max", "threshold": 25, "adc_step_msb": 2, "adc_step_lsb": 3}},
    {"name": "down", "kind": "conv", "input": "stem", "shape": [4, 2, 2], "kernel": [1, 1], "stride": 2, "padding": 0,
     "groups": 1, "bits": {"input": 4}, "output": "accumulator", "dec3": {"hb": 8, "lb": 0}},
    {"name": "pre", "kind": "conv", "input": "stem", "shape": [4, 2, 2], "kernel": [2, 2], "stride": 2, "padding": 0,
     "bits": {"input": 4, "output": 5}, "output": "signed", "digital": {"n": 6},
     "dec3": {"hb": 2, "lb": 2, "split": "floor", "gate": "none"}},
    {"name": "join", "kind": "conv", "input": "stem", "shape": [4, 2, 2], "kernel": [2, 2], "stride": 2, "padding": 0,
     "bits": {"input": 4, "output": 8}, "output": "unsigned", "digital": {"n": 62},
     "residual": {"source": "pre", "kind": "identity"}, "dec3": {"hb": 7, "lb": 0, "gate": "digits", "digits": {"high": 3, "thresholds": [0, -7, 2147483647, -2147483648]}}},
    {"name": "body", "kind": "conv", "input": "join", "shape": [4, 2, 2], "kernel": [3, 3], "stride": 1, "padding": 1,
     "bits": {"input": 8, "output": 8}, "output": "unsigned", "digital": {"n": 0},
     "residual": {"source": "down", "kind": "projection"},
     "dec3": {"hb": 2, "lb": 0, "gate": "mean", "granularity": "output_block", "threshold_per": "output_block",
              "threshold": [3, null]}},
    {"name": "peak", "kind": "max_pool", "input": "body", "shape": [4, 1, 1], "kernel": [2, 2], "stride": 1,
     "padding": 0, "bits": {"input": 8, "output": 8}, "output": "unsigned"},
    {"name": "mix", "kind": "conv", "input": "peak", "shape": [4, 1, 1], "kernel": [1, 1], "stride": 1, "padding": 0,
     "bits": {"input": 8, "output": 1}, "output": "unsigned", "digital": {"n": 3},
     "residual": {"source": "peak", "kind": "identity"}, "dec3": {"hb": 1, "lb": 1}},
    {"name": "wide", "kind": "conv", "input": "mix", "shape": [6, 1, 1], "kernel": [1, 1], "stride": 1, "padding": 0,
     "bits": {"input": 1, "output": 8}, "output": "unsigned", "digital": {"n": 3},
     "residual": {"source": "body", "kind": "option_a", "stride": 2, "pad_front": 1, "pad_back": 1},
     "dec3": {"hb": 1, "lb": 0, "gate": "max", "granularity": "output", "threshold_per": "output",
              "threshold": [0, 1, null, 3, 4, 2147483647]}},
    {"name": "mean", "kind": "average_pool", "input": "wide", "shape": [6, 1, 1], "kernel": "global",
     "bits": {"input": 8, "output": 8}, "output": "unsigned", "digital": {"n": 3}},
    {"name": "fc", "kind": "linear", "input": "mean", "shape": [3, 1, 1],
     "bits": {"input": 8}, "output": "logits", "digital": {"n": 0}, "dec3": {"hb": 4, "lb": 2}}
  ]
})";

void add_layer(FolderParts& parts, const std::string& name, std::int64_t outputs, std::int64_t rows,
               const std::vector<std::int64_t>& pattern) {
  std::vector<std::int64_t> weights;
  for (std::int64_t i = 0; i < outputs * rows; ++i)
    weights.push_back(pattern[static_cast<std::size_t>(i) % pattern.size()]);
  parts.tensors[name + ".weight"] = raw_tensor("I8", 8, {outputs, rows}, weights);
}

void add_digital(FolderParts& parts, const std::string& name, std::int64_t outputs) {
  std::vector<std::int64_t> m, c;
  for (std::int64_t i = 0; i < outputs; ++i) {
    m.push_back(100 + i);
    c.push_back(i % 2 == 0 ? -5'000'000'000 - i : i);
  }
  parts.tensors[name + ".m"] = raw_tensor("I32", 32, {outputs}, m);
  parts.tensors[name + ".c"] = raw_tensor("I64", 64, {outputs}, c);
}

}  // namespace

RawTensor raw_tensor(const std::string& dtype, int bits, std::vector<std::int64_t> shape,
                     const std::vector<std::int64_t>& values) {
  RawTensor tensor{dtype, std::move(shape), {}};
  for (const std::int64_t value : values) {
    for (int bit = 0; bit < bits; bit += 8) {
      tensor.bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> bit & 0xff));
    }
  }
  return tensor;
}

std::string safetensors_file(const std::string& header, const std::string& data) {
  std::string file;
  for (int byte = 0; byte < 8; ++byte) file.push_back(static_cast<char>(header.size() >> (8 * byte) & 0xff));
  return file + header + data;
}

std::string FolderParts::network_file() const { return network_text.empty() ? network.dump() : network_text; }

std::string FolderParts::tensors_file() const {
  if (!tensors_text.empty()) return tensors_text;
  nlohmann::json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    header[name] = {{"dtype", tensor.dtype},
                    {"shape", tensor.shape},
                    {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
    data += tensor.bytes;
  }
  return safetensors_file(header.dump(), data);
}

FolderParts sample_folder() {
  FolderParts parts;
  parts.network = nlohmann::json::parse(sample_json);
  add_layer(parts, "stem", 2, 18, {-128, 119, 0, 7, -8});
  // Two rows of four outputs, of which the first two lie in a group that is not stored.
  parts.tensors["down.weight_packed"] = raw_tensor("U8", 8, {4}, {0x7f, 0x05, 0x80, 0x7f});
  parts.tensors["down.kept_groups"] = raw_tensor("U8", 8, {1}, {2});
  parts.tensors["down.group_shape"] = raw_tensor("I32", 32, {2}, {2, 2});
  add_layer(parts, "pre", 4, 8, {-8, 7, 1});
  add_layer(parts, "join", 4, 8, {-64, 63, -1});
  add_layer(parts, "body", 4, 36, {-2, 1, 0, -1});
  // -2, 1, 0, -1 over and over, two bits each from the lowest bit on.
  parts.tensors["mix.weight_packed"] = raw_tensor("U8", 8, {4}, {0xc6, 0xc6, 0xc6, 0xc6});
  add_layer(parts, "wide", 6, 4, {1, -1, -1});
  add_layer(parts, "fc", 3, 6, {-32, 29, 2});
  for (const auto& [name, outputs] : std::map<std::string, std::int64_t>{
           {"stem", 2}, {"pre", 4}, {"join", 4}, {"body", 4}, {"mix", 4}, {"wide", 6}, {"mean", 6}, {"fc", 3}}) {
    add_digital(parts, name, outputs);
  }
  parts.tensors["join.r"] = raw_tensor("I32", 32, {1}, {-7});
  parts.tensors["body.r"] = raw_tensor("I32", 32, {4}, {1, -2, 3, 2147483647});
  parts.tensors["mix.r"] = raw_tensor("I32", 32, {1}, {1});
  parts.tensors["wide.r"] = raw_tensor("I32", 32, {6}, {1, 2, 3, 4, 5, 6});
  parts.tensors["body.removed_groups"] = raw_tensor("U8", 8, {3}, {0, 1, 0});
  return parts;
}

}  // namespace cimcycle::test
