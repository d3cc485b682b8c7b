// SPDX-License-Identifier: Apache-2.0
// The dataset that a command works on: what --dataset says, else what the network names.
#pragma once

#include <filesystem>
#include <string>

#include "cli/arguments.h"
#include "network/network.h"

namespace cimcycle {

/// The name for open_dataset, empty if neither names one. "trace" without a folder means the inputs recorded with the
/// network, which lie in the network's own folder.
std::string dataset_name(const Arguments& arguments, const std::filesystem::path& network_folder,
                         const Network& network);

}  // namespace cimcycle
