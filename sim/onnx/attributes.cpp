// SPDX-License-Identifier: Apache-2.0
// Attributes of nodes; one of another type than the operator's definition says makes the node unsupported.
#include "onnx/lower.h"

#include <fmt/format.h>

#include "base/text.h"

namespace cimcycle::onnx_model {
namespace {

template <class T>
T attribute_of(const Node& node, const std::string& name, T fallback) {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return fallback;
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr) Lowering::unsupported(fmt::format("attribute {} of the type that ONNX gives it", name));
  return *value;
}

}  // namespace

std::int64_t integer_of(const Node& node, const std::string& name, std::int64_t fallback) {
  return attribute_of(node, name, fallback);
}

double real_of(const Node& node, const std::string& name, double fallback) {
  return attribute_of(node, name, static_cast<float>(fallback));
}

std::string text_of(const Node& node, const std::string& name, std::string fallback) {
  return attribute_of(node, name, std::move(fallback));
}

std::vector<std::int64_t> integers_of(const Node& node, const std::string& name, std::vector<std::int64_t> fallback) {
  return attribute_of(node, name, std::move(fallback));
}

std::vector<std::int64_t> list_of(const Lowering& lowering, const Node& node, const std::string& name,
                                  std::size_t input) {
  if (!lowering.has(node, input)) return integers_of(node, name, {});
  const Tensor& list = lowering.need_constant(node, input, name);
  if (!list.is_integer) Lowering::unsupported(fmt::format("integers as {}", name));
  return list.integers;
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const auto sides = static_cast<std::int64_t>(rank);
  if (axis < -sides || axis >= sides)
    Lowering::unsupported(fmt::format("axes from {} to {}, not {}", -sides, sides - 1, axis));
  return static_cast<std::size_t>(axis < 0 ? axis + sides : axis);
}

}  // namespace cimcycle::onnx_model
