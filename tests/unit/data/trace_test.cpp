// SPDX-License-Identifier: Apache-2.0
// Recorded layer inputs as a dataset.
#include <catch2/catch.hpp>

#include <random>

#include "data/dataset.h"
#include "error_text.h"
#include "temporary_folder.h"

using namespace cimcycle;
using test::input_error;

namespace {

RecordedInputs sample() { return {{"conv", {{1, 2, 2}, {0, 255, -128, 7}}}, {"block1.fc", {{3, 1, 1}, {1, 2, 3}}}}; }

}  // namespace

TEST_CASE("what is written is read again") {
  const test::ScratchFolder folder;
  folder.write("inputs.safetensors", recorded_inputs_file(sample()));
  const Dataset dataset = open_dataset("trace:" + folder.path().string(), DataSplit::test);
  CHECK(dataset.name == "trace:" + folder.path().string());
  CHECK(dataset.size == 1);
  CHECK(dataset.classes == 0);
  REQUIRE(dataset.recorded);
  CHECK(*dataset.recorded == sample());
}

TEST_CASE("a trace is no set of images, and must hold something sound") {
  const test::ScratchFolder folder;
  folder.write("inputs.safetensors", recorded_inputs_file(sample()));
  CHECK_THAT(input_error([&] { open_images("trace:" + folder.path().string(), DataSplit::train); }),
             Catch::Contains("holds recorded layer inputs, no labelled images; run and compare take it"));
  for (const char* name : {"trace", "trace:"}) {
    CHECK(input_error([&] { open_dataset(name, DataSplit::test); }) ==
          "dataset \"trace\": no folder; write trace:DIR, the folder that holds inputs.safetensors");
  }
  const auto error = [](const RecordedInputs& inputs) {
    return input_error([&] { parse_recorded_inputs(recorded_inputs_file(inputs), "f"); });
  };
  CHECK(error({}) == "f: holds no tensors, expected one LAYER.input per layer");
  CHECK(error({{"a", {{1, 1, 1}, {256}}}}) == "f: tensor a.input: value 0 is 256, expected -128 to 255");
  CHECK(error({{"a", {{0, 1, 1}, {}}}}) ==
        "f: tensor a.input: expected three sides of 1 to 65536: channels, height, width");
}

TEST_CASE("damaged files end in a line of text") {
  const std::string good = recorded_inputs_file(sample());
  std::mt19937_64 random(4);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = good;
    for (int change = 1 + static_cast<int>(random() % 3); change > 0; --change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    const std::string error = input_error([&] { parse_recorded_inputs(bytes, "f"); });
    REQUIRE(error.find('\n') == std::string::npos);
  }
}
