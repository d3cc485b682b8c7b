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

}  // namespace cimcycle::onnx_model
