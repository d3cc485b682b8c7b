// SPDX-License-Identifier: Apache-2.0
// A small network folder written out by hand, without any code of the product, for tests that change it.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cimcycle::test {

/// A tensor as the safetensors format knows it.
struct RawTensor {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::string bytes;
};

/// `bits` / 8 bytes of each value, little-endian.
RawTensor raw_tensor(const std::string& dtype, int bits, std::vector<std::int64_t> shape,
                     const std::vector<std::int64_t>& values);

/// The two files as parts that can be changed one by one. A `..._text` that is not empty replaces the whole file.
struct FolderParts {
  nlohmann::json network;
  std::map<std::string, RawTensor> tensors;
  std::string network_text;
  std::string tensors_text;

  std::string network_file() const;
  std::string tensors_file() const;
};

/// The header and the data as one safetensors file.
std::string safetensors_file(const std::string& header, const std::string& data);

/// Ten layers: every kind of layer, output, residual and annotation.
FolderParts sample_folder();

}  // namespace cimcycle::test
