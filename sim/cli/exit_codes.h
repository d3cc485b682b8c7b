// SPDX-License-Identifier: Apache-2.0
// What the program tells the shell.
#pragma once

namespace cimcycle {

inline constexpr int exit_good = 0;
inline constexpr int exit_failed = 1;         ///< the run failed: disk full, folder not writable, or a bug of ours
inline constexpr int exit_bad_input = 2;      ///< the user's arguments or files cannot be used
inline constexpr int exit_interrupted = 130;  ///< Ctrl-C

}  // namespace cimcycle
