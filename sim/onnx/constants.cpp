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
  const Flow& flow = lowering.flow(node, 0);
  const Shape& shape = flow.shape;
  lowering.set_constant(
      node, flow.is_vector ? integers({1, shape.channels}) : integers({1, shape.channels, shape.height, shape.width}));
  return true;
}

bool fold_gather(Lowering& lowering, const Node& node) {
  const Tensor &from = *lowering.constant(node, 0), &index = lowering.need_constant(node, 1, "index");
  const auto size = static_cast<std::int64_t>(from.integers.size());
  if (from.shape.size() != 1 || !from.is_integer || !index.is_integer) Lowering::unsupported("a list of integers");
  Tensor result = integers({});
  result.shape = index.shape;
  for (std::int64_t at : index.integers) {
    at += at < 0 ? size : 0;
    if (at < 0 || at >= size) Lowering::unsupported("an index within its list");
    result.integers.push_back(from.integers[static_cast<std::size_t>(at)]);
  }
  lowering.set_constant(node, std::move(result));
  return true;
}

}  // namespace

bool is_shape_arithmetic(std::string_view op) {
  return op == "Constant" || op == "Shape" || op == "Gather" || op == "Unsqueeze";
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
  if (node.op == "Gather") return fold_gather(lowering, node);
  if (node.op == "Unsqueeze" && first->is_integer && first->size() == 1) {
    lowering.set_constant(node, integers(first->integers));
    return true;
  }
  if (node.op == "Concat" && first->is_integer) {
    std::vector<std::int64_t> all;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Tensor& part = lowering.need_constant(node, i, "list");
      all.insert(all.end(), part.integers.begin(), part.integers.end());
      if (all.size() > 64) Lowering::unsupported("a short list");
    }
    lowering.set_constant(node, integers(std::move(all)));
    return true;
  }
  return false;
}

}  // namespace cimcycle::onnx_model
