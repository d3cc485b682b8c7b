// SPDX-License-Identifier: Apache-2.0
// A chip and layers small enough to work their cycles out by hand.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "chip/layer_time.h"

namespace small_chip {

/// OU 16 x 16, 1-bit cells and digits, 16 flash ADCs, 128 x 128 crossbars, 16 of them on a tile. All ports and links
/// take a position of up to 128 bits in one cycle, an input register 64 bits.
cimcycle::Hardware hardware();

/// A 1 x 1 convolution over `positions` positions in a row: weights (2,2), 2-bit activations in and out.
cimcycle::Layer layer(int channels, int outputs, int positions);

/// With a gate that may open, granularity ou.
cimcycle::Layer gated(cimcycle::Layer layer);

/// Every group has all its digits, every gate is open or closed.
cimcycle::LayerTrace trace(const cimcycle::Layer& layer, const cimcycle::LayerMapping& mapping, bool open);

/// busy, stalls by cause and idle of every kind of component sum up to cycles x instances.
void require_conservation(const cimcycle::LayerTime& time, const cimcycle::LayerMapping& mapping);

/// CycleCounts from its parts, for comparisons.
cimcycle::CycleCounts counts(cimcycle::Cycle busy, cimcycle::Cycle idle,
                             std::vector<std::pair<cimcycle::Stall, cimcycle::Cycle>> stalls = {});

}  // namespace small_chip

template <>
struct Catch::StringMaker<cimcycle::CycleCounts> {
  static std::string convert(const cimcycle::CycleCounts& counts) {
    std::string text = "busy " + std::to_string(counts.busy) + ", stalled";
    for (const cimcycle::Cycle cycles : counts.stalled) text += ' ' + std::to_string(cycles);
    return text + ", idle " + std::to_string(counts.idle);
  }
};
