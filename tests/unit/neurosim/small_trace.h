// SPDX-License-Identifier: Apache-2.0
// Traces made in code: the shapes of ResNet-20 with empty inputs, random ones, and how to compose them.
#pragma once

#include <string>
#include <vector>

#include "neurosim/composer.h"

namespace cimcycle::test {

/// ResNet-20 on 32x32 images as DNN+NeuroSim sees it (shortcuts without weights), 8-bit weights 0 and inputs 0.
NeurosimTrace empty_resnet20(int weight_bits = 8);

/// One convolution with random weights and inputs.
NeurosimTrace random_layer(int side, int channels, int kernel, int filters, unsigned seed);

/// tech/chips/neurosim-1.3-default.json with overrides.
Hardware default_chip(const std::vector<std::string>& overrides = {});

/// What compose says to this chip and trace; "no error" if it takes them.
std::string error_of(const Hardware& hardware, const NeurosimTrace& trace);

}  // namespace cimcycle::test
