// SPDX-License-Identifier: Apache-2.0
// Layer inputs recorded from one image, and the file that holds them. Format: docs/formats/datasets.md
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "network/network.h"

namespace cimcycle {

/// The input of one layer with weights.
struct RecordedInput {
  Shape shape;
  std::vector<std::int16_t> values;  ///< channel-major, shape.size() values, -128 to 255
  bool operator==(const RecordedInput&) const = default;
};

/// By the name of the layer.
using RecordedInputs = std::map<std::string, RecordedInput>;

/// The file's name in a folder.
inline constexpr std::string_view recorded_inputs_name = "inputs.safetensors";

/// The bytes of the file: a tensor "LAYER.input" [channels, height, width] per layer.
std::string recorded_inputs_file(const RecordedInputs& inputs);

/// Reads such bytes; `file` stands in messages. Throws InputError.
RecordedInputs parse_recorded_inputs(std::string bytes, const std::string& file);

}  // namespace cimcycle
