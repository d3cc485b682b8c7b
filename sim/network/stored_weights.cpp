// SPDX-License-Identifier: Apache-2.0
#include "network/stored_weights.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "network/limits.h"
#include "network/pairs.h"

namespace cimcycle {

namespace {

constexpr std::string_view plain = ".weight", packed = ".weight_packed", kept_name = ".kept_groups",
                           shape_name = ".group_shape";
/// Groups that the writer forms: those of the shipped chips' operation units.
constexpr int written_rows = 16, written_outputs = 16;

int bits_of(const Dec3& dec3) { return dec3.hb + dec3.lb; }

/// One bit stands for -1 and 1; more are two's complement.
unsigned code_of(int weight, int bits) { return bits == 1 ? weight > 0 : static_cast<unsigned>(weight); }

std::int16_t weight_of(unsigned code, int bits) {
  if (bits == 1) return code == 0 ? -1 : 1;
  const int value = static_cast<int>(code);
  return static_cast<std::int16_t>(value >= 1 << (bits - 1) ? value - (1 << bits) : value);
}

std::int64_t bytes_of(std::int64_t bits) { return (bits + 7) / 8; }

/// Groups of `rows` consecutive rows and `outputs` consecutive outputs, row groups first; the last may be smaller.
struct Groups {
  int rows, outputs;
  std::int64_t blocks, count;

  Groups(const Layer& layer, int group_rows, int group_outputs)
      : rows(group_rows),
        outputs(group_outputs),
        blocks((layer.out.channels + group_outputs - 1) / group_outputs),
        count(std::int64_t{(layer.rows_per_output() + group_rows - 1) / group_rows} * blocks) {}
  std::size_t of(int output, int row) const { return static_cast<std::size_t>(row / rows * blocks + output / outputs); }
};

bool bit(const std::vector<std::uint8_t>& bytes, std::size_t index) {
  return (bytes[index / 8] >> (index % 8) & 1) != 0;
}

void set_bit(std::vector<std::uint8_t>& bytes, std::size_t index) {
  bytes[index / 8] = static_cast<std::uint8_t>(bytes[index / 8] | 1 << (index % 8));
}

/// Calls use(index) for the weights of groups that are kept, output by output, row by row.
template <class Use>
void for_each_kept(const Layer& layer, const Groups& groups, const std::vector<std::uint8_t>& kept, Use&& use) {
  std::size_t index = 0;
  for (int output = 0; output < layer.out.channels; ++output) {
    for (int row = 0; row < layer.rows_per_output(); ++row, ++index) {
      if (kept.empty() || bit(kept, groups.of(output, row))) use(index);
    }
  }
}

/// A bit for each group that holds more than zeros.
std::vector<std::uint8_t> groups_to_keep(const Layer& layer, const Groups& groups) {
  std::vector<std::uint8_t> kept(static_cast<std::size_t>(bytes_of(groups.count)));
  for_each_kept(layer, groups, {}, [&](std::size_t index) {
    if (layer.weights[index] == 0) return;
    const auto rows = static_cast<std::size_t>(layer.rows_per_output());
    set_bit(kept, groups.of(static_cast<int>(index / rows), static_cast<int>(index % rows)));
  });
  return kept;
}

std::vector<std::uint8_t> pack(const Layer& layer, const Groups& groups, const std::vector<std::uint8_t>& kept) {
  const int bits = bits_of(layer.dec3);
  std::size_t count = 0;
  for_each_kept(layer, groups, kept, [&](std::size_t) { ++count; });
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(bytes_of(static_cast<std::int64_t>(count) * bits)));
  std::size_t at = 0;
  for_each_kept(layer, groups, kept, [&](std::size_t index) {
    const unsigned code = code_of(layer.weights[index], bits);
    for (int i = 0; i < bits; ++i, ++at) {
      if ((code >> i & 1u) != 0) set_bit(bytes, at);
    }
  });
  return bytes;
}

/// The bytes of a tensor of `bits` bits, of which those behind the last one are 0.
std::vector<std::uint8_t> take_bits(TensorFile& tensors, const std::string& name, std::int64_t bits) {
  std::vector<std::uint8_t> bytes = tensors.take<std::uint8_t>(name, {bytes_of(bits)});
  if (bits % 8 != 0 && bytes.back() >> (bits % 8) != 0) {
    fail_input("{}: tensor {}: bits behind the last of its {} are set, expected 0", tensors.file(), name, bits);
  }
  return bytes;
}

Groups read_group_shape(const Layer& layer, TensorFile& tensors) {
  const std::string name = layer.name + std::string(shape_name);
  const std::vector<std::int32_t> sides = tensors.take<std::int32_t>(name, {2});
  if (std::any_of(sides.begin(), sides.end(), [](int side) { return side < 1 || side > limits::side; })) {
    fail_input("{}: tensor {}: found [{}, {}], expected rows and outputs of 1 to {}", tensors.file(), name, sides[0],
               sides[1], limits::side);
  }
  return {layer, sides[0], sides[1]};
}

}  // namespace

std::map<std::string, Tensor> weight_tensors(const Layer& layer) {
  const int bits = bits_of(layer.dec3);
  const Groups groups(layer, written_rows, written_outputs);
  std::vector<std::uint8_t> kept = groups_to_keep(layer, groups);
  std::vector<std::uint8_t> codes = pack(layer, groups, kept);
  if (static_cast<std::int64_t>(codes.size() + kept.size()) >= bytes_of(layer.weights_needed() * bits)) {
    kept.clear();
    codes = pack(layer, groups, kept);
  }
  if (kept.empty() && bits == most_weight_bits) {
    const std::vector<std::int8_t> bytes(layer.weights.begin(), layer.weights.end());
    return {{layer.name + std::string(plain),
             make_tensor({layer.out.channels, layer.rows_per_output()}, std::span<const std::int8_t>(bytes))}};
  }
  std::map<std::string, Tensor> tensors = {{layer.name + std::string(packed), vector_tensor(codes)}};
  if (!kept.empty()) {
    tensors[layer.name + std::string(kept_name)] = vector_tensor(kept);
    tensors[layer.name + std::string(shape_name)] =
        vector_tensor(std::vector<std::int32_t>{groups.rows, groups.outputs});
  }
  return tensors;
}

std::vector<std::int16_t> read_weights(const Layer& layer, TensorFile& tensors) {
  const std::string packed_name = layer.name + std::string(packed), kept_groups = layer.name + std::string(kept_name);
  if (!tensors.has(packed_name)) {
    return tensors.take<std::int16_t>(layer.name + std::string(plain), {layer.out.channels, layer.rows_per_output()});
  }
  Groups groups(layer, written_rows, written_outputs);
  std::vector<std::uint8_t> kept;
  if (tensors.has(kept_groups)) {
    groups = read_group_shape(layer, tensors);
    kept = take_bits(tensors, kept_groups, groups.count);
  }
  const int bits = bits_of(layer.dec3);
  std::int64_t count = 0;
  for_each_kept(layer, groups, kept, [&](std::size_t) { ++count; });
  const std::vector<std::uint8_t> codes = take_bits(tensors, packed_name, count * bits);
  std::vector<std::int16_t> weights(static_cast<std::size_t>(layer.weights_needed()));
  std::size_t at = 0;
  for_each_kept(layer, groups, kept, [&](std::size_t index) {
    unsigned code = 0;
    for (int i = 0; i < bits; ++i, ++at) code |= static_cast<unsigned>(bit(codes, at)) << i;
    weights[index] = weight_of(code, bits);
  });
  return weights;
}

}  // namespace cimcycle
