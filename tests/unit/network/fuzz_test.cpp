// SPDX-License-Identifier: Apache-2.0
// Thousands of damaged folders: a network comes out, or an input error of one line; nothing else.
#include <catch2/catch.hpp>

#include <random>
#include <string>

#include "error_text.h"
#include "network/network.h"
#include "network/safetensors.h"
#include "random_network.h"
#include "sample_folder.h"

using namespace cimcycle;

namespace {

using Random = std::mt19937_64;

std::string damaged(Random& random, std::string bytes) {
  const int changes = 1 + static_cast<int>(random() % 3);
  for (int change = 0; change < changes && !bytes.empty(); ++change) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 6) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
        break;
      case 2:
        bytes.erase(at, 1 + random() % 9);
        break;
      case 3:
        bytes.insert(at, bytes.substr(random() % bytes.size(), 1 + random() % 30));
        break;
      case 4:
        bytes.resize(at);
        break;
      default:
        bytes[at] = "0123456789-,:[]{}\""[random() % 18];
        break;
    }
  }
  return bytes;
}

/// Replaces one number of the text by another one, so that the JSON stays well formed.
std::string with_other_number(Random& random, std::string text) {
  static const std::string numbers[] = {"0",
                                        "1",
                                        "-1",
                                        "2",
                                        "7",
                                        "9",
                                        "64",
                                        "65536",
                                        "2147483648",
                                        "1e30",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "null"};
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::size_t at = text.find_first_of("0123456789", random() % text.size());
    if (at == std::string::npos) continue;
    const std::size_t end = text.find_first_not_of("0123456789", at);
    return text.replace(at, end - at, numbers[random() % 13]);
  }
  return text;
}

}  // namespace

TEST_CASE("damaged folders") {
  const test::FolderParts parts = test::sample_folder();
  const std::string network = parts.network_file();
  const std::string tensors = parts.tensors_file();
  Random random(3);
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t what = random() % 3;
    const std::string json = what == 0   ? damaged(random, network)
                             : what == 1 ? with_other_number(random, network)
                                         : network;
    const std::string weights = what == 2 ? damaged(random, tensors) : tensors;
    // What is accepted can be written.
    const std::string error = test::input_error([&] { network_files(parse_network(json, weights, {})); });
    (error == "no error" ? good : bad) += 1;
    REQUIRE(error.find('\n') == std::string::npos);
    REQUIRE(error.size() < 1000);
  }
  CHECK(good > 50);
  CHECK(bad > 1000);
}

TEST_CASE("damaged tensor headers") {
  const std::string file = test::sample_folder().tensors_file();
  const std::size_t header_end = file.rfind('}') + 1;
  Random random(5);
  for (int i = 0; i < 4000; ++i) {
    const std::string header = random() % 2 == 0 ? damaged(random, file.substr(8, header_end - 8))
                                                 : with_other_number(random, file.substr(8, header_end - 8));
    const std::string error = test::input_error([&] {
      TensorFile read(test::safetensors_file(header, file.substr(header_end)), "w.safetensors");
      if (read.has("fc.m")) read.take<std::int32_t>("fc.m", read.shape("fc.m"));
      if (read.has("stem.weight")) read.take<std::int16_t>("stem.weight", read.shape("stem.weight"));
    });
    REQUIRE(error.find('\n') == std::string::npos);
  }
}

TEST_CASE("random networks with one field out of order are refused or can be written and read") {
  Random random(9);
  for (int i = 0; i < 1500; ++i) {
    Network network = test::random_network(random);
    Layer& layer = network.layers[random() % network.layers.size()];
    const int values[] = {-2147483647 - 1, -1, 0, 1, 2, 3, 9, 65537, 2147483647};
    const int value = values[random() % 9];
    int* const fields[] = {&layer.input,       &layer.in.channels, &layer.in.height,        &layer.out.channels,
                           &layer.out.width,   &layer.kernel_h,    &layer.kernel_w,         &layer.stride.width,
                           &layer.padding.top, &layer.input_bits,  &layer.output_bits,      &layer.digital.n,
                           &layer.dec3.hb,     &layer.dec3.lb,     &network.image.channels, &network.image.width};
    *fields[random() % 16] = value;
    if (random() % 4 == 0) layer.weights.push_back(1);
    if (random() % 4 == 0) layer.digital.m.clear();
    if (random() % 4 == 0) layer.dec3.threshold.push_back(value);
    if (random() % 4 == 0) layer.output = static_cast<OutputKind>(random() % 4);
    if (random() % 4 == 0) layer.kind = static_cast<LayerKind>(random() % 4);
    if (layer.residual && random() % 2 == 0) layer.residual->source = value;
    test::input_error([&] {
      const auto files = network_files(network);
      Network read = parse_network(files.at("network.json"), files.at("weights.safetensors"), {});
      read.hash.clear();
      REQUIRE(read == network);
    });
  }
}
