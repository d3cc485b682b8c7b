// SPDX-License-Identifier: Apache-2.0
// The chip that describe and explain talk about, with or without a network on it.
#pragma once

#include <optional>

#include "circuits/chip_model.h"
#include "cli/arguments.h"
#include "mapping/mapping.h"
#include "network/network.h"

namespace cimcycle {

inline constexpr OptionRow network_option = {"network", "NETWORK",
                                             "lay this network out on the chip, which then has its size"};

struct ChipAndNetwork {
  Hardware hardware;
  std::optional<Network> network;
  std::optional<NetworkMapping> mapping;  ///< there if the network is
  ChipSize size;
  ChipModel chip;
};

/// Reads --hardware, --set and --network. Tiles: those of the description, else what the network needs, else one.
ChipAndNetwork chip_of(const Arguments& arguments);

}  // namespace cimcycle
