// SPDX-License-Identifier: Apache-2.0
// A layer's weights as tensors: one byte each, or packed in hb + lb bits, without groups that hold zeros alone.
// Format: docs/formats/network.md
#pragma once

#include <map>
#include <string>

#include "network/network.h"
#include "network/safetensors.h"

namespace cimcycle {

/// The tensors of the smallest form, by their whole names. The layer's weights have been checked.
std::map<std::string, Tensor> weight_tensors(const Layer& layer);

/// The weights of a layer with a good structure, in whatever form the file holds them. Throws InputError.
std::vector<std::int16_t> read_weights(const Layer& layer, TensorFile& tensors);

}  // namespace cimcycle
