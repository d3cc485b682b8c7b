// SPDX-License-Identifier: Apache-2.0
#include "onnx/expand.h"

#include <algorithm>
#include <optional>

namespace cimcycle::onnx_model {
namespace {

/// Where an operator has what: operands are (codes, scale, zero point) one behind the other.
struct Operator {
  std::string_view name;
  std::string_view inner;  ///< the operator on real values
  std::size_t operands;    ///< how many, from `first` on
  std::size_t first;       ///< index of the first operand's codes
  std::size_t result;      ///< index of the result's scale; the zero point follows
  std::optional<std::size_t> bias;
  int weight_axis;  ///< of scales of the second operand
};

// Inputs as in the ONNX operator set, and onnxruntime's contrib operators (domain com.microsoft).
constexpr Operator operators[] = {
    {"QLinearConv", "Conv", 2, 0, 6, 8, 0},
    {"QLinearMatMul", "MatMul", 2, 0, 6, std::nullopt, 1},
    {"QGemm", "Gemm", 2, 0, 7, 6, 0},
    {"QLinearAdd", "Add", 2, 0, 6, std::nullopt, 0},
    {"QLinearGlobalAveragePool", "GlobalAveragePool", 1, 0, 3, std::nullopt, 0},
    {"QLinearAveragePool", "AveragePool", 1, 0, 3, std::nullopt, 0},
};

class Expansion {
 public:
  explicit Expansion(Model model) : model_(std::move(model)) {}

  Model run() {
    std::vector<Node> nodes = std::move(model_.nodes);
    model_.nodes.clear();
    for (Node& node : nodes) {
      const auto* found = std::ranges::find(operators, node.op, &Operator::name);
      if (node.op == "QLinearConcat") {
        expand_concat(node);
      } else if (found == std::end(operators) || node.outputs.size() != 1 || node.inputs.size() < found->result + 2 ||
                 !is_first_channel(node)) {
        model_.nodes.push_back(std::move(node));
      } else {
        expand(node, *found);
      }
    }
    return std::move(model_);
  }

 private:
  static bool is_first_channel(const Node& node) {
    const auto found = node.attributes.find("channels_last");
    return found == node.attributes.end() || found->second == Attribute(std::int64_t{0});
  }

  std::string add(const Node& of, std::string op, std::vector<std::string> inputs, const std::string& output) {
    Node node;
    node.name = of.name;
    node.op = std::move(op);
    node.inputs = std::move(inputs);
    node.outputs = {output};
    model_.nodes.push_back(std::move(node));
    return output;
  }

  std::string dequantized(const Node& node, std::size_t at, int axis) {
    // A name that no file can hold twice: the number makes it new.
    const std::string name = node.inputs[at] + "\n" + std::to_string(count_++);
    add(node, "DequantizeLinear", {node.inputs[at], node.inputs[at + 1], node.inputs[at + 2]}, name);
    model_.nodes.back().attributes["axis"] = std::int64_t{axis};
    return name;
  }

  void expand(const Node& node, const Operator& how) {
    std::vector<std::string> inputs;
    bool transposed = how.inner == "Gemm" && node.attributes.contains("transB") &&
                      node.attributes.at("transB") == Attribute(std::int64_t{1});
    for (std::size_t i = 0; i < how.operands; ++i) {
      const int axis = how.inner == "Gemm" ? (transposed ? 0 : 1) : how.weight_axis;
      inputs.push_back(dequantized(node, how.first + 3 * i, axis));
    }
    if (how.bias && *how.bias < node.inputs.size() && !node.inputs[*how.bias].empty()) {
      inputs.push_back(real_bias(node, node.inputs[*how.bias], how.first));
    }
    const std::string result = node.outputs.front() + "\n" + std::to_string(count_++);
    add(node, std::string(how.inner), std::move(inputs), result);
    model_.nodes.back().attributes = node.attributes;
    add(node, "QuantizeLinear", {result, node.inputs[how.result], node.inputs[how.result + 1]}, node.outputs.front());
  }

  void expand_concat(Node& node) {
    if (node.inputs.size() < 5 || (node.inputs.size() - 2) % 3 != 0 || node.outputs.size() != 1) {
      model_.nodes.push_back(std::move(node));
      return;
    }
    std::vector<std::string> inputs;
    for (std::size_t at = 2; at < node.inputs.size(); at += 3) inputs.push_back(dequantized(node, at, 0));
    const std::string result = node.outputs.front() + "\n" + std::to_string(count_++);
    add(node, "Concat", std::move(inputs), result);
    model_.nodes.back().attributes = node.attributes;
    add(node, "QuantizeLinear", {result, node.inputs[0], node.inputs[1]}, node.outputs.front());
  }

  /// An int32 bias has the product of both operands' scales; what is no such constant stays, and is found out later.
  std::string real_bias(const Node& node, const std::string& bias, std::size_t first) {
    const auto codes = model_.constants.find(bias);
    const auto input = model_.constants.find(node.inputs[first + 1]);
    const auto weight = model_.constants.find(node.inputs[first + 4]);
    const auto end = model_.constants.end();
    if (codes == end || input == end || weight == end || input->second.size() != 1 || weight->second.size() < 1) {
      return bias;
    }
    const auto size = static_cast<std::size_t>(codes->second.size());
    const auto scales = static_cast<std::size_t>(weight->second.size());
    if (scales != 1 && scales != size) return bias;
    Tensor real;
    real.shape = codes->second.shape;
    for (std::size_t i = 0; i < size; ++i) {
      real.reals.push_back(
          static_cast<float>(codes->second.at(i) * input->second.at(0) * weight->second.at(scales == 1 ? 0 : i)));
    }
    const std::string name = bias + "\n" + std::to_string(count_++);
    model_.constants[name] = std::move(real);
    return name;
  }

  Model model_;
  int count_ = 0;
};

}  // namespace

Model expand_quantized(Model model) { return Expansion(std::move(model)).run(); }

}  // namespace cimcycle::onnx_model
