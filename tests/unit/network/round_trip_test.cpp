// SPDX-License-Identifier: Apache-2.0
// Networks written and read again; files written by hand and read; the form of the files.
#include <catch2/catch.hpp>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "network/network.h"
#include "random_network.h"
#include "sample_folder.h"

using namespace cimcycle;
using nlohmann::json;

namespace {

Network load_parts(const test::FolderParts& parts) {
  return parse_network(parts.network_file(), parts.tensors_file(), {});
}

Network load_files(const std::map<std::string, std::string>& files) {
  return parse_network(files.at("network.json"), files.at("weights.safetensors"), {});
}

std::uint64_t header_bytes(const std::string& file) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  return length;
}

json written_header(const Network& network) {
  const std::string file = network_files(network).at("weights.safetensors");
  return json::parse(file.substr(8, header_bytes(file)));
}

}  // namespace

TEST_CASE("what is written is read as it was") {
  std::mt19937_64 random(11);
  int gates = 0, residuals = 0, layers = 0;
  for (int i = 0; i < 400; ++i) {
    const Network network = test::random_network(random);
    Network read = load_files(network_files(network));
    REQUIRE(read.hash.size() == 16);
    read.hash.clear();
    REQUIRE(read == network);
    for (const Layer& layer : network.layers) {
      ++layers;
      gates += layer.dec3.gate != GateKind::none ? 1 : 0;
      residuals += layer.residual ? 1 : 0;
    }
  }
  CHECK(layers > 1000);
  CHECK(gates > 200);
  CHECK(residuals > 100);
}

TEST_CASE("a folder written by hand is read value by value") {
  const Network network = load_parts(test::sample_folder());
  CHECK(network.name == "sample");
  CHECK(network.image == Shape{2, 4, 4});
  CHECK(network.pad_value == std::vector<int>{3, 250});
  CHECK_FALSE(network.signed_inputs);
  CHECK(network.dataset == "synthetic");
  CHECK(network.float_top1 == 0.5);
  CHECK(network.provenance == R"({"seeds":[1,2],"training":"by hand"})");
  REQUIRE(network.layers.size() == 10);

  const Layer& stem = network.layers[0];
  CHECK(stem.input == image_input);
  CHECK(stem.in == Shape{2, 4, 4});
  CHECK(stem.out == Shape{2, 4, 4});
  CHECK(stem.output_bits == 4);
  CHECK(stem.rows() == 18);
  CHECK(stem.vectors() == 16);
  CHECK(stem.macs() == 576);
  CHECK(stem.weights[0] == -128);
  CHECK(stem.weights[1] == 119);
  CHECK(stem.weights[35] == -128);
  CHECK(stem.digital.m == std::vector<std::int32_t>{100, 101});
  CHECK(stem.digital.c == std::vector<std::int64_t>{-5'000'000'000, 1});
  CHECK(stem.digital.n == 10);
  CHECK(stem.dec3.split == Split::round);
  CHECK(stem.dec3.gate == GateKind::max);
  CHECK(stem.dec3.granularity == GateGranularity::ou);
  CHECK(stem.dec3.threshold == std::vector<std::int64_t>{25});
  CHECK(stem.dec3.adc_step_msb == 2);
  CHECK(stem.dec3.adc_step_lsb == 3);

  CHECK(network.layers[1].output == OutputKind::accumulator);
  CHECK_FALSE(network.layers[1].has_digital());
  CHECK(network.layers[1].weights == std::vector<std::int16_t>{0, 0, 0, 0, 127, 5, -128, 127});
  CHECK(network.layers[2].output == OutputKind::signed_activation);
  CHECK(network.layers[2].dec3.split == Split::floor);
  CHECK(network.layers[3].residual->source == 2);
  CHECK(network.layers[3].dec3.gate == GateKind::digits);
  CHECK(network.layers[3].dec3.granularity == GateGranularity::output);
  CHECK(network.layers[3].dec3.high_digit_bits == 3);
  CHECK(network.layers[3].dec3.digit_threshold == std::vector<std::int32_t>{0, -7, 2147483647, -2147483647 - 1});
  const Layer& body = network.layers[4];
  CHECK(body.residual->kind == Residual::Kind::projection);
  CHECK(body.residual->multiplier == std::vector<std::int32_t>{1, -2, 3, 2147483647});
  CHECK(body.dec3.threshold == std::vector<std::int64_t>{3, never_opens});
  CHECK(body.dec3.removed_groups == std::vector<std::uint8_t>{0, 1, 0});
  CHECK(network.layers[6].weights == std::vector<std::int16_t>{-2, 1, 0, -1, -2, 1, 0, -1, -2, 1, 0, -1, -2, 1, 0, -1});
  CHECK(network.layers[7].residual->pad_front == 1);
  CHECK(network.layers[7].dec3.granularity == GateGranularity::output);
  CHECK(network.layers[8].kernel_h == 1);
  CHECK(network.layers[9].in == Shape{6, 1, 1});
  CHECK(network.layers[9].rows() == 6);
}

TEST_CASE("a linear layer takes a tensor as one vector, a global pool its whole plane") {
  test::FolderParts parts = test::sample_folder();
  json& layers = parts.network["layers"];
  layers.erase(layers.begin() + 1, layers.end() - 1);
  layers[1]["input"] = "stem";
  layers[1]["bits"]["input"] = 4;
  std::erase_if(parts.tensors, [](const auto& tensor) {
    return !tensor.first.starts_with("stem.") && !tensor.first.starts_with("fc.");
  });
  parts.tensors["fc.weight"] = test::raw_tensor("I16", 16, {3, 32}, std::vector<std::int64_t>(96, -32));
  const Network network = load_parts(parts);
  CHECK(network.layers[1].in == Shape{32, 1, 1});
  CHECK(network.layers[1].weights == std::vector<std::int16_t>(96, -32));

  layers.insert(layers.begin() + 1, json::parse(R"({"name": "all", "kind": "max_pool", "input": "stem",
      "shape": [2, 1, 1], "kernel": "global", "bits": {"input": 4, "output": 4}, "output": "unsigned"})"));
  layers[2]["input"] = "all";
  parts.tensors["fc.weight"] = test::raw_tensor("I8", 8, {3, 2}, std::vector<std::int64_t>(6, 1));
  CHECK(load_parts(parts).layers[1].kernel_h == 4);
}

TEST_CASE("optional keys may be left out") {
  test::FolderParts parts = test::sample_folder();
  for (const char* key : {"dataset", "float_top1", "provenance"}) parts.network.erase(key);
  const Network network = load_parts(parts);
  CHECK(network.dataset.empty());
  CHECK_FALSE(network.float_top1.has_value());
  CHECK(network.provenance == "null");
}

TEST_CASE("the hash names the content of both files") {
  test::FolderParts parts = test::sample_folder();
  const std::string hash = load_parts(parts).hash;
  CHECK(load_parts(parts).hash == hash);
  parts.network["provenance"]["training"] = "by machine";
  CHECK(load_parts(parts).hash != hash);
  parts = test::sample_folder();
  parts.tensors["fc.weight"].bytes[0] = 3;
  CHECK(load_parts(parts).hash != hash);
}

TEST_CASE("written tensors are aligned, and weights take hb + lb bits each") {
  const Network network = load_parts(test::sample_folder());
  const json header = written_header(network);
  const std::map<std::string, std::size_t> sizes = {{"I8", 1}, {"U8", 1}, {"I16", 2}, {"I32", 4}, {"I64", 8}};
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : header.items()) {
    INFO(name);
    CHECK(tensor["data_offsets"][0].get<std::size_t>() % sizes.at(tensor["dtype"]) == 0);
    bytes += tensor["data_offsets"][1].get<std::size_t>() - tensor["data_offsets"][0].get<std::size_t>();
  }
  const std::string file = network_files(network).at("weights.safetensors");
  CHECK(header_bytes(file) % 8 == 0);
  CHECK(8 + header_bytes(file) + bytes == file.size());
  for (const Layer& layer : network.layers) {
    if (!layer.has_weights()) continue;
    INFO(layer.name);
    const bool is_byte = layer.dec3.hb + layer.dec3.lb == 8;
    const json& tensor = header[layer.name + (is_byte ? ".weight" : ".weight_packed")];
    CHECK(tensor["dtype"] == (is_byte ? "I8" : "U8"));
    if (!is_byte) CHECK(tensor["shape"][0] == (layer.weights_needed() * (layer.dec3.hb + layer.dec3.lb) + 7) / 8);
    CHECK_FALSE(header.contains(layer.name + ".kept_groups"));
  }
}

TEST_CASE("groups of zeros are not stored") {
  for (const int bits : {8, 3}) {
    Network network;
    network.name = "pruned";
    network.image = {40, 1, 1};
    network.pad_value.assign(40, 0);
    Layer layer;
    layer.name = "fc";
    layer.kind = LayerKind::linear;
    layer.in = network.image;
    layer.out = {35, 1, 1};
    layer.output = OutputKind::logits;
    layer.dec3.hb = bits;
    layer.digital = {std::vector<std::int32_t>(35, 1), std::vector<std::int64_t>(35, 0), 0};
    // Of the 3 x 3 groups only row group 1 of the first block and the corner of the last rows and outputs hold weights.
    layer.weights.assign(35 * 40, 0);
    layer.weights[5 * 40 + 20] = -3;
    layer.weights[34 * 40 + 39] = 2;
    network.layers.push_back(layer);
    const json header = written_header(network);
    CHECK(header["fc.weight_packed"]["shape"][0] == ((16 * 16 + 8 * 3) * bits + 7) / 8);
    const std::string file = network_files(network).at("weights.safetensors");
    const std::size_t at = 8 + header_bytes(file) + header["fc.kept_groups"]["data_offsets"][0].get<std::size_t>();
    // Group 3 is (row group 1, block 0), group 8 (row group 2, block 2).
    CHECK(file.substr(at, 2) == std::string("\x08\x01"));
    Network read = load_files(network_files(network));
    read.hash.clear();
    CHECK(read == network);

    network.layers[0].weights.assign(35 * 40, 1);
    CHECK_FALSE(written_header(network).contains("fc.kept_groups"));
  }
}

TEST_CASE("network.json is made for reading") {
  const std::string text = network_files(load_parts(test::sample_folder())).at("network.json");
  CHECK(text.find("\n  \"image\": {\"channels\": 2, \"height\": 4, \"width\": 4},\n") != std::string::npos);
  CHECK(text.find("\n      \"kernel\": [3, 3],\n") != std::string::npos);
  CHECK(text.find("\"threshold\": [3, null]") != std::string::npos);
  CHECK(text.ends_with("\n  ]\n}\n"));
}
