// SPDX-License-Identifier: Apache-2.0
// Messages between the processes of one job (mpirun -n N cimcycle sweep ...).
//
// MPI is not on the program's link line: its half lives in a module beside the program (mpi/module.cpp) that is loaded
// when the environment says that mpirun started the process.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace cimcycle {

struct Messenger {
  int rank = 0;
  int size = 1;
  std::function<void(int to, const std::string& text)> send;
  /// The next message and who sent it, if one has come.
  std::function<std::optional<std::pair<int, std::string>>()> poll;
  std::function<void()> finish;  ///< call once, at the end of every process
};

/// Joins the job that this process was started in; nothing outside of one, or in a job of one process. Throws RunError
/// if the module is missing or cannot be loaded.
std::optional<Messenger> join_job();

/// Processes of the job on this machine, 1 outside of a job.
int processes_here();

}  // namespace cimcycle
