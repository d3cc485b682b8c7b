// SPDX-License-Identifier: Apache-2.0
// Ctrl-C: the first one asks the run to end at the next image, the second one ends the program at once.
#pragma once

#include <atomic>

namespace cimcycle {

/// From now on SIGINT and SIGTERM set the flag of stop_requested.
void catch_interrupts();

/// True once the user wants the run to end; what RunOptions::stop points to.
const std::atomic<bool>& stop_requested();

}  // namespace cimcycle
