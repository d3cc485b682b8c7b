// SPDX-License-Identifier: Apache-2.0
#include "cli/dataset_name.h"

namespace cimcycle {

std::string dataset_name(const Arguments& arguments, const std::filesystem::path& network_folder,
                         const Network& network) {
  const std::string name = arguments.text("dataset").value_or(network.dataset);
  return name == "trace" ? "trace:" + network_folder.string() : name;
}

}  // namespace cimcycle
