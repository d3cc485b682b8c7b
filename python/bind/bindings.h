// SPDX-License-Identifier: Apache-2.0
// What the files of the extension _cimcycle add to it, and the objects that pass between them.
//
// The extension is the plumbing of the package cimcycle (python/cimcycle), where names, defaults and documentation are:
// its functions take all arguments by position, and JSON as text.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/parallel.h"
#include "hardware/hardware.h"
#include "network/network.h"

namespace cimcycle::python {

/// A network and the folder that it came from (empty if it came from none).
struct NetworkHandle {
  std::shared_ptr<const Network> network;
  std::filesystem::path folder;
};

/// A chip; the package keeps what it was loaded from.
struct HardwareHandle {
  std::shared_ptr<const Hardware> hardware;
};

/// The network as if it had been saved and loaded, so that it has the hash that reports show.
NetworkHandle in_memory(const Network& network);

/// Index of the layer of this name. Throws InputError if there is none, or if it has no weights.
std::size_t layer_with_weights(const Network& network, const std::string& name);

/// A count that must be at least `least`, or absent. Throws InputError, which names it.
inline std::optional<std::int64_t> at_least(std::int64_t least, std::optional<std::int64_t> count,
                                            std::string_view name) {
  if (count && *count < least) fail_input("{} = {}: expected a whole number, {} or more", name, *count, least);
  return count;
}

/// The number of threads, or one per core. Throws InputError.
inline int threads_of(std::optional<std::int64_t> threads) {
  if (threads && (*threads < 1 || *threads > most_threads)) {
    fail_input("threads = {}: expected a whole number, 1 to {}", *threads, most_threads);
  }
  return static_cast<int>(threads.value_or(threads_of_machine()));
}

void bind_network(pybind11::module_& module);
void bind_hardware(pybind11::module_& module);
void bind_run(pybind11::module_& module);
void bind_calibrate(pybind11::module_& module);
void bind_sweep(pybind11::module_& module);
void bind_partial_sums(pybind11::module_& module);
void bind_datasets(pybind11::module_& module);

}  // namespace cimcycle::python
