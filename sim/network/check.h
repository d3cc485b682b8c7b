// SPDX-License-Identifier: Apache-2.0
// The two halves of check_network. A loader needs them apart: the structure says which tensors to read.
#pragma once

#include <string>

#include "network/network.h"

namespace cimcycle {

/// Everything but weights and digital constants: names, connections, shapes, bits, annotations. Throws InputError.
void check_structure(const Network& network, const std::string& file);

/// Weights, m, c, n, r and removed groups of a network with a good structure. Throws InputError.
void check_values(const Network& network, const std::string& file);

/// "image" or the name of the layer.
std::string source_name(const Network& network, int source);

/// "[16, 32, 32]"
std::string shape_text(const Shape& shape);

}  // namespace cimcycle
