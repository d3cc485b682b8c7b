// SPDX-License-Identifier: Apache-2.0
// An ONNX model as this program uses it: nodes, constants and one image input, with every size checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace cimcycle::onnx_model {

/// A constant of the model. Integers of all widths are kept in `integers`, floats of all widths in `reals`.
struct Tensor {
  std::vector<std::int64_t> shape;
  bool is_integer = false;
  int least = 0, most = 0;  ///< 8-bit integers: the range of their type; else 0
  std::vector<float> reals;
  std::vector<std::int64_t> integers;

  std::int64_t size() const {
    std::int64_t product = 1;
    for (const std::int64_t side : shape) product *= side;
    return product;
  }
  bool operator==(const Tensor&) const = default;
  double at(std::size_t index) const { return is_integer ? static_cast<double>(integers[index]) : reals[index]; }
};

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>, Tensor>;

struct Node {
  std::string name;  ///< of the file, or made of operator and position; unique
  std::string op;
  std::vector<std::string> inputs;  ///< empty: left out
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;
};

struct Model {
  std::string file;  ///< for messages
  std::int64_t opset = 0;
  std::vector<Node> nodes;  ///< in an order in which every input comes first
  std::map<std::string, Tensor> constants;
  std::string input;                      ///< name of the only input that is no constant
  std::vector<std::int64_t> input_shape;  ///< without the batch: channels, height, width, or one length
  std::string output;
};

/// Reads a model file; tensors with external data come from files beside it. Throws InputError: damage, sizes that do
/// not agree, an order of nodes that goes in circles, more than one input or output.
Model read_model(const std::filesystem::path& file);

/// The same from bytes; `folder` is where external data lies, empty: it is refused.
Model parse_model(const std::string& bytes, const std::string& file, const std::filesystem::path& folder);

/// Elements that the tensors of a model may have together.
inline constexpr std::int64_t most_elements = std::int64_t{1} << 28;

}  // namespace cimcycle::onnx_model
