// SPDX-License-Identifier: Apache-2.0
// Names of datasets: what opens, and what a wrong name is told.
#include <catch2/catch.hpp>

#include <string>

#include "data/dataset.h"
#include "error_text.h"

using namespace cimcycle;
using test::input_error;

namespace {

std::string error_of(const std::string& name) {
  return input_error([&] { open_dataset(name, DataSplit::test); });
}

}  // namespace

TEST_CASE("the built-in set opens by name, with or without a seed") {
  const Dataset train = open_dataset("synthetic", DataSplit::train);
  CHECK(train.name == "synthetic");
  CHECK(train.size == 20000);
  CHECK(train.shape == Shape{3, 32, 32});
  CHECK(train.classes == 10);
  const Dataset test = open_dataset("synthetic:18446744073709551615", DataSplit::test);
  CHECK(test.name == "synthetic:18446744073709551615");
  CHECK(test.size == 10000);
  CHECK(open_dataset("synthetic:0", DataSplit::test).name == "synthetic");
}

TEST_CASE("a wrong name is told what is known") {
  const std::string known =
      "; known: cifar10:DIR, cifar100:DIR, mnist:DIR, images:DIR, npz:FILE, synthetic[:SEED], "
      "trace:DIR";
  CHECK(error_of("cifra10:data") == "dataset \"cifra10:data\": no such kind; did you mean cifar10?" + known);
  CHECK(error_of("") == "dataset \"\": no such kind" + known);
  CHECK(error_of(":x") == "dataset \":x\": no such kind" + known);
  CHECK(error_of("web\nshop") == "dataset \"web\\nshop\": no such kind" + known);
  CHECK(error_of("npz") == "dataset \"npz\": no file; write npz:FILE");
  CHECK(error_of("npz:") == "dataset \"npz\": no file; write npz:FILE");
}

TEST_CASE("a seed is a whole number that fits 64 bits") {
  const std::string range = ": the seed is not an integer from 0 to 18446744073709551615";
  for (const std::string seed : {"", "x", "1x", "-1", " 1", "1.0", "18446744073709551616"}) {
    CHECK(error_of("synthetic:" + seed) == "dataset \"synthetic:" + seed + "\"" + range);
  }
}
