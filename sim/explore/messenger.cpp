// SPDX-License-Identifier: Apache-2.0
#include "explore/messenger.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "explore/mpi/module.h"

namespace cimcycle {
namespace {

constexpr const char* module_name = "cimcycle_mpi.so";

/// A positive number in the environment, 0 if there is none.
int number_in_environment(std::span<const char* const> names) {
  for (const char* const name : names) {
    const char* const text = std::getenv(name);
    if (text == nullptr) continue;
    const std::string_view digits(text);
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc() && end == digits.data() + digits.size() && number > 0) return number;
  }
  return 0;
}

// Open MPI, then what Hydra (MPICH, Intel MPI) sets.
constexpr std::array job_sizes = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
constexpr std::array local_sizes = {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"};

void* load_module() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path folder = program.parent_path();
  std::string reason = "not found beside the program; it is built where MPI is installed (libopenmpi-dev)";
  for (const auto& place : {folder / module_name, folder.parent_path() / "lib" / "cimcycle" / module_name}) {
    if (!std::filesystem::exists(place, error)) continue;
    // MPI's own plug-ins look for its symbols among the global ones.
    if (void* const module = ::dlopen(place.c_str(), RTLD_NOW | RTLD_GLOBAL)) return module;
    reason = printable(::dlerror());
  }
  fail_run("{}: {}; without it a sweep runs in one process", module_name, reason);
}

}  // namespace

int processes_here() { return std::max(1, number_in_environment(local_sizes)); }

std::optional<Messenger> join_job() {
  if (number_in_environment(job_sizes) < 2) return std::nullopt;
  void* const symbol = ::dlsym(load_module(), "cimcycle_mpi_start");
  CimcycleMpi mpi = {};
  if (symbol == nullptr || reinterpret_cast<int (*)(CimcycleMpi*)>(symbol)(&mpi) != 0) {
    fail_run("{}: MPI cannot be started", module_name);
  }
  Messenger messenger;
  messenger.rank = mpi.rank;
  messenger.size = mpi.size;
  messenger.send = [mpi](int to, const std::string& text) { mpi.send(to, text.data(), static_cast<int>(text.size())); };
  messenger.poll = [mpi]() -> std::optional<std::pair<int, std::string>> {
    int from = 0, count = 0;
    if (mpi.probe(&from, &count) == 0) return std::nullopt;
    std::string text(static_cast<std::size_t>(count), '\0');
    mpi.receive(from, text.data(), count);
    return std::pair(from, std::move(text));
  };
  messenger.finish = mpi.finish;
  return messenger;
}

}  // namespace cimcycle
