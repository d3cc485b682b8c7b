// SPDX-License-Identifier: Apache-2.0
// What exporters compute from shapes, worked out for one image; constants that nodes hold.
#include <algorithm>

#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

Tensor integers(std::vector<std::int64_t> values, bool is_scalar = false) {
  Tensor tensor;
  tensor.is_integer = true;
  if (!is_scalar) tensor.shape = {static_cast<std::int64_t>(values.size())};
  tensor.integers = std::move(values);
  return tensor;
}

bool fold_value(Lowering& lowering, const Node& node) {
  const auto found = node.attributes.find("value");
  if (found != node.attributes.end() && std::holds_alternative<Tensor>(found->second)) {
    lowering.set_constant(node, std::get<Tensor>(found->second));
    return true;
  }
  if (node.attributes.contains("value_ints")) {
    lowering.set_constant(node, integers(integers_of(node, "value_ints", {})));
    return true;
  }
  if (node.attributes.contains("value_int")) {
    lowering.set_constant(node, integers({integer_of(node, "value_int", 0)}, true));
    return true;
  }
  if (node.attributes.contains("value_float")) {
    Tensor tensor;
    tensor.reals = {static_cast<float>(real_of(node, "value_float", 0))};
    lowering.set_constant(node, std::move(tensor));
    return true;
  }
  Lowering::unsupported("a value that is a tensor, an integer or a float");
}

bool fold_shape(Lowering& lowering, const Node& node) {
  std::vector<std::int64_t> sides;
  if (const Tensor* tensor = lowering.constant(node, 0)) {
    sides = tensor->shape;
  } else {
    sides = lowering.whole_flow(node, 0).sides();
    sides.insert(sides.begin(), 1);
  }
  const auto rank = static_cast<std::int64_t>(sides.size());
  const auto place = [&](const std::string& name, std::int64_t fallback) {
    const std::int64_t at = integer_of(node, name, fallback);
    return std::clamp<std::int64_t>(at < 0 && at >= -rank ? at + rank : at, 0, rank);
  };
  const std::int64_t start = place("start", 0), end = std::max(start, place("end", rank));
  lowering.set_constant(node, integers({sides.begin() + start, sides.begin() + end}));
  return true;
}

}  // namespace

bool is_shape_arithmetic(std::string_view op) {
  return op == "Constant" || op == "Shape" || op == "ConstantOfShape" || op == "Transpose";
}

bool fold_constant(Lowering& lowering, const Node& node) {
  if (node.op == "Constant") return fold_value(lowering, node);
  if (node.op == "Shape") return fold_shape(lowering, node);
  const Tensor* first = lowering.constant(node, 0);
  if (first == nullptr) return false;
  if (node.op == "Identity" || node.op == "Cast") {
    lowering.set_constant(node, *first);
    return true;
  }
  return first->is_integer && fold_integers(lowering, node);
}

}  // namespace cimcycle::onnx_model
