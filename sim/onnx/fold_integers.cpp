// SPDX-License-Identifier: Apache-2.0
// What exporters compute of shapes and paddings before an operator takes them: short lists and small tables of
// integers.
#include <algorithm>
#include <numeric>

#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

using Sides = std::vector<std::int64_t>;

/// Room for the paddings of a tensor of many sides; exporters need a dozen elements.
constexpr std::int64_t most_elements_folded = 64;
constexpr std::size_t most_sides_folded = 8;

std::int64_t product(const Sides& sides) {
  std::int64_t size = 1;
  for (const std::int64_t side : sides) {
    if (side < 0 || side > most_elements_folded) Lowering::unsupported("a short list of integers");
    size = std::min(size * side, most_elements_folded + 1);
  }
  if (size > most_elements_folded || sides.size() > most_sides_folded)
    Lowering::unsupported("a short list of integers");
  return size;
}

/// A tensor of these sides; element(place in each direction) gives its values.
template <class Element>
Tensor table(const Sides& sides, Element element) {
  Tensor result;
  result.is_integer = true;
  result.shape = sides;
  const std::int64_t size = product(sides);
  Sides place(sides.size(), 0);
  for (std::int64_t i = 0; i < size; ++i) {
    result.integers.push_back(element(place));
    for (std::size_t side = sides.size(); side-- > 0 && ++place[side] == sides[side];) place[side] = 0;
  }
  return result;
}

std::int64_t element_of(const Tensor& tensor, const Sides& place) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i < place.size(); ++i) at = at * tensor.shape[i] + place[i];
  return tensor.integers[static_cast<std::size_t>(at)];
}

Tensor with_sides(const Tensor& from, Sides sides) {
  Tensor result = from;
  result.shape = std::move(sides);
  return result;
}

Tensor gather(const Lowering& lowering, const Node& node, const Tensor& from) {
  const Tensor& index = lowering.need_constant(node, 1, "index");
  if (from.shape.size() != 1 || !index.is_integer) Lowering::unsupported("a list of integers");
  axis_of(integer_of(node, "axis", 0), 1);
  return table(index.shape, [&](const Sides& place) {
    return from.integers[axis_of(element_of(index, place), from.integers.size())];
  });
}

Tensor concat(const Lowering& lowering, const Node& node) {
  Tensor result;
  result.is_integer = true;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Tensor& part = lowering.need_constant(node, i, "list");
    if (!part.is_integer || part.shape.size() != 1) Lowering::unsupported("lists of integers");
    result.integers.insert(result.integers.end(), part.integers.begin(), part.integers.end());
    result.shape = {static_cast<std::int64_t>(result.integers.size())};
    product(result.shape);
  }
  return result;
}

Tensor unsqueeze(const Lowering& lowering, const Node& node, const Tensor& from) {
  const Sides axes = list_of(lowering, node, "axes", 1);
  Sides sides = from.shape;
  std::vector<std::size_t> places;
  for (const std::int64_t axis : axes) places.push_back(axis_of(axis, sides.size() + axes.size()));
  std::ranges::sort(places);
  for (const std::size_t at : places) {
    if (at > sides.size()) Lowering::unsupported("axes that differ");
    sides.insert(sides.begin() + static_cast<std::ptrdiff_t>(at), 1);
  }
  product(sides);
  return with_sides(from, std::move(sides));
}

Tensor squeeze(const Lowering& lowering, const Node& node, const Tensor& from) {
  std::vector<std::size_t> places;
  for (const std::int64_t axis : list_of(lowering, node, "axes", 1)) places.push_back(axis_of(axis, from.shape.size()));
  Sides sides;
  for (std::size_t i = 0; i < from.shape.size(); ++i) {
    const bool is_named = std::ranges::find(places, i) != places.end();
    if (is_named && from.shape[i] != 1) Lowering::unsupported("sides of 1 to leave out");
    if (from.shape[i] != 1 || (!is_named && !places.empty())) sides.push_back(from.shape[i]);
  }
  return with_sides(from, std::move(sides));
}

Tensor reshape(const Lowering& lowering, const Node& node, const Tensor& from) {
  Sides sides = list_of(lowering, node, "shape", 1);
  std::int64_t known = 1;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    if (sides[i] == 0 && i < from.shape.size()) sides[i] = from.shape[i];
    if (sides[i] != -1) known = product({known, sides[i]});
  }
  for (std::int64_t& side : sides) {
    if (side == -1) side = known > 0 ? from.size() / known : 0;
  }
  if (product(sides) != from.size()) Lowering::unsupported("a shape of as many elements");
  return with_sides(from, std::move(sides));
}

Tensor slice(const Lowering& lowering, const Node& node, const Tensor& from) {
  const std::vector<Taken> taken = slice_of(lowering, node, from.shape);
  Sides sides;
  for (const Taken& one : taken) sides.push_back(one.count);
  return table(sides, [&](Sides place) {
    for (std::size_t i = 0; i < place.size(); ++i) place[i] = taken[i].start + place[i] * taken[i].step;
    return element_of(from, place);
  });
}

Tensor transpose(const Node& node, const Tensor& from) {
  const std::size_t rank = from.shape.size();
  Sides backwards(rank);
  std::iota(backwards.rbegin(), backwards.rend(), 0);
  const Sides order = integers_of(node, "perm", backwards);
  if (!std::ranges::is_permutation(order, backwards)) Lowering::unsupported("a permutation of its sides");
  Sides sides;
  for (const std::int64_t axis : order) sides.push_back(from.shape[static_cast<std::size_t>(axis)]);
  return table(sides, [&](const Sides& place) {
    Sides source(rank);
    for (std::size_t i = 0; i < rank; ++i) source[static_cast<std::size_t>(order[i])] = place[i];
    return element_of(from, source);
  });
}

Tensor constant_of_shape(const Node& node, const Tensor& shape) {
  const auto found = node.attributes.find("value");
  const Tensor* value = found == node.attributes.end() ? nullptr : std::get_if<Tensor>(&found->second);
  if (value == nullptr || !value->is_integer || value->size() != 1) Lowering::unsupported("an integer as value");
  return table(shape.integers, [&](const Sides&) { return value->integers.front(); });
}

std::int64_t computed(std::string_view op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool fits = true;
  if (op == "Add") fits = !__builtin_add_overflow(a, b, &result);
  if (op == "Sub") fits = !__builtin_sub_overflow(a, b, &result);
  if (op == "Mul") fits = !__builtin_mul_overflow(a, b, &result);
  if (op == "Div") {
    fits = b != 0 && b != -1;
    if (fits) result = a / b;
  }
  if (!fits) Lowering::unsupported("a result within 64 bits");
  return result;
}

Tensor arithmetic(const Lowering& lowering, const Node& node, const Tensor& a) {
  const Tensor& b = lowering.need_constant(node, 1, "operand");
  if (!b.is_integer || (a.size() != 1 && b.size() != 1 && a.shape != b.shape)) {
    Lowering::unsupported("two lists of integers of the same length");
  }
  const Tensor& longer = a.size() == 1 && b.size() != 1 ? b : a;
  return table(longer.shape, [&](const Sides& place) {
    return computed(node.op, a.size() == 1 ? a.integers[0] : element_of(a, place),
                    b.size() == 1 ? b.integers[0] : element_of(b, place));
  });
}

}  // namespace

bool fold_integers(Lowering& lowering, const Node& node) {
  const Tensor& from = *lowering.constant(node, 0);
  const auto fold = [&](auto make) {
    product(from.shape);
    lowering.set_constant(node, make());
    return true;
  };
  if (node.op == "Gather") return fold([&] { return gather(lowering, node, from); });
  if (node.op == "Concat") return fold([&] { return concat(lowering, node); });
  if (node.op == "Unsqueeze") return fold([&] { return unsqueeze(lowering, node, from); });
  if (node.op == "Squeeze") return fold([&] { return squeeze(lowering, node, from); });
  if (node.op == "Reshape") return fold([&] { return reshape(lowering, node, from); });
  if (node.op == "Slice") return fold([&] { return slice(lowering, node, from); });
  if (node.op == "Transpose") return fold([&] { return transpose(node, from); });
  if (node.op == "ConstantOfShape") return fold([&] { return constant_of_shape(node, from); });
  if (node.op == "Add" || node.op == "Sub" || node.op == "Mul" || node.op == "Div") {
    const bool are_constants = lowering.constant(node, 1) != nullptr;
    return are_constants && fold([&] { return arithmetic(lowering, node, from); });
  }
  return false;
}

}  // namespace cimcycle::onnx_model
