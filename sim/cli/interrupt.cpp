// SPDX-License-Identifier: Apache-2.0
// Ctrl-C: the first one asks the run to end, the second one ends the program at once.
#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>

#include "cli/exit_codes.h"

namespace cimcycle {
namespace {

// A signal handler can reach nothing but a global; this is the only one of the program.
std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  if (stop.exchange(true)) ::_exit(exit_interrupted);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

const std::atomic<bool>& stop_requested() { return stop; }

}  // namespace cimcycle
